"""What the force's sign-in service says of itself: where it answers, and with which keys it signs."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from runtime.oidc_setting import is_safe

ANSWER_S = 5.0  # a person waits for it
FRESH = timedelta(hours=1)  # so long is believed what it says of itself; a key that it withdrew is ours no longer
PAUSE = timedelta(seconds=10)  # after a silence: a service that is down is not asked by everybody in turn
KEYS_PAUSE = timedelta(seconds=10)  # between two looks for a key that is not known

log = structlog.get_logger(__name__)


class NoSignInError(Exception):
    """Nobody was signed in: `words` are for the person, `cause` for the log, and it is never a value of a token."""

    def __init__(self, words: str, cause: str, status: int = 403) -> None:
        super().__init__(cause)
        self.words = words
        self.cause = cause
        self.status = status


def silent(cause: str) -> NoSignInError:
    """Give the refusal for a service that does not answer, or not as it should."""
    return NoSignInError("Your force's sign-in service does not answer as it should at this moment.", cause, 503)


@dataclass(frozen=True)
class _Known:
    about: Mapping[str, Any]
    keys: KeySet
    at: datetime


class Service:
    """One provider, by its issuer; asked when needed, remembered for an hour, safe to use from several threads."""

    def __init__(self, issuer: str, wall: Callable[[], datetime]) -> None:
        """Ask nothing yet."""
        self._issuer = issuer
        self._wall = wall
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._silent_at: datetime | None = None

    @property
    def issuer(self) -> str:
        """Give the issuer as its tokens name it."""
        return str(self._now_known().about["issuer"])

    def says(self, name: str) -> Any:
        """Give one entry of its discovery document, None when it has none."""
        return self._now_known().about.get(name)

    def address(self, name: str) -> str | None:
        """Give one of its addresses; raise NoSignInError when it is not one to which a secret may go."""
        found = self.says(name)
        if found is not None and not is_safe(str(found)):
            raise silent(f"{name}_not_https")
        return None if found is None else str(found)

    def needed(self, name: str) -> str:
        """Give an address without which nobody signs in."""
        found = self.address(name)
        if found is None:
            raise silent(f"{name}_missing")
        return found

    def keys(self, *, anew: bool = False) -> KeySet:
        """Give the keys with which it signs; `anew` when a token names one that is not among them."""
        known = self._now_known()
        if anew and self._wall() - known.at >= KEYS_PAUSE:
            known = self._read(known)
        return known.keys

    def _now_known(self) -> _Known:
        known = self._known
        return known if known is not None and self._wall() - known.at < FRESH else self._read(known)

    def _read(self, before: _Known | None) -> _Known:
        """Read its discovery document and its keys; one thread does, the others wait and take what it found."""
        if not self._lock.acquire(timeout=2 * ANSWER_S):
            raise silent("others_wait")
        try:
            if self._known is not None and self._known is not before:
                return self._known
            if self._silent_at is not None and self._wall() - self._silent_at < PAUSE:
                raise silent("still_silent")
            self._known, self._silent_at = self._found(), None
            return self._known
        finally:
            self._lock.release()

    def _found(self) -> _Known:
        try:
            return self._asked()
        except NoSignInError as error:
            self._silent_at = self._wall()
            log.warning("oidc_silent", reason=error.cause)
            raise

    def _asked(self) -> _Known:
        about = _json_of(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if str(about.get("issuer", "")).rstrip("/") != self._issuer.rstrip("/"):
            raise silent("issuer_is_another")
        address = str(about.get("jwks_uri", ""))
        if not is_safe(address):
            raise silent("jwks_uri_not_https")
        try:
            keys = KeySet.import_key_set(_json_of(address))  # type: ignore[arg-type] # what is wrong with it raises
        except (JoseError, ValueError, KeyError, TypeError):
            raise silent("keys_unreadable") from None
        return _Known(about, keys, self._wall())


def _json_of(address: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, timeout=ANSWER_S).raise_for_status().json()
    except httpx.HTTPError as error:
        raise silent(type(error).__name__) from None
    except ValueError:
        raise silent("no_json") from None
    if not isinstance(answer, dict):
        raise silent("no_json_object")
    return answer
