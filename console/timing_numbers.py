"""The numbers of a step as a form shows and reads them: an amount with its unit beside it, the present value, its past.

What is typed is read one number at a time, so that each fault stands beside its own field and everything else stays.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from policy.errors import Fault
from policy.pack_grammar import NOT_REQUIRED
from policy.pack_parse import Raw
from policy.revise import OF_A_STEP, OF_THE_PACK, Change, Field, Form, read_value, value_of
from policy.terms import Risk
from store.revisions import APPROVED, NUMBERS, Revision

UNITS: Mapping[str, str] = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "mo": "months"}
OF_ALL = "pack"  # stands in an address for the pack as a whole, which is no step
_SPAN = re.compile(r"(\d+)(s|m|h|d|mo)")
_WHOLE = re.compile(r"\s*-?\d+\s*(s|m|h|d|mo)\s*")
_UNIT = "unit"


@dataclass(frozen=True)
class Past:
    """A value that a number was given: by which revision, from when, by whom, and why."""

    value: str
    revision: int
    since: datetime
    by: str
    approved_by: str | None
    reason: str


@dataclass(frozen=True)
class Number:
    """One number of a step, what it is now, and what was typed in its place."""

    field: Field
    risk: Risk | None
    present: str
    amount: str = ""
    unit: str = "m"
    wrong: str = ""
    past: tuple[Past, ...] = ()

    @property
    def name(self) -> str:
        """Give its name in a form: `due.medium`."""
        return f"{self.field.name}.{self.risk}" if self.risk else self.field.name

    @property
    def is_span(self) -> bool:
        """Tell whether it is an amount with a unit."""
        return self.field.form is Form.SPAN

    @property
    def typed(self) -> str:
        """Give what was typed as one value, such as `7m`."""
        amount = self.amount.strip()
        if not self.is_span or amount in ("", NOT_REQUIRED) or _WHOLE.fullmatch(amount):
            return amount.replace(" ", "") if self.is_span else amount
        return f"{amount}{self.unit}"


@dataclass(frozen=True)
class Group:
    """The numbers of one sort: one for each level, or one for all."""

    field: Field
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Sheet:
    """Every number of a step; those that it has not got are `absent`, and may be given to it."""

    step: str | None
    groups: tuple[Group, ...]
    absent: tuple[Group, ...] = ()
    faults: tuple[Fault, ...] = field(default=())

    @property
    def numbers(self) -> Iterator[Number]:
        """Give every number, those that the step has first."""
        for group in (*self.groups, *self.absent):
            yield from group.numbers

    @property
    def changes(self) -> list[dict[str, object]]:
        """Give each number in whose place something else was typed."""
        changed = (number for number in self.numbers if number.typed != number.present and not number.wrong)
        values = ((number, read_value(number.field, number.typed)[0]) for number in changed)
        return [
            Change(self.step, number.field.name, number.risk, value).as_dict()
            for number, value in values
            if value != number.present
        ]

    @property
    def wrong_absent(self) -> bool:
        """Tell whether something is wrong with a number that the step has not got."""
        return any(number.wrong for group in self.absent for number in group.numbers)

    def wrong(self, faults: Sequence[Fault], changes: Sequence[Mapping[str, object]]) -> "Sheet":
        """Give the sheet with what is wrong with the changes beside their fields."""
        by_name: dict[str, str] = {}
        kept: list[Fault] = []
        for fault in faults:
            at = re.match(r"changes\.(\d+)\.", fault.field)
            change = changes[int(at[1])] if at and int(at[1]) < len(changes) else None
            about = f"{self.step}: " if self.step else ""
            said = _capital(f"{fault.message.removeprefix(about)}: {fault.remedy}")
            name = ".".join(str(change[part]) for part in ("field", "risk") if change[part]) if change else ""
            if name:
                by_name[name] = said
            kept.append(replace(fault, field=name, message=said))
        return replace(self._marked(by_name), faults=tuple(kept))

    def _marked(self, wrong: Mapping[str, str]) -> "Sheet":
        def mark(groups: Sequence[Group]) -> tuple[Group, ...]:
            return tuple(
                replace(
                    group, numbers=tuple(replace(n, wrong=wrong.get(n.name, n.wrong)) for n in group.numbers)
                )
                for group in groups
            )  # fmt: skip

        return replace(self, groups=mark(self.groups), absent=mark(self.absent))


def sheet(raw: Raw, step: str | None, known: Sequence[Revision] = ()) -> Sheet:
    """Give the numbers of a step (or of the pack) as they stand in a pack's table, each with its past."""
    groups = []
    for one in (OF_THE_PACK if step is None else OF_A_STEP).values():
        levels: Sequence[Risk | None] = tuple(Risk) if one.by_risk else (None,)
        groups.append(Group(one, tuple(_number(raw, step, one, risk) for risk in levels)))
    has = [group for group in groups if any(number.present != NOT_REQUIRED for number in group.numbers)]
    pasts = _pasts([n for group in has for n in group.numbers], step, known)
    with_past = (
        replace(group, numbers=tuple(replace(n, past=pasts.get(n.name, ())) for n in group.numbers)) for group in has
    )
    return Sheet(step, tuple(with_past), tuple(group for group in groups if group not in has))


