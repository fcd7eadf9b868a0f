"""How a line of the journal and the same line told again differ, in words: ids and instants, no free text."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from models.columns import canonical, plain
from store.replay import CHANGED

UNSAID = frozenset({"evidence", "reason", "why"})  # what people wrote themselves is compared, and not shown
MOST = 5  # differences told of one line or one decision: the first ones say what is wrong

Line = tuple[str, str, str, Mapping[str, object]]  # kind, instant, by, body


def differences(journal: Sequence[Line], retold: Sequence[Line]) -> list[str]:
    """Say how the lines of one decision differ, the first few of them."""
    here, there = ([canonical(line) for line in lines] for lines in (journal, retold))
    told: list[str] = []
    for what, a, b, c, d in SequenceMatcher(a=here, b=there, autojunk=False).get_opcodes():
        if what != "equal":
            told += _between(journal[a:b], retold[c:d])
    return told[:MOST]


def _between(journal: Sequence[Line], retold: Sequence[Line]) -> Iterator[str]:
    pairs = list(zip(journal, retold, strict=False))
    for one, other in pairs:
        if one[0] == other[0]:
            yield f"{_about(one)}: {_fields(one, other)}"
        else:
            yield f"the journal says {_about(one)}, told again it is {_about(other)}"
    yield from (f"the journal alone says {_about(line)}" for line in journal[len(pairs) :])
    yield from (f"told again there is also {_about(line)}" for line in retold[len(pairs) :])


def _about(line: Line) -> str:
    kind, _, _, body = line
    words = [
        str(body[name]) for name in ("step", "occurrence", "rung", "key", "fact", "chosen", "to") if body.get(name)
    ]
    return " ".join([kind.replace("_", " "), *words])


def _fields(one: Line, other: Line) -> str:
    was, now = _flat(one), _flat(other)
    found = [
        f"{name} differs"
        if name.split(" ")[-1] in UNSAID
        else f"{name} {_said(was, name)}, told again {_said(now, name)}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name) != now.get(name)
    ]
    return "; ".join(found[:MOST]) or "written otherwise"


def _said(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return "nothing" if value is None else str(value)


def _flat(line: Line) -> dict[str, object]:
    """Give what a line says by name; of a change each column of the case and of each step."""
    kind, at, by, body = line
    said: dict[str, object] = {"at": at, "by": by}
    if kind != CHANGED:
        return said | {name: plain(value) for name, value in body.items()}
    for name, columns in (("case", body.get("case")), *_steps(body.get("steps"))):
        if isinstance(columns, Mapping):
            said |= {f"{name} {column}": plain(value) for column, value in columns.items()}
    return said | {"gone": plain(body.get("gone"))}


def _steps(steps: object) -> Iterator[tuple[str, object]]:
    for step in steps if isinstance(steps, list) else ():
        yield f"{step['key']} {step['occurrence']}", step
