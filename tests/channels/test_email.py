"""The e-mail channel against a real mail server: what it answers decides between received, again and never."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels import Envelope, NotEver, NotNow, Payload, Receipt
from channels.email import EmailSender, open_server
from tests.channels.test_webhook import KEY, payload
from tests.support.mail import PASSWORD, Mail, open_mail

SENT_AT = datetime(2026, 1, 10, 19, tzinfo=UTC)
SIGN_IN = f"vigil:{PASSWORD.replace(' ', '%20').replace('/', '%2F')}@"
TO = "insp-a@force.test"


@pytest.fixture
def mail() -> Iterator[Mail]:
    """A server that takes everything until it is told otherwise."""
    with open_mail() as opened:
        yield opened


def send(url: str, address: str = TO, key: str = KEY, said: Payload | None = None) -> Receipt:
    """Send one letter."""
    return EmailSender(url, "Vigil <vigil@force.test>")(Envelope(key, address, said or payload(), SENT_AT))


def test_a_letter_says_what_is_asked_and_where_to_answer(mail: Mail) -> None:
    """Reference, risk, age band, area, deadline and link: no more than a webhook gets."""
    assert send(mail.url()) == Receipt(250)
    (letter,) = mail.letters
    assert mail.recipients == [[TO]]
    assert (letter["To"], letter["From"]) == (TO, "Vigil <vigil@force.test>")
    assert letter["Subject"] == "MP-2026-000001: Acknowledge that you have this case"
    assert letter["Message-ID"].strip() == f"<{KEY.replace('/', '.')}@vigil>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content()
    for words in ("risk medium, age 13-15, area stoke", "LOI (insp-a)", "2026-01-10T19:10:00Z", payload()["link"]):
        assert str(words) in text


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 no such mailbox", NotEver),
        ("553 mailbox name not allowed", NotEver),
        ("552 5.2.2 mailbox full", NotEver),
        ("451 4.7.1 greylisted, come again", NotNow),
        ("421 too busy", NotNow),
        ("554 5.7.1 relay access denied", NotNow),
        ("530 5.7.0 authentication required", NotNow),
    ],
)
def test_only_a_refused_recipient_is_for_good(mail: Mail, answer: str, kind: type[NotNow | NotEver]) -> None:
    """A relay that does not know us must not cost an officer their address."""
    mail.to_recipient = answer
    with pytest.raises((NotNow, NotEver)) as failed:
        send(mail.url())
    assert type(failed.value) is kind
    assert (failed.value.code, failed.value.status_code) == ("recipient_refused", int(answer[:3]))
    assert mail.letters == []


@pytest.mark.parametrize("answer", ["554 5.6.0 looks like spam", "451 try later"])
def test_a_letter_that_is_not_taken_is_tried_again(mail: Mail, answer: str) -> None:
    """The server's opinion of the letter says nothing of the address; its words never get into ours."""
    mail.to_data = answer
    with pytest.raises(NotNow, match="smtp_refused") as failed:
        send(mail.url())
    assert failed.value.status_code == int(answer[:3])
    assert "spam" not in str(failed.value)


@pytest.mark.parametrize("command", ["EHLO", "RCPT", "DATA"])
def test_a_server_that_hangs_up_is_tried_again(mail: Mail, command: str) -> None:
    """Wherever the line goes dead, the letter was not taken, and the next one goes through."""
    mail.hangs_up = command
    with pytest.raises(NotNow, match="smtp_connection"):
        send(mail.url())
    mail.hangs_up = ""
    assert send(mail.url()) == Receipt(250)
    assert len(mail.letters) == 1


def test_a_server_that_is_not_there_is_tried_again() -> None:
    """The network may be back in a moment."""
    with open_mail() as gone:
        url = gone.url()
    with pytest.raises(NotNow, match="smtp_connection"):
        send(url)


def test_by_starttls_with_a_password(tmp_path: Path) -> None:
    """Where the server has TLS it is used, and the password goes through it."""
    with open_mail(tmp_path, passwords=True) as mail:
        assert send(mail.url(SIGN_IN)) == Receipt(250)
        assert (mail.signed_in, mail.encrypted) == (["vigil"], [True])


