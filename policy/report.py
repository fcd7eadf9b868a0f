"""Reading a record: a record that names a person is never refused for a fault in the rest (contract section 4).

A bad field is left empty and listed as a defect; only a record without source, source id or any trace of the
person raises Invalid.
"""

import math
import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from policy.errors import Fault, Invalid
from policy.implied_flags import implied
from policy.record_terms import FIELDS, MAX_AGE, RISK_WORDS, AgeBand, CallType, Earlier, Flag, ReporterKind
from policy.spans import SKEW, read_instant
from policy.terms import Risk

MAX_TEXT = 20_000  # characters kept of any one text
MAX_GIVEN = 200  # characters kept of a value that could not be taken
SHORT = reprlib.Repr()  # shows the outer levels only: a value nested a thousand deep must not end us
SHORT.maxstring = SHORT.maxother = MAX_GIVEN
NOT_AN_INSTANT = ("is not an instant with its offset", "write it as 2026-01-10T19:00:00Z")
UNKNOWN_FIELD = "is not a field that Vigil knows; it is kept with the record"

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Defect:
    """One field that could not be taken as given; `given` is kept for whoever corrects the record."""

    field: str
    given: object
    message: str
    remedy: str

    def as_dict(self) -> dict[str, object]:
        """Give the defect as the API answers it."""
        return {"field": self.field, "given": self.given, "message": self.message, "remedy": self.remedy}


@dataclass(frozen=True)
class Report:
    """What the procedure needs of a record; the record itself is kept beside it, as given."""

    source: str
    source_id: str
    serial: str | None
    reported_at: datetime
    recorded_at: datetime
    area: str | None
    risk: Risk | None
    tagged_to: str | None
    age_band: AgeBand
    flags: frozenset[str]
    call_type: CallType
    reporter_kind: ReporterKind
    example: bool = False
    defects: tuple[Defect, ...] = ()
    earlier: Earlier | None = None  # what the store knows beside the record: it is a re-report of this case

    @property
    def defective(self) -> bool:
        """Tell whether a person must correct the record; an unknown field alone asks for nobody."""
        return any(defect.message != UNKNOWN_FIELD for defect in self.defects)


def read_report(raw: object, received_at: datetime, areas: Iterable[str]) -> Report:
    """Read a record received at `received_at`; raise Invalid only when it cannot be a case at all."""
    if not isinstance(raw, Mapping):
        remedy = "send one JSON object with source, source_id and person"
        raise Invalid("the report is not a record", [Fault("body", "is not an object", remedy)])
    reader = _Reader(raw)
    source, source_id = reader.text("source"), reader.text("source_id")
    _refuse_without_identity(source, source_id, raw)
    recorded_at = reader.instant("recorded_at", received_at) or received_at
    reported_at = reader.instant("reported_at", received_at) or recorded_at
    return Report(
        source=source or "",
        source_id=source_id or "",
        serial=reader.text("serial"),
        reported_at=reported_at,
        recorded_at=recorded_at,
        area=reader.area(frozenset(areas)),
        risk=reader.risk(),
        tagged_to=reader.text("tagged_to"),
        age_band=reader.age_band(reported_at.date()),
        flags=reader.flags() | implied(raw),
        call_type=reader.word("call_type", CallType, CallType.MISSING),
        reporter_kind=reader.word("reporter.kind", ReporterKind, ReporterKind.OTHER),
        example=raw.get("example") is True,
        defects=(*reader.defects, *reader.read_the_rest()),
    )


def _refuse_without_identity(source: str | None, source_id: str | None, raw: Mapping[str, object]) -> None:
    faults = [
        Fault(name, "is missing", f"give the {name} by which the sending system knows the record")
        for name, value in (("source", source), ("source_id", source_id))
        if not value
    ]
    if not names_a_person(raw.get("person")):
        remedy = "give at least one of person.name, aliases, person_ref, date_of_birth, age"
        faults.append(Fault("person", "holds no trace of a person", remedy))
    if faults:
        raise Invalid("the report cannot become a case", faults)


def names_a_person(person: object) -> bool:
    """Tell whether there is any trace of a person to look for: a word or a number, however it is wrapped."""
    waiting = [person]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif _says_something(value):
            return True
    return False


def _says_something(value: object) -> bool:
    return (
        bool(value.strip())
        if isinstance(value, str)
        else isinstance(value, (int, float)) and not isinstance(value, bool)
    )


