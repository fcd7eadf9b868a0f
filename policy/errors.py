"""The one tree of errors. What a caller needs to know is what to do next.

VigilError
├── Refused      a rule says no: who may, what is missing (HTTP 409)
│   ├── UsedLink     the answer was already given, or its time is over (410)
│   └── Stale        somebody changed it meanwhile (409)
├── Invalid      the input has faults, all listed (422)
├── Unreadable   the input is not even of its format (400)
├── TooLarge     the input is over its limit (413)
├── Unknown      there is no such thing (404)
├── Unauthorised who are you? (401)
├── Forbidden    not for you (403)
├── Busy         try again in a moment (429)
├── Transient    the world failed: try again
├── Permanent    the world said no: a person is needed
└── Broken       we have broken a promise of our own
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault of an input: which field, what is wrong with its value, what to do about it."""

    field: str
    message: str
    remedy: str

    def as_dict(self) -> dict[str, str]:
        """Give the fault as the API answers it."""
        return {"field": self.field, "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True)
class Missing:
    """One thing that a rule asks for and has not got, and why it asks."""

    what: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """Give what is missing as the API answers it."""
        return {"what": self.what, "why": self.why}


class VigilError(Exception):
    """The root: everything that Vigil raises on purpose. Its text holds ids, never names."""


class Refused(VigilError):
    """A rule says no; nothing was written. Says which rule, what is missing and who may."""

    def __init__(self, detail: str, *, rule: str, missing: Sequence[Missing] = (), who_may: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.rule = rule
        self.missing = tuple(missing)
        self.who_may = who_may


class UsedLink(Refused):
    """The link was answered already, or what it asked for is over."""


class Stale(Refused):
    """Somebody else changed the thing meanwhile; `current` is the version that stands."""

    def __init__(self, detail: str, *, current: int) -> None:
        super().__init__(detail, rule="stale")
        self.current = current


class Invalid(VigilError):
    """The input has faults; every one is listed and nothing was written."""

    def __init__(self, detail: str, faults: Sequence[Fault]) -> None:
        super().__init__(f"{detail}: " + "; ".join(f"{f.field}: {f.message}" for f in faults))
        self.detail = detail
        self.faults = tuple(faults)


class Unreadable(VigilError):
    """The input is not of the format that it should be; nothing was written."""


class TooLarge(VigilError):
    """The input is larger than its limit; nothing was written."""


class Unknown(VigilError):
    """There is no such case, step, person or pack."""


class Unauthorised(VigilError):
    """No token, no session, or one that is not ours."""


class Forbidden(VigilError):
    """Known, but this is not theirs to do or to see; `faults` say what would open it."""

    def __init__(self, detail: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class Busy(VigilError):
    """Somebody else holds it at this moment; try again after `retry_after_s` seconds."""

    def __init__(self, detail: str, *, retry_after_s: int = 1) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Transient(VigilError):
    """The world did not answer, or asked for patience: trying again may help."""


class Permanent(VigilError):
    """The world refused for good: trying again cannot help, a person must know."""


class Broken(VigilError):
    """Vigil broke a promise of its own; this rings an alarm."""
