"""The e-mail channel: only a refused recipient is for good; nothing is said that the contract does not allow."""

import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from channels import Envelope, NotEver, NotNow, Receipt
from channels.email import EmailSender
from tests.channels.test_webhook import KEY, payload

SENT_AT = datetime(2026, 1, 10, 19, tzinfo=UTC)


class Server(smtplib.SMTP):
    """A mail server that does what it is told and keeps what it got."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.got: list[EmailMessage] = []
        self.left = False

    def send_message(self, msg, from_addr=None, to_addrs=None, mail_options=(), rcpt_options=()):  # type: ignore[no-untyped-def]  # smtplib's own
        self.got.append(msg)
        if self.error:
            raise self.error
        return {}

    def quit(self) -> tuple[int, bytes]:
        self.left = True
        return 221, b""


def send(server: Server, address: str = "insp-a@force.test") -> Receipt:
    """Send one message through this server."""
    sender = EmailSender("smtp://mail.test", "vigil@force.test", lambda _url: server)
    return sender(Envelope(KEY, address, payload(), SENT_AT))


def test_a_message_says_what_is_asked_and_where_to_answer() -> None:
    """Reference, risk, age band, area, deadline and link: no more than a webhook gets."""
    server = Server()
    assert send(server) == Receipt(250)
    (letter,) = server.got
    assert letter["To"] == "insp-a@force.test"
    assert letter["Subject"] == "MP-2026-000001: Acknowledge that you have this case"
    assert letter["Message-ID"] == f"<{KEY.replace('/', '.')}@vigil>"
    text = letter.get_content()
    for words in ("risk medium, age 13-15, area stoke", "LOI (insp-a)", "2026-01-10T19:10:00Z", "/a/eyJ"):
        assert words in text
    assert server.left


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no such person")}), NotEver, 550),
        (smtplib.SMTPRecipientsRefused({"x": (451, b"greylisted")}), NotNow, 451),
        (smtplib.SMTPSenderRefused(550, b"not you", "vigil"), NotNow, 550),
        (smtplib.SMTPDataError(554, b"no"), NotNow, 554),
        (smtplib.SMTPServerDisconnected("gone"), NotNow, None),
        (TimeoutError("slow"), NotNow, None),
    ],
)
def test_only_a_refused_recipient_is_for_good(
    error: Exception, kind: type[NotNow | NotEver], status: int | None
) -> None:
    """A fault of the server's or of ours must not cost an officer their address."""
    server = Server(error)
    with pytest.raises((NotNow, NotEver)) as failed:
        send(server)
    assert isinstance(failed.value, kind)
    assert failed.value.status_code == status
    assert server.left


@pytest.mark.parametrize("address", ["insp-a", "a@b.test, c@d.test", "a@b.test\nBcc: c@d.test", ""])
def test_a_bad_address_is_for_good_and_reaches_nobody(address: str) -> None:
    """Neither a second recipient nor a header can be smuggled in by the roster."""
    server = Server()
    with pytest.raises(NotEver, match="bad_address"):
        send(server, address)
    assert server.got == []


def test_a_server_that_is_not_there_is_tried_again() -> None:
    """The network may be back in a moment."""

    def refuse(_url: str) -> smtplib.SMTP:
        raise ConnectionRefusedError

    sender = EmailSender("smtp://mail.test", "vigil@force.test", refuse)
    with pytest.raises(NotNow, match="smtp_connection"):
        sender(Envelope(KEY, "a@b.test", payload(), SENT_AT))
