"""The webhook channel: what the provider answers decides between received, again and never."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from channels import Envelope, NotEver, NotNow, Payload, Receipt
from channels.webhook import WebhookSender, client
from policy.errors import Broken, Permanent, Transient

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = "MP-2026-000001/notify_local_supervisor/1/0/0/insp-a/webhook"
SENT_AT = datetime(2026, 1, 10, 19, tzinfo=UTC)


def payload() -> Payload:
    """The contract's example."""
    return {
        "type": "notify",
        "case": "MP-2026-000001",
        "to": {"person": "insp-a", "role": "duty_inspector", "label": "LOI"},
        "step": "notify_local_supervisor",
        "rung": 0,
        "reminder": 0,
        "risk": "medium",
        "age_band": "13-15",
        "area": "stoke",
        "ask": "Acknowledge that you have this case",
        "due_at": "2026-01-10T19:10:00Z",
        "sent_at": "2026-01-10T19:00:00Z",
        "link": "http://127.0.0.1:8600/a/eyJ",
    }


def envelope(address: str = "http://phone.test/hook") -> Envelope:
    """One message."""
    return Envelope(KEY, address, payload(), SENT_AT)


class Provider:
    """A provider that answers as told and keeps what it got."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer = answer
        self.got: list[httpx.Request] = []
        self.clients = 0

    def client(self) -> httpx.Client:
        """A client whose only way out is this provider."""
        self.clients += 1
        return httpx.Client(transport=httpx.MockTransport(self._serve), follow_redirects=False)

    def _serve(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.got.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def send(answer: httpx.Response | Exception, address: str = "http://phone.test/hook") -> Receipt:
    """Send one message to a provider that answers so."""
    return WebhookSender(SECRET, Provider(answer).client).send(envelope(address))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_two_hundreds_are_received(status: int) -> None:
    """Any 2xx counts: what the provider writes with it does not."""
    assert send(httpx.Response(status)) == Receipt(status)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_provider_in_trouble_is_tried_again(status: int) -> None:
    """Trouble of the provider's own is Transient, and its words never get into ours."""
    with pytest.raises(Transient) as failed:
        send(httpx.Response(status, text="the person's own words"))
    assert isinstance(failed.value, NotNow)
    assert (failed.value.code, failed.value.status_code) == (f"http_{status}", status)
    assert "words" not in str(failed.value)


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("Sat, 10 Jan 2026 19:00:30 GMT", 30.0),
        ("Sat, 10 Jan 2026 18:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("\u0667", None),
        ("", None),
        ("9" * 4000, 999_999_999.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_provider_may_ask_for_time(status: int, asked: str, wait_s: float | None) -> None:
    """`Retry-After` is read as seconds or as a date; what cannot be read is as if it were not there."""
    with pytest.raises(NotNow) as failed:
        send(httpx.Response(status, headers=[(b"retry-after", asked.encode())]))
    assert failed.value.retry_after_s == wait_s


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 403, 404, 410, 422])
def test_a_refusal_and_a_redirect_are_for_good(status: int) -> None:
    """A redirect could carry a message to somebody who is not on the roster."""
    provider = Provider(httpx.Response(status, headers={"location": "http://elsewhere.test/"}))
    with pytest.raises(Permanent) as failed:
        WebhookSender(SECRET, provider.client).send(envelope())
    assert isinstance(failed.value, NotEver)
    assert failed.value.status_code == status
    assert len(provider.got) == 1, "a redirect is never followed"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx.ConnectTimeout("x"), "timeout"),
        (httpx.ReadTimeout("x"), "timeout"),
        (httpx.PoolTimeout("x"), "timeout"),
        (httpx.ConnectError("x"), "connection"),
        (httpx.ReadError("x"), "connection"),
        (httpx.RemoteProtocolError("x"), "connection"),
    ],
)
def test_a_connection_that_fails_is_tried_again(error: Exception, code: str) -> None:
    """No answer is no refusal: the network may be back in a moment."""
    with pytest.raises(NotNow) as failed:
        send(error)
    assert (failed.value.code, failed.value.status_code) == (code, None)


@pytest.mark.parametrize(
    "address", ["", "not an address", "ftp://phone.test/", "http://", "http://h:port/", "mailto:a@b.test"]
)
def test_a_bad_address_is_for_good_and_is_not_shown(address: str) -> None:
    """Trying again cannot mend the roster; the address is personal data."""
    with pytest.raises(NotEver) as failed:
        send(httpx.Response(200), address)
    assert str(failed.value) == "bad_address"


def test_a_receiver_can_check_what_it_got() -> None:
    """Headers and signature are those of Standard Webhooks, the body the contract's in its order."""
    provider = Provider(httpx.Response(200))
    WebhookSender(SECRET, provider.client)(envelope())
    (request,) = provider.got
    assert request.method == "POST"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == KEY
    assert request.headers["webhook-timestamp"] == str(int(SENT_AT.timestamp()))
    signed = Webhook(SECRET).sign(KEY, SENT_AT, request.content.decode())
    assert request.headers["webhook-signature"] == signed
    assert json.loads(request.content) == payload()
    assert list(json.loads(request.content)) == list(payload())


def test_a_message_holds_the_contracts_keys_and_no_others() -> None:
    """Nothing is sent that somebody added by mistake, such as a name."""
    provider = Provider(httpx.Response(200))
    sender = WebhookSender(SECRET, provider.client)
    more = {**payload(), "name": "Anna Example"}
    with pytest.raises(Broken, match="name") as broken:
        sender.send(Envelope(KEY, "http://phone.test/", more, SENT_AT))  # type: ignore[arg-type]  # the point
    assert "Anna" not in str(broken.value)
    less = payload()
    del less["link"]  # type: ignore[misc]  # the point
    with pytest.raises(Broken, match="link"):
        sender.send(Envelope(KEY, "http://phone.test/", less, SENT_AT))
    assert provider.got == []


def test_one_client_serves_the_whole_process() -> None:
    """Its TLS context is made once, and not before the first message."""
    provider = Provider(httpx.Response(200))
    sender = WebhookSender(SECRET, provider.client)
    assert provider.clients == 0, "no client before the first message"
    sender.send(envelope())
    sender.send(envelope())
    assert provider.clients == 1
    sender.close()


def test_a_long_answer_does_not_hold_the_sender() -> None:
    """A receiver that never ends its answer has still answered."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1024

    assert send(httpx.Response(200, content=endless())) == Receipt(200)


def test_an_answer_that_breaks_off_after_its_status_was_an_answer() -> None:
    """Once the status is 2xx the message is received; sending again would tell twice."""

    def broken() -> Iterator[bytes]:
        yield b"x"
        raise httpx.ReadError("gone")

    assert send(httpx.Response(202, content=broken())) == Receipt(202)


def test_the_real_client_waits_briefly_and_goes_nowhere_else() -> None:
    """Five seconds in all, two to connect, no proxy and no redirect."""
    with client() as real:
        assert (real.timeout.connect, real.timeout.read) == (2.0, 5.0)
        assert not real.follow_redirects
        assert not real.trust_env
