"""What differs between two packs: edited numbers as changes, everything else in words for whoever approves it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy.pack_parse import Raw
from policy.revise import OF_A_STEP, OF_THE_PACK, Change, value_of
from policy.terms import Risk

_LEVELS: tuple[Risk | None, ...] = tuple(Risk)


@dataclass(frozen=True)
class Other:
    """Something that is no edited number: where it stands, what it was and what it is (None: not there)."""

    where: str
    before: object
    after: object


@dataclass(frozen=True)
class Difference:
    """All that differs; empty when the two packs say the same."""

    changes: tuple[Change, ...]
    others: tuple[Other, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.others)


def difference(old: Raw, new: Raw) -> Difference:
    """Compare two packs' tables; a number written for all levels at once is the same as written for each."""
    changes, others = list(_numbers(old, new, None)), list(_rest(old, new, "", {"steps"}))
    was, now = _table(old.get("steps")), _table(new.get("steps"))
    for key in dict.fromkeys([*was, *now]):
        if key not in was or key not in now:
            others.append(Other(f"steps.{key}", was.get(key), now.get(key)))
            continue
        changes += _numbers(old, new, key)
        others += _rest(_table(was[key]), _table(now[key]), f"steps.{key}.", set(OF_A_STEP))
    return Difference(tuple(changes), tuple(other for other in others if not _of_the_pack(other.where)))


def _numbers(old: Raw, new: Raw, step: str | None) -> Iterator[Change]:
    for field in (OF_THE_PACK if step is None else OF_A_STEP).values():
        for risk in _LEVELS if field.by_risk else (None,):
            after = value_of(new, step, field, risk)
            if value_of(old, step, field, risk) != after:
                yield Change(step, field.name, risk, after)


def _rest(old: Mapping[str, object], new: Mapping[str, object], where: str, without: set[str]) -> Iterator[Other]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if name in without or before == after or _follows_from_a_number(where, name):
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _rest(before, after, f"{where}{name}.", set())
        else:
            yield Other(f"{where}{name}", before, after)


def _follows_from_a_number(where: str, name: str) -> bool:
    """Leave out what follows from an edited number by itself: that its time is the force's own now."""
    return where.startswith("steps.") and where.endswith(".basis.") and name == "time"


def _of_the_pack(where: str) -> bool:
    return any(where == name or where.startswith(f"{name}.") for name in OF_THE_PACK)


def _table(value: object) -> Raw:
    return value if isinstance(value, dict) else {}
