"""E-mail: one plain letter per attempt, over the SMTP server that the force names.

Only a refusal of the recipient is for good. Whatever else goes wrong is between Vigil and the server
and is tried again: a wrong password must not cost every officer their address.
"""

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from channels import Envelope, NotEver, NotNow, Payload, Receipt, checked

TIMEOUT_S: Final = 5.0  # of each word with the server: all of them together stay below a claim's minute
LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})
PORTS: Final = {"smtp": 25, "smtps": 465}
FOR_GOOD: Final = frozenset({550, 551, 552, 553, 554})  # RFC 5321: about the mailbox; 503, 530 and the like are ours
OUR_FAULT: Final = b"5.7."  # RFC 3463: what we may not do (relay, sign in), not who the recipient is
LONGEST_SUBJECT: Final = 150  # a telephone shows less; the letter has it all
_SEVEN_BIT = SMTP.clone(cte_type="7bit")  # not every server takes eight


class EmailSender:
    """Sends envelopes by e-mail through `smtp://[user:password@]host[:port]` or `smtps://`."""

    def __init__(
        self,
        url: str,
        mail_from: str,
        connect: Callable[[str], smtplib.SMTP] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Connect only when a letter is to be sent."""
        self._url = url
        self._from = mail_from
        self._connect = connect or (lambda server: open_server(server, timeout_s=timeout_s))

    def __call__(self, envelope: Envelope) -> Receipt:
        """Send one letter and give its receipt; raise NotNow or NotEver."""
        letter = _letter(envelope, self._from)
        server = self._connected()
        try:
            server.send_message(letter, self._from, [envelope.address.strip()])
        except smtplib.SMTPRecipientsRefused as refused:
            code, said = next(iter(refused.recipients.values()), (0, b""))
            for_good = code in FOR_GOOD and not said.startswith(OUR_FAULT)
            raise (NotEver if for_good else NotNow)("recipient_refused", code) from None
        except smtplib.SMTPNotSupportedError:
            raise NotEver("bad_address") from None  # letters that this server cannot write on an envelope
        except smtplib.SMTPResponseException as error:
            raise NotNow("smtp_refused", error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise NotNow("smtp_connection") from None
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        return Receipt(250)

    def _connected(self) -> smtplib.SMTP:
        try:
            return self._connect(self._url)
        except smtplib.SMTPAuthenticationError as error:
            raise NotNow("smtp_sign_in", error.smtp_code) from None
        except ssl.SSLError:
            raise NotNow("smtp_tls") from None
        except smtplib.SMTPResponseException as error:
            raise NotNow("smtp_refused", error.smtp_code) from None
        except (OSError, smtplib.SMTPException):
            raise NotNow("smtp_connection") from None


def open_server(url: str, trust: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S) -> smtplib.SMTP:
    """Connect, with TLS where the server has it; a password goes out in the clear to this machine only.

    A certificate is checked against `trust` (the machine's own when left out), except that of a server on this
    machine: nobody stands in between, and it has often made its own.
    """
    parts = urlsplit(url)
    host = parts.hostname or "127.0.0.1"
    port = parts.port or PORTS.get(parts.scheme, 25)
    context = trust or _trust(host)
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout_s, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=timeout_s)
    try:
        _make_ready(server, parts.scheme != "smtps", host, context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _make_ready(server: smtplib.SMTP, in_the_clear: bool, host: str, context: ssl.SSLContext) -> None:
    server.ehlo()
    if in_the_clear and server.has_extn("starttls"):
        server.starttls(context=context)
        server.ehlo()
    elif in_the_clear and host not in LOCAL and server.has_extn("auth"):
        raise ssl.SSLError("this server takes passwords and has no TLS")


def _trust(host: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if host in LOCAL:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _letter(envelope: Envelope, mail_from: str) -> EmailMessage:
    payload = checked(envelope.payload)
    address = envelope.address.strip()
    if "@" not in address or any(mark in address for mark in "\r\n, \0"):
        raise NotEver("bad_address")
    letter = EmailMessage(policy=_SEVEN_BIT)
    letter["From"] = mail_from
    letter["To"] = address
    letter["Subject"] = _subject(payload)
    letter["Message-ID"] = (
        f"<{quote(envelope.attempt_key.replace('/', '.'), safe='.')}@vigil>"  # a repeat is seen as one
    )
    letter["Auto-Submitted"] = "auto-generated"  # no holiday replies, please
    letter.set_content("\n".join(_lines(payload)))
    return letter


def _subject(payload: Payload) -> str:
    """Put what is asked on one line: a line break in a header would begin another one."""
    subject = " ".join(f"{payload['case'] or 'Vigil'}: {payload['ask']}".split())
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 3].rstrip()}..."


def _lines(payload: Payload) -> list[str]:
    lines = [*payload["ask"].split("; "), ""]
    if payload["case"]:
        risk = (payload["risk"] or "not set").replace("_", " ")
        area = payload["area"] or "unknown"
        lines.append(f"Case {payload['case']}, risk {risk}, age {payload['age_band']}, area {area}")
    lines.append(f"You are told as {payload['to']['label']} ({payload['to']['person']}).")
    if payload["due_at"]:
        lines.append(f"Due at {payload['due_at']}.")
    if payload["link"]:
        lines += ["", "Answer here; opening the page does nothing until you press a button:", payload["link"]]
    return lines
