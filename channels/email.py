"""E-mail: one plain message per attempt, over the SMTP server that the force names.

Only a refusal of the recipient is for good. Whatever else goes wrong is between Vigil and the server
and is tried again: a wrong password must not cost every officer their address.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from channels import Envelope, NotEver, NotNow, Payload, Receipt, checked

TIMEOUT_S = 10.0
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
PORTS = {"smtp": 25, "smtps": 465}


class EmailSender:
    """Sends envelopes by e-mail through `smtp://[user:password@]host[:port]` or `smtps://`."""

    def __init__(self, url: str, mail_from: str, connect: Callable[[str], smtplib.SMTP] | None = None) -> None:
        self._url = url
        self._from = mail_from
        self._connect = connect or _connect

    def __call__(self, envelope: Envelope) -> Receipt:
        """Send one message and give its receipt; raise NotNow or NotEver."""
        message = _letter(envelope, self._from)
        try:
            server = self._connect(self._url)
        except (OSError, smtplib.SMTPException):
            raise NotNow("smtp_connection") from None
        try:
            server.send_message(message, self._from, [envelope.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()), (0, b""))[0]
            raise (NotEver if code >= 500 else NotNow)("recipient_refused", code) from None
        except smtplib.SMTPResponseException as error:
            raise NotNow("smtp_refused", error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise NotNow("smtp_connection") from None
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        return Receipt(250)


def _connect(url: str) -> smtplib.SMTP:
    """Connect, with TLS where the server has it; the password never goes out in the clear."""
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    port = parts.port or PORTS.get(parts.scheme, 25)
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        server.ehlo()
        if host not in LOCAL and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server


def _letter(envelope: Envelope, mail_from: str) -> EmailMessage:
    payload = checked(envelope.payload)
    address = envelope.address.strip()
    if "@" not in address or any(mark in address for mark in "\r\n, "):
        raise NotEver("bad_address")
    letter = EmailMessage()
    letter["From"] = mail_from
    letter["To"] = address
    letter["Subject"] = f"{payload['case'] or 'Vigil'}: {payload['ask']}"
    letter["Message-ID"] = f"<{envelope.attempt_key.replace('/', '.')}@vigil>"  # a repeat is seen as one
    letter["Auto-Submitted"] = "auto-generated"  # no holiday replies, please
    letter.set_content("\n".join(_lines(payload)))
    return letter


def _lines(payload: Payload) -> list[str]:
    risk = (payload["risk"] or "not set").replace("_", " ")
    lines = [
        payload["ask"],
        "",
        f"Case {payload['case']}, risk {risk}, age {payload['age_band']}, area {payload['area'] or 'unknown'}",
        f"You are asked as {payload['to']['label']} ({payload['to']['person']}).",
    ]
    if payload["due_at"]:
        lines.append(f"Due at {payload['due_at']}.")
    if payload["link"]:
        lines += ["", "Answer here; opening the page does nothing until you press a button:", payload["link"]]
    return lines
