"""How far the reading of a source has come: a mark that passes no row that could not be taken."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from policy.errors import Broken
from runtime.source_rows import Mark, Read

HELD = timedelta(days=7)  # a refused row holds the mark so long: by then its alarm was heard and the row mended


@dataclass(frozen=True)
class Progress:
    """The mark, what at or above it has been dealt with, and what was refused when (real time).

    Rows are asked for from the mark on, itself included: a row that comes later under the same mark is read, one
    that was dealt with is known by the digest of what it says.
    """

    begun: bool = False
    mark: Mark | None = None
    done: frozenset[str] = frozenset()
    refused: Mapping[str, datetime] = field(default_factory=dict)

    def new(self, rows: Sequence[Read]) -> list[Read]:
        """Give the rows that nobody has dealt with yet, each once."""
        fresh = {r.digest: r for r in rows if r.digest not in self.done and r.digest not in self.refused}
        return [r for r in fresh.values() if self.mark is None or r.mark is None or not _below(r.mark, self.mark)]

    def after(
        self, rows: Sequence[Read], later: Collection[str], refused: Collection[str], wall: datetime
    ) -> "Progress":
        """Give the progress once all `rows` were dealt with but for those to be tried `later`.

        What was refused or is to be tried again holds the mark: mended under whatever mark, it is read again.
        """
        known = {digest: at for digest, at in self.refused.items() if wall - at < HELD} | dict.fromkeys(refused, wall)
        held = {*later, *known}
        marks = [r.mark for r in rows if r.mark is not None and r.digest in held]
        floor = _least(marks) if marks else _most([r.mark for r in rows if r.mark is not None], self.mark)
        if self.mark is not None and floor is not None and _below(floor, self.mark):
            floor = self.mark
        still = (r for r in rows if r.mark is None or floor is None or not _below(r.mark, floor))
        return Progress(True, floor, frozenset(r.digest for r in still if r.digest not in held), known)

    def as_dict(self) -> dict[str, object]:
        """Give the progress as it is kept."""
        return {
            "begun": self.begun,
            "mark": None if self.mark is None else _kept(self.mark),
            "done": sorted(self.done),
            "refused": {digest: at.isoformat() for digest, at in self.refused.items()},
        }


def progress_of(kept: Mapping[str, object]) -> Progress:
    """Read a progress that was kept; what was never kept has not begun."""
    mark, done, refused = kept.get("mark"), kept.get("done"), kept.get("refused")
    return Progress(
        begun=kept.get("begun") is True,
        mark=_mark_of(mark) if isinstance(mark, list) else None,
        done=frozenset(str(digest) for digest in done) if isinstance(done, list) else frozenset(),
        refused={d: datetime.fromisoformat(at) for d, at in refused.items()} if isinstance(refused, dict) else {},
    )


def _kept(mark: Mark) -> list[object]:
    if isinstance(mark, datetime):
        return ["datetime", mark.isoformat()]
    if isinstance(mark, date):
        return ["date", mark.isoformat()]
    return ["decimal", str(mark)] if isinstance(mark, Decimal) else ["plain", mark]


def _mark_of(kept: list[object]) -> Mark:
    kind, value = kept
    if kind == "datetime":
        return datetime.fromisoformat(str(value))
    if kind == "date":
        return date.fromisoformat(str(value))
    if kind == "decimal":
        return Decimal(str(value))
    assert isinstance(value, str | int | float)
    return value


def _below(mark: Mark, other: Mark) -> bool:
    """Compare two marks; raise Broken when a column holds what has no order."""
    try:
        return bool(mark < other)  # type: ignore[operator]  # marks of one column are of one type, or TypeError says so
    except TypeError:
        raise Broken("the marks of a source are of several types; name a column that has an order") from None


def _least(marks: Sequence[Mark]) -> Mark:
    least = marks[0]
    for mark in marks[1:]:
        least = mark if _below(mark, least) else least
    return least


def _most(marks: Sequence[Mark], before: Mark | None) -> Mark | None:
    most = before
    for mark in marks:
        most = mark if most is None or _below(most, mark) else most
    return most