def _number(raw: Raw, step: str | None, one: Field, risk: Risk | None) -> Number:
    present = value_of(raw, step, one, risk)
    match = _SPAN.fullmatch(present) if one.form is Form.SPAN else None
    amount, unit = (match[1], match[2]) if match else (present, "m")
    return Number(one, risk, present, amount, unit)


def filled(given: Sheet, posted: Mapping[str, str]) -> Sheet:
    """Give the sheet with what was typed into it, and what is wrong with that beside each field."""
    wrong: dict[str, str] = {}
    faults = []

    def read(number: Number) -> Number:
        amount = posted.get(number.name, number.amount)
        typed = replace(number, amount=amount, unit=posted.get(f"{number.name}.{_UNIT}", number.unit))
        if typed.typed != number.present:
            for fault in read_value(number.field, typed.typed)[1] if typed.typed else [_EMPTY]:
                said = _capital(f"{fault.message}: {fault.remedy}")
                wrong[number.name] = said
                faults.append(Fault(number.name, said, ""))
        return replace(typed, wrong=wrong.get(number.name, ""))

    groups = tuple(replace(group, numbers=tuple(map(read, group.numbers))) for group in given.groups)
    absent = tuple(replace(group, numbers=tuple(map(read, group.numbers))) for group in given.absent)
    return Sheet(given.step, groups, absent, tuple(faults))


_EMPTY = Fault("value", "nothing is written", "give a number, or - where this level does not ask for it")


def with_changes(given: Sheet, changes: Sequence[object]) -> Sheet:
    """Give the sheet with the values of changes typed into it."""
    posted: dict[str, str] = {}
    for change in changes:
        if isinstance(change, Mapping) and change.get("step") == given.step:
            name = ".".join(str(change[part]) for part in ("field", "risk") if change.get(part))
            match = _SPAN.fullmatch(str(change["value"]))
            posted[name] = match[1] if match else str(change["value"])
            if match:
                posted[f"{name}.{_UNIT}"] = match[2]
    return filled(given, posted)


def _pasts(numbers: Sequence[Number], step: str | None, known: Sequence[Revision]) -> dict[str, tuple[Past, ...]]:
    """Tell how each number came to be what it is, the newest first."""
    found: dict[str, list[Past]] = {number.name: [] for number in numbers}
    for made in known:
        if made.status != APPROVED:
            continue
        raw = tomllib.loads(made.text) if made.kind != NUMBERS else None
        for number in numbers:
            value = _value_in(made, raw, number, step)
            pasts = found[number.name]
            if value is not None and (not pasts or pasts[0].value != value):
                pasts.insert(
                    0, Past(value, made.number, made.effective_from, made.proposed_by, made.approved_by, made.reason)
                )
    return {name: tuple(pasts) for name, pasts in found.items()}


def _value_in(made: Revision, raw: Raw | None, number: Number, step: str | None) -> str | None:
    """Give what a revision made of a number; None where it left it as it was."""
    if raw is not None:
        steps = raw.get("steps")
        there = step is None or (isinstance(steps, dict) and step in steps)
        return value_of(raw, step, number.field, number.risk) if there else None
    wanted = (step, number.field.name, number.risk)
    changes = (change for change in made.changes if isinstance(change, Mapping))
    said = [c["value"] for c in changes if (c.get("step"), c.get("field"), c.get("risk")) == wanted]
    return str(said[-1]) if said else None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
