"""Webhooks: one signed POST per message (Standard Webhooks; contract section 3).

2xx is received. 408, 425, 429, 5xx, time-outs and connections that fail are tried again, not before a
`Retry-After` that came with the answer. Everything else, a redirect too, is for good: the address on the roster is
wrong and a person must know.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks import Webhook

from channels import Envelope, NotEver, NotNow, Receipt, checked

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
AGAIN = frozenset({408, 425, 429})
DOWN_AFTER = timedelta(seconds=5)  # of nothing but failures: then the provider is down, and not one telephone
FORGOTTEN_AFTER = timedelta(minutes=2)  # without a word from it: it may be up again
ANSWER_CHUNKS = 4  # an answer's body is read so that its writer need not fail, and not for ever


def client(timeout: httpx.Timeout = TIMEOUT) -> httpx.Client:
    """Give the client that one process shares among its threads: a line for each message, and nothing is followed.

    A line that is used again may still hold what a provider said too much, and that would be the next one's receipt.
    """
    return httpx.Client(
        timeout=timeout,
        follow_redirects=False,
        trust_env=False,  # no proxy, no .netrc: a message goes where the roster says or nowhere
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=0),
        headers={"user-agent": "vigil", "connection": "close"},
    )


class WebhookSender:
    """Sends envelopes by webhook; safe to use from several threads."""

    def __init__(self, secret: str, make_client: Callable[[], httpx.Client] = client) -> None:
        self._signer = Webhook(secret)
        self._make_client = make_client
        self._client: httpx.Client | None = None
        self._making = threading.Lock()
        self._failing: dict[tuple[str, int | None], tuple[datetime, datetime]] = {}  # since when, and last when

    def __call__(self, envelope: Envelope) -> Receipt:
        """Send; the same as `send`."""
        return self.send(envelope)

    def send(self, envelope: Envelope) -> Receipt:
        """Send one message and give its receipt; raise NotNow or NotEver."""
        url = _address(envelope.address)
        body = json.dumps(checked(envelope.payload), ensure_ascii=False, separators=(",", ":"))
        stamp = envelope.timestamp
        headers = {
            "content-type": "application/json",
            "webhook-id": envelope.attempt_key,
            "webhook-timestamp": str(int(stamp.timestamp())),
            "webhook-signature": self._signer.sign(envelope.attempt_key, stamp, body),
        }
        try:
            receipt = self._sent(url, body.encode(), headers, stamp)
        except NotNow as error:
            error.down = self._is_down(url, stamp)
            raise
        self._failing.pop((url.host, url.port), None)
        return receipt

    def close(self) -> None:
        """Close the connections that are kept."""
        if self._client is not None:
            self._client.close()

    def _sent(self, url: httpx.URL, body: bytes, headers: dict[str, str], stamp: datetime) -> Receipt:
        status, asked = self._post(url, body, headers)
        if 200 <= status < 300:
            return Receipt(status)
        if status in AGAIN or status >= 500:
            raise NotNow(f"http_{status}", status, _wait_s(asked, stamp))
        raise NotEver(f"http_{status}", status)

    def _is_down(self, url: httpx.URL, at: datetime) -> bool:
        """Note that a message of this instant failed; tell whether this provider has only failed for a while."""
        since, last = self._failing.get((url.host, url.port), (at, at))
        if at - last > FORGOTTEN_AFTER:
            since = at
        self._failing[url.host, url.port] = (since, max(at, last))
        return at - since >= DOWN_AFTER

    def _post(self, url: httpx.URL, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        with self._making:  # at the first send: a TLS context costs 45 ms of everybody's start
            if self._client is None:
                self._client = self._make_client()
            client_ = self._client
        try:
            with client_.stream("POST", url, content=body, headers=headers) as answer:
                with suppress(httpx.HTTPError, httpx.StreamError):  # the status is the answer, whatever follows
                    for _ in zip(range(ANSWER_CHUNKS), answer.iter_raw(), strict=False):
                        pass
                return answer.status_code, answer.headers.get("retry-after", "")
        except httpx.TimeoutException:
            raise NotNow("timeout") from None
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError):
            raise NotEver("bad_address") from None
        except httpx.HTTPError:
            raise NotNow("connection") from None


def _address(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
    except (httpx.InvalidURL, UnicodeError):
        raise NotEver("bad_address") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise NotEver("bad_address")
    return url


def _wait_s(asked: str, now: datetime) -> float | None:
    """Read a `Retry-After` (seconds, or a date of HTTP's); None when there is none that can be read."""
    asked = asked.strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        at = parsedate_to_datetime(asked)
    except (TypeError, ValueError):
        return None
    return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
