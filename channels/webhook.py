"""Webhooks: one signed POST per message (Standard Webhooks; contract section 3).

2xx is received. 408, 425, 429, 5xx, time-outs and connections that fail are tried again, not before a
`Retry-After` that came with the answer. Everything else, a redirect too, is for good: the address on the roster is
wrong and a person must know.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from standardwebhooks import Webhook

from channels import Envelope, NotEver, NotNow, Receipt, checked

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
AGAIN = frozenset({408, 425, 429})
ANSWER_CHUNKS = 4  # an answer's body is read only to keep the connection, and not for ever


def client() -> httpx.Client:
    """Give the client that one process shares among its threads: it keeps connections and follows nothing."""
    return httpx.Client(
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,  # no proxy, no .netrc: a message goes where the roster says or nowhere
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=60),
        headers={"user-agent": "vigil"},
    )


class WebhookSender:
    """Sends envelopes by webhook; safe to use from several threads."""

    def __init__(self, secret: str, make_client: Callable[[], httpx.Client] = client) -> None:
        self._signer = Webhook(secret)
        self._make_client = make_client
        self._client: httpx.Client | None = None
        self._making = threading.Lock()

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
        status, asked = self._post(url, body.encode(), headers)
        if 200 <= status < 300:
            return Receipt(status)
        if status in AGAIN or status >= 500:
            raise NotNow(f"http_{status}", status, _wait_s(asked, stamp))
        raise NotEver(f"http_{status}", status)

    def close(self) -> None:
        """Close the connections that are kept."""
        if self._client is not None:
            self._client.close()

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
