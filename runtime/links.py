"""The links by which a person answers from a message: signed, for one person and one attempt, for a time.

A token holds the attempt key (case, step, roster id) and an expiry, nothing personal. Whether an answer was
already given is the store's business; here a link is only genuine, expired or forged.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadData, URLSafeSerializer

from policy.errors import Forbidden, UsedLink
from runtime.clock import Clock

_SALT = "vigil.link.1"


@dataclass(frozen=True)
class Link:
    """What a genuine link stands for."""

    attempt_key: str
    person: str


class Links:
    """Makes and reads links with one home's secret; the expiry goes by the procedure's clock."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._signer = URLSafeSerializer(secret, salt=_SALT)
        self._clock = clock

    def make(self, attempt_key: str, person: str, expires_at: datetime) -> str:
        """Give the token of a link; it is safe in an address."""
        token = self._signer.dumps([attempt_key, person, int(expires_at.timestamp())])
        return str(token)

    def read(self, token: str) -> Link:
        """Give what the link stands for; raise Forbidden when it is forged, UsedLink when its time is over."""
        try:
            attempt_key, person, expires = self._signer.loads(token)
            expires_at = datetime.fromtimestamp(expires, UTC)
        except (BadData, ValueError, TypeError, OverflowError):
            raise Forbidden("this link is not one of ours, or was changed on its way") from None
        if expires_at <= self._clock.now():
            raise UsedLink(
                f"the time of this link ended at {expires_at:%Y-%m-%dT%H:%M}Z; sign in and answer in the inbox",
                rule="link_expired",
            )
        return Link(str(attempt_key), str(person))