class _Reader:
    """Reads one record field by field and notes what it could not take."""

    def __init__(self, raw: Mapping[str, object]) -> None:
        self._raw = raw
        self.defects: list[Defect] = []

    def given(self, path: str) -> object:
        """Give the value at a dotted path, None when it is not there."""
        head, _, rest = path.partition(".")
        value = self._raw.get(head)
        if not rest:
            return value
        return value.get(rest) if isinstance(value, Mapping) else None

    def _defect(self, path: str, message: str, remedy: str) -> None:
        self.defects.append(Defect(path, _kept(self.given(path)), message, remedy))

    def text(self, path: str) -> str | None:
        """Read a text; a number is taken as its digits."""
        value = self.given(path)
        if value in (None, ""):
            return None
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            self._defect(path, "is not a text", "write it as a text")
            return None
        text = str(value).strip()
        if len(text) > MAX_TEXT:
            self._defect(path, f"is longer than {MAX_TEXT} characters", "shorten it; the first part was used")
        return text[:MAX_TEXT] or None

    def instant(self, path: str, received_at: datetime) -> datetime | None:
        """Read an instant with its offset; one in the future counts as received now."""
        text = self.text(path)
        if text is None:
            return None
        at = read_instant(text)
        if at is None:
            self._defect(path, *NOT_AN_INSTANT)
        elif at > received_at:
            if at - received_at > SKEW:
                self._defect(path, "lies in the future; it counts as received now", "check the sending clock")
            return received_at
        return at

    def area(self, areas: frozenset[str]) -> str | None:
        """Read the policing area; one that the pack does not know goes to the Force Incident Manager."""
        text = self.text("area")
        if text in areas:
            return text
        message = "is missing" if text is None else "is not an area of this force"
        self._defect(
            "area", f"{message}; the Force Incident Manager is told", "use one of: " + ", ".join(sorted(areas))
        )
        return None

    def risk(self) -> Risk | None:
        """Read the level under any of its names; a wrong one counts as not set."""
        text = self.text("risk")
        if text is None:
            return None
        level = RISK_WORDS.get(" ".join(text.lower().replace("-", " ").replace("_", " ").split()))
        if level is None:
            self._defect("risk", "is not a level; the risk counts as not set", "use one of: " + ", ".join(Risk))
        return level

    def word(self, path: str, words: type[Word], default: Word) -> Word:
        """Read one word of a closed list, or the default with a defect."""
        text = self.text(path)
        if text is None:
            return default
        try:
            return words(text)
        except ValueError:
            self._defect(path, "is not a word of the list", "use one of: " + ", ".join(words))
            return default

    def flags(self) -> frozenset[str]:
        """Read the flags; unknown ones are kept and have no effect."""
        value = self.given("flags")
        if isinstance(value, str):
            value = [part for part in value.replace(";", ",").split(",") if part.strip()]
        if value is None:
            return frozenset()
        words = [flag for flag in value if isinstance(flag, str)] if isinstance(value, list) else []
        if words != value:
            self._defect(
                "flags", "is not a list of words; those that are words count", f"write [{str(Flag.NO_PHONE)!r}]"
            )
        return frozenset(flag.strip() for flag in words if flag.strip())

    def age_band(self, on: date) -> AgeBand:
        """Read the age band on the day of the report; what cannot be read is unknown, and so a child."""
        born, age = self._born(on), self._age()
        if born is not None:
            age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        if age is None:
            return AgeBand.UNKNOWN
        return AgeBand.of(age)

    def _born(self, on: date) -> date | None:
        text = self.text("person.date_of_birth")
        if text is None:
            return None
        try:
            born = date.fromisoformat(text[:10])
        except ValueError:
            born = None
        if born is None or born > on or on.year - born.year > MAX_AGE:
            self._defect("person.date_of_birth", "is not a date of birth", "write it as 2012-05-01")
            return None
        return born

    def _age(self) -> int | None:
        value = self.given("person.age")
        if value in (None, ""):
            return None
        try:
            age = int(str(value))
        except ValueError:
            age = -1
        if isinstance(value, bool) or not 0 <= age <= MAX_AGE:
            self._defect("person.age", "is not an age in years", "write a whole number, such as 13")
            return None
        return age

    def read_the_rest(self) -> list[Defect]:
        """Check what only people read, and list the fields that Vigil does not know."""
        found = len(self.defects)
        checks: tuple[tuple[str, Callable[[str], object]], ...] = (
            *(("person.name", self.text), ("person.person_ref", self.text), ("circumstances", self.text)),
            *(("risk_rationale", self.text), ("reporter.name", self.text), ("reporter.phone", self.text)),
            *(("last_seen.place", self.text), ("last_seen.at", self._any_instant), ("person.aliases", self._texts)),
        )
        for part in ("person", "last_seen", "reporter"):
            if not isinstance(self._raw.get(part), (Mapping, type(None))):
                self._defect(part, "is not an object", "write its fields by name")
        for path, check in checks:
            check(path)
        for part, known in FIELDS.items():
            holder = self._raw if not part else self._raw.get(part)
            for name in holder if isinstance(holder, Mapping) else ():
                if name not in known:
                    path = f"{part}.{name}" if part else str(name)
                    self._defect(path, UNKNOWN_FIELD, "nothing need be done")
        return self.defects[found:]

    def _any_instant(self, path: str) -> None:
        text = self.text(path)
        if text is not None and read_instant(text) is None:
            self._defect(path, *NOT_AN_INSTANT)

    def _texts(self, path: str) -> None:
        value = self.given(path)
        if value is not None and not (isinstance(value, list) and all(isinstance(text, str) for text in value)):
            self._defect(path, "is not a list of texts", "write a list, such as [] where there is none")


def _kept(given: object) -> object:
    """Keep a value for whoever corrects the record, as far as it can be written down again."""
    if isinstance(given, str):
        return given[:MAX_GIVEN]
    if isinstance(given, float) and not math.isfinite(given):
        return None
    return given if isinstance(given, (int, float, type(None))) else SHORT.repr(given)[:MAX_GIVEN]
