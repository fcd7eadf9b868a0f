"""The journal replayed: each change of a case leaves in it what changed, and all of them together are the case.

What somebody wrote as evidence stands in the line of their fact and is not written twice: a step that took it over
says only that it did (`said`). So there is one place where free text stands, and the changes stay small.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Column

from models import CaseRow, StepRow
from models.columns import Table, UtcDateTime, Words, plain, storable
from policy.case import Case, Step
from policy.errors import Broken
from policy.intents import Entry
from policy.record_terms import AgeBand
from store.case_rows import Values, case_of, case_values, step_columns

CHANGED = "changed"  # the journal's word for these lines; people read the others
FACT = "fact"
_DERIVED = frozenset({"urgency", "overdue"})  # the database's, computed anew from the case at each save
_NOWHERE = -1  # the position of a step that was not there
_StepId = tuple[str, int]


class Line(Protocol):
    """What is read of a journal line."""

    @property
    def case(self) -> str | None:
        """Give the case's reference."""
        ...

    @property
    def kind(self) -> str:
        """Give what sort of line it is."""
        ...

    @property
    def body(self) -> Mapping[str, object]:
        """Give what it says."""
        ...


def change(before: Case | None, after: Case, entries: Iterable[Entry], *, version: int, at: datetime) -> Entry | None:
    """Give the line that says what changed, None when nothing did; `before` is None for a case's beginning.

    `entries` are the other lines of the same transaction: what a fact among them says is not said again.
    """
    told = [entry.body.get("evidence") for entry in entries if entry.kind == FACT]
    was = before or _blank(after.ref)
    columns = _differing(case_values(was), case_values(after))
    steps = _changed_steps(was, after, plain(told[-1]) if told else None)
    there = {step.id for step in after.steps}
    gone = [list(step.id) for step in was.steps if step.id not in there]
    if not (columns or steps or gone):
        return None
    body: dict[str, object] = {"version": version, "whole": before is None, "case": columns, "steps": steps}
    return Entry(CHANGED, at, body | ({"gone": gone} if gone else {}))


def replay(lines: Iterable[Line]) -> Case:
    """Give the case that the lines of one case, in their order, leave; other kinds of line change nothing.

    Raises Broken when the lines do not hold the case's beginning.
    """
    ref: str | None = None
    case: Values = {}
    steps: dict[_StepId, Values] = {}
    said: object = None
    for line in lines:
        if line.kind == FACT:
            said = line.body.get("evidence")
        if line.kind != CHANGED:
            continue
        if line.body["whole"]:
            ref, steps = line.case, {}
            case = {name: value for name, value in case_values(_blank("")).items() if name not in _DERIVED}
        if ref is None:
            raise Broken(f"the journal does not hold the beginning of {line.case}")
        case |= _mapping(line.body["case"])
        _take_steps(steps, line.body, said)
    if ref is None:
        raise Broken("the journal holds no case that could be replayed")
    return _case(ref, case, steps)


def _blank(ref: str) -> Case:
    return Case(ref, "", 0, None, AgeBand.UNKNOWN)


def _differing(was: Values, now: Values) -> Values:
    return {name: value for name, value in now.items() if name not in _DERIVED and was[name] != value}


def _changed_steps(before: Case, after: Case, said: object) -> list[Values]:
    """Give key, occurrence and the columns that differ, of each step that is not what and where it was."""
    old = {step.id: (position, step) for position, step in enumerate(before.steps)}
    found: list[Values] = []
    for position, step in enumerate(after.steps):
        place, was = old.get(step.id, (_NOWHERE, Step(step.key, step.occurrence)))
        if place == position and was == step:
            continue
        columns = _differing(step_columns(was, place), step_columns(step, position))
        if said and "evidence" in columns and columns["evidence"] == _merged(was.evidence, said):
            columns["evidence"] = "said"
        if columns:
            found.append({"key": step.key, "occurrence": step.occurrence, **columns})
    return found


def _take_steps(steps: dict[_StepId, Values], body: Mapping[str, object], said: object) -> None:
    for changed in _list(body["steps"]):
        columns = dict(_mapping(changed))
        key, occurrence = str(columns.pop("key")), columns.pop("occurrence")
        assert isinstance(occurrence, int)
        step = steps.setdefault((key, occurrence), step_columns(Step(key, occurrence), _NOWHERE))
        if columns.get("evidence") == "said":
            columns["evidence"] = _merged(step["evidence"], said)
        step |= columns
    for gone in _list(body.get("gone", [])):
        name, number = _list(gone)
        assert isinstance(number, int)
        del steps[str(name), number]


def _merged(evidence: object, said: object) -> object:
    """Take over what a fact said, as completing a step does."""
    return {**_mapping(plain(evidence)), **_mapping(said)}


def _case(ref: str, case: Values, steps: Mapping[_StepId, Values]) -> Case:
    row = CaseRow(ref=ref, **_typed("case_record", case))
    rows = [
        StepRow(case_ref=ref, key=key, occurrence=occurrence, **_typed("step", columns))
        for (key, occurrence), columns in steps.items()
    ]
    return case_of(row, sorted(rows, key=lambda step: step.position))


def _typed(table: str, columns: Values) -> dict[str, Any]:
    types = Table.metadata.tables[table].columns
    return {name: _as_stored(types[name], value) for name, value in columns.items()}


def _as_stored(column: Column[object], value: object) -> object:
    """Give a value as the column would give it back: the journal holds text where the column has an instant."""
    if isinstance(column.type, UtcDateTime) and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(column.type, Words) and isinstance(value, str):
        return storable(value)
    return value


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
