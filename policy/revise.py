"""Editing a pack's numbers: which may be edited, how a change is read, and the pack as it reads with it.

A pack is edited as the table that its file is (`policy.pack_parse.read_raw`); what comes of it is read by the same
grammar as a file, so that an edit can do nothing that a pack may not say (design section 4, domain 8.1).
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from policy.errors import Fault, Invalid
from policy.pack_grammar import NOT_REQUIRED
from policy.pack_parse import Raw
from policy.spans import Span
from policy.terms import Risk


class Form(StrEnum):
    """In what form a number is written."""

    SPAN = "span"  # 10m
    SPANS = "spans"  # 28d 3mo 6mo
    PERCENTS = "percents"  # 50 80
    CLOCK = "clock"  # 08:30


@dataclass(frozen=True)
class Field:
    """One sort of number that may be edited; `by_risk` has one for each level."""

    name: str
    title: str
    form: Form = Form.SPAN
    by_risk: bool = False
    may_be_none: bool = False  # `-` takes it out


OF_A_STEP: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field("due", "Deadline", by_risk=True, may_be_none=True),
        Field("every", "Comes again every", by_risk=True, may_be_none=True),
        Field("first", "First deadline of the series", may_be_none=True),
        Field("series", "Fixed instants of the series", Form.SPANS),
        Field("then_every", "After the series, every", may_be_none=True),
        Field("opens_before", "Opens before its deadline by", may_be_none=True),
        Field("send", "First message within"),
        Field("retry", "Reminder every", by_risk=True, may_be_none=True),
        Field("rung_every", "Next rung of the ladder after", by_risk=True, may_be_none=True),
        Field("warn_at", "Warnings, per cent of the time to the deadline", Form.PERCENTS),
        Field("at_local", "Held at (local time)", Form.CLOCK),
    )
}
# Of the pack as a whole: a change of these names no step.
OF_THE_PACK: Final[Mapping[str, Field]] = {
    field.name: field
    for field in (
        Field("inactive.within", "Next review of an inactive case within", by_risk=True),
        Field("inactive.senior_after", "Inactive longer than this takes a senior rank"),
        Field("warn_at", "Warnings where a step names none, per cent of the time", Form.PERCENTS),
    )
}
_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
_LONGEST = Span.parse("120mo")  # no deadline of the procedure lies further off


@dataclass(frozen=True)
class Change:
    """One edited number; `step` is None for one of the pack as a whole, `risk` for one that is not by level."""

    step: str | None
    field: str
    risk: Risk | None
    value: str

    def as_dict(self) -> dict[str, object]:
        """Give the change as the API writes it."""
        return {"step": self.step, "field": self.field, "risk": self.risk, "value": self.value}

    @property
    def name(self) -> str:
        """Name the number: `notify_local_supervisor.due.medium`."""
        return ".".join(part for part in (self.step, self.field, self.risk) if part)


def read_changes(given: object, raw: Raw) -> tuple[Change, ...]:
    """Read changes to the pack `raw`, one for each level; raise Invalid with every fault by `changes.<n>.<field>`."""
    if not isinstance(given, list) or not given:
        remedy = 'give a list such as [{"step": "...", "field": "due", "risk": "medium", "value": "7m"}]'
        raise Invalid("the revision has faults", [Fault("changes", "is empty or no list", remedy)])
    found: dict[str, Change] = {}
    faults: list[Fault] = []
    for number, one in enumerate(given):
        read, wrong = _read(one, raw)
        faults += [Fault(f"changes.{number}.{fault.field}", fault.message, fault.remedy) for fault in wrong]
        for change in read:
            if change.name in found:
                faults.append(Fault(f"changes.{number}", f"{change.name} is changed twice", "change it once"))
            found[change.name] = change
    if faults:
        raise Invalid("the revision has faults", faults)
    return tuple(found.values())


def _read(given: object, raw: Raw) -> tuple[list[Change], list[Fault]]:
    if not isinstance(given, Mapping):
        return [], [Fault("", "is no change", "give step, field, risk and value")]
    strangers = [name for name in given if name not in ("step", "field", "risk", "value")]
    faults = [Fault(str(name), "is not known", "give step, field, risk and value") for name in strangers]
    step, name, risk = given.get("step") or None, str(given.get("field") or ""), given.get("risk") or None
    known = OF_THE_PACK if step is None else OF_A_STEP
    if step is not None and step not in _steps(raw):
        faults.append(Fault("step", f"there is no step {step!r}", _near(str(step), _steps(raw))))
    field = known.get(name)
    if field is None:
        return [], [*faults, Fault("field", f"{name!r} is no number that may be edited", _near(name, known))]
    if risk is not None and risk not in list(Risk):
        faults.append(Fault("risk", f"{risk!r} is no level", "use one of: " + ", ".join(Risk)))
    if risk is not None and not field.by_risk:
        faults.append(Fault("risk", f"{name} is the same for every level", "leave risk out"))
    value, wrong = read_value(field, given.get("value"))
    faults += wrong
    if faults:
        return [], faults
    where = None if step is None else str(step)
    if not field.by_risk:
        return [Change(where, name, None, value)], []
    return [Change(where, name, level, value) for level in ([Risk(str(risk))] if risk else Risk)], []


def read_value(field: Field, given: object) -> tuple[str, list[Fault]]:
    """Read one number in its form, as it is written everywhere; with what is wrong about it, as faults of `value`."""
    text = " ".join(str(one) for one in given) if isinstance(given, list) else str("" if given is None else given)
    text = text.strip()
    if field.may_be_none and text == NOT_REQUIRED:
        return NOT_REQUIRED, []
    try:
        return _READ[field.form](text), []
    except ValueError as error:
        message, _, remedy = str(error).partition("; ")
        return "", [Fault("value", message, remedy or "write it as the present value is written")]


def _span(text: str) -> str:
    if re.match(r"^-\d", text):
        raise ValueError(f"{text!r} lies before its beginning; write a whole number above 0 and s, m, h, d or mo")
    if text.isdigit():
        raise ValueError(f"{text!r} has no unit; write {text}s, {text}m, {text}h, {text}d or {text}mo")
    span = Span.parse(text)
    if span > _LONGEST:
        raise ValueError(f"{text!r} is longer than ten years; write a time that somebody will live to see")
    return str(span)


def _spans(text: str) -> str:
    spans = [Span.parse(_span(one)) for one in text.replace(",", " ").split()]
    if not spans or any(after <= before for before, after in pairwise(spans)):
        raise ValueError(f"{text!r} is no series; write spans that grow, such as 28d 3mo 6mo")
    return " ".join(str(span) for span in spans)


def _percents(text: str) -> str:
    numbers = text.replace(",", " ").replace("%", " ").split()
    if not all(number.isdigit() and 1 <= int(number) <= 99 for number in numbers):
        raise ValueError(f"{text!r} are no percentages; write whole numbers from 1 to 99, or nothing for no warning")
    return " ".join(str(number) for number in sorted({int(number) for number in numbers}))


def _clock(text: str) -> str:
    if not _CLOCK.match(text):
        raise ValueError(f"{text!r} is no time of day; write it as 08:30")
    return text


_READ = {Form.SPAN: _span, Form.SPANS: _spans, Form.PERCENTS: _percents, Form.CLOCK: _clock}


def _near(word: str, known: Iterable[str]) -> str:
    words = sorted(known)
    near = difflib.get_close_matches(word, words, 1)
    return f"did you mean {near[0]}?" if near else "use one of: " + ", ".join(words)


def _steps(raw: Raw) -> Mapping[str, Raw]:
    steps = raw.get("steps")
    return steps if isinstance(steps, dict) else {}


# --- what stands, and what is to stand


def value_of(raw: Raw, step: str | None, field: Field, risk: Risk | None) -> str:
    """Give a number as it stands in a pack; `-` where it has none."""
    held = _place(raw, step, field.name)[0].get(field.name.rpartition(".")[2])
    if field.by_risk and isinstance(held, Mapping):
        held = held.get(str(risk))
    if isinstance(held, list):
        return " ".join(str(one) for one in held)
    return NOT_REQUIRED if held is None else str(held)


def apply(raw: Raw, changes: Sequence[Change]) -> Raw:
    """Give the pack's table with the changes in it; whether it is sound the grammar says (`policy.pack_parse.build`).

    A time that a source had given is the force's own once it is edited, and says so.
    """
    edited = deepcopy(raw)
    for change in changes:
        field = (OF_THE_PACK if change.step is None else OF_A_STEP)[change.field]
        table, name = _place(edited, change.step, change.field)
        if field.by_risk and change.risk is not None:
            levels = {str(risk): value_of(edited, change.step, field, risk) for risk in Risk}
            levels[str(change.risk)] = change.value
            _put(table, name, levels if set(levels.values()) != {NOT_REQUIRED} else None)
        elif change.value == NOT_REQUIRED:
            _put(table, name, None)
        else:
            _put(table, name, _written(field, change.value))
        if change.step is not None:
            _no_longer_sourced(_steps(edited)[change.step])
    return edited


def _written(field: Field, value: str) -> object:
    if field.form is Form.SPANS:
        return value.split()
    return [int(one) for one in value.split()] if field.form is Form.PERCENTS else value


def _place(raw: Raw, step: str | None, name: str) -> tuple[Raw, str]:
    """Give the table in which a number stands, and its name there."""
    if step is not None:
        return _steps(raw)[step], name
    head, _, last = name.rpartition(".")
    if not head:
        return raw, name
    table = raw.setdefault(head, {})
    assert isinstance(table, dict)
    return table, last


def _put(table: Raw, name: str, value: object) -> None:
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value


def _no_longer_sourced(step: Raw) -> None:
    basis = step.get("basis")
    if isinstance(basis, dict) and str(basis.get("time", "")).startswith("SOURCED"):
        step["basis"] = {**basis, "time": f"CHOSEN (was {basis['time']})"}