def test_by_tls_from_the_first_byte(tmp_path: Path) -> None:
    """`smtps://` never speaks in the clear."""
    with open_mail(tmp_path, at_once=True) as mail:
        assert send(mail.url(scheme="smtps")) == Receipt(250)
        assert mail.encrypted == [True]


def test_a_wrong_password_is_tried_again(tmp_path: Path) -> None:
    """Somebody will mend the setting; nobody's address is at fault."""
    with open_mail(tmp_path, passwords=True) as mail:
        with pytest.raises(NotNow, match="smtp_sign_in") as failed:
            send(mail.url("vigil:wrong@"))
        assert failed.value.status_code == 535
        with pytest.raises(NotNow) as unknown:
            send(mail.url())
        assert unknown.value.status_code == 530
        assert mail.letters == []


def test_a_certificate_that_nobody_vouches_for_is_no_server_of_ours(tmp_path: Path) -> None:
    """Somebody between us and the relay could read the link; only a server on this machine is believed."""
    with open_mail(tmp_path) as mail:
        strict = ssl.create_default_context()
        sender = EmailSender(mail.url(), "vigil@force.test", lambda url: open_server(url, strict))
        with pytest.raises(NotNow, match="smtp_tls"):
            sender(Envelope(KEY, TO, payload(), SENT_AT))
        assert mail.letters == []


def test_long_and_foreign_words_arrive_whole(mail: Mail) -> None:
    """The letter holds every word, over a line that takes seven bits; the subject is as long as a phone shows."""
    ask = "Llongyfarchiadau \u2013 cadarnhewch fod yr achos gennych \u00e2 chi; " + "x" * 3000
    send(mail.url(), said={**payload(), "ask": ask})
    (letter,) = mail.letters
    assert mail.raw[0].isascii()
    assert max(len(line) for line in mail.raw[0].splitlines()) < 998
    assert letter["Subject"].startswith("MP-2026-000001: Llongyfarchiadau \u2013 cadarnhewch")
    assert len(letter["Subject"]) == 150
    assert "x" * 3000 in letter.get_content()
    assert "gennych \u00e2 chi" in letter.get_content()
    assert payload()["link"] in letter.get_content()


def test_nothing_that_is_said_becomes_a_header(mail: Mail) -> None:
    """A pack's words with line breaks in them stay words."""
    send(mail.url(), said={**payload(), "ask": "Look\r\nBcc: c@d.test\n\nat this"})
    (letter,) = mail.letters
    assert mail.recipients == [[TO]]
    assert letter["Bcc"] is None
    assert letter["Subject"] == "MP-2026-000001: Look Bcc: c@d.test at this"


def test_a_strange_collar_number_makes_a_sound_message_id(mail: Mail) -> None:
    """A repeat under one attempt key is known as one by its id, whoever it is for."""
    key = f"MP-2026-000001/alarm:notify_local_supervisor:{'1a2b' * 10}/1/0/0/O\u2019Hara <7>/email"
    send(mail.url(), key=key)
    send(mail.url(), key=key)
    first, again = (letter["Message-ID"].strip() for letter in mail.letters)
    assert first == again
    assert first.startswith("<MP-2026-000001.alarm%3A")
    assert first.endswith(".email@vigil>")
    assert " " not in first


@pytest.mark.parametrize("address", ["insp-a", "a@b.test, c@d.test", "a@b.test\nBcc: c@d.test", "a\0@b.test", ""])
def test_a_bad_address_is_for_good_and_reaches_nobody(mail: Mail, address: str) -> None:
    """Neither a second recipient nor a header can be smuggled in by the roster."""
    with pytest.raises(NotEver, match="bad_address"):
        send(mail.url(), address)
    assert mail.letters == []


def test_an_address_that_the_server_cannot_write_is_for_good(mail: Mail) -> None:
    """Trying again cannot teach an old server new letters; a person must know."""
    with pytest.raises(NotEver, match="bad_address"):
        send(mail.url(), "o\u2019hara@force.test")
    assert mail.letters == []
