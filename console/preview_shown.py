"""What a preview shows: the deadlines of open cases that would move, and the figures of past ones, old beside new."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast
from urllib.parse import quote

from markupsafe import Markup

from console.plots import Bar, bars, hours
from policy.pack import Pack
from policy.revise_diff import Other
from policy.terms import Role
from runtime import preview
from runtime.app import App
from runtime.preview_live import Move
from runtime.readings import Json
from store.previews import Preview
from store.revisions import LIVE

SHOWN = 100  # moved deadlines in the table
Body = Mapping[str, object]


@dataclass(frozen=True)
class Live:
    """What would happen to the cases that are open now."""

    moves: Sequence[Move]
    applies: bool  # to open cases at all
    steps: set[str]  # that the change touches
    others: Sequence[Other]  # what it changes besides numbers

    @property
    def shown(self) -> Sequence[Move]:
        """Give the first of them."""
        return self.moves[:SHOWN]

    @property
    def cases(self) -> int:
        """Count the cases of which a deadline would move."""
        return len({move.case for move in self.moves})

    @property
    def at_once(self) -> int:
        """Count the deadlines that would be due at once."""
        return sum(move.due_now for move in self.moves)

    @property
    def further(self) -> bool:
        """Tell whether steps move that the change does not touch: what it builds on reaches these cases with it."""
        return any(move.step not in self.steps for move in self.moves)

    @property
    def told(self) -> list[str]:
        """Name who would be told at once."""
        return sorted({person for move in self.moves for person, _ in move.told})


def live_of(app: App, pack: str, given: Json) -> Live:
    """Work out what a change would do to the cases that are open now; raises what a proposal of it would."""
    edit, moves = preview.live_now(app, pack, given)
    steps = {change.step for change in edit.changes if change.step}
    steps |= {other.where.split(".")[1] for other in edit.others if other.where.startswith("steps.")}
    return Live(moves, given.get("applies_to") == LIVE, steps, edit.others)


@dataclass(frozen=True)
class Figure:
    """One figure, and some of the cases that it counts under the old numbers and the new."""

    title: str
    old: int
    new: int
    kept: Mapping[str, Sequence[str]]

    def cases(self, side: str) -> Sequence[str]:
        """Give the cases of one side."""
        return self.kept.get("old" if side == "old" else "new", ())


@dataclass(frozen=True)
class Chart:
    """A group of figures: its plot, and the same as a table."""

    key: str
    title: str
    what: str  # the heading of the table's first column
    old: int
    new: int
    bars: tuple[Bar, ...]
    upright: bool = False

    @cached_property
    def svg(self) -> Markup:
        """Draw it."""
        return bars(self.key, self.title, self.bars, upright=self.upright)

    @property
    def differs(self) -> bool:
        """Tell whether any figure differs."""
        return any(bar.old != bar.new for bar in self.bars)


@dataclass(frozen=True)
class Past:
    """What came of past cases under both; their figures by name, such as `breaches/notify_local_supervisor`."""

    key: str
    pack: Pack
    body: Body

    @property
    def count(self) -> int:
        """Count the cases that were played."""
        return _number(self.body, "cases")

    @property
    def simulated(self) -> bool:
        """Tell whether the cases never were."""
        return bool(self.body.get("simulated"))

    @property
    def differing(self) -> int:
        """Count the cases of which anything comes out otherwise."""
        return _number(_body(self.body, "differing"), "count")

    def charts(self) -> Iterator[Chart]:
        """Give every plot."""
        yield self._chart("escalations", "Escalations: rungs climbed", "Step")
        yield self._chart("breaches", "Breaches: deadlines that passed without their act", "Step")
        yield self._chart("messages", "Messages by role", "Role")
        yield self._by_hour()
        yield self._chart("woken", "Messages at night, between 23:00 and 07:00", "Role")

    def figure(self, name: str) -> Figure | None:
        """Give one figure by its name, None when there is none."""
        if name == "differing":
            refs = [str(ref) for ref in _list(_body(self.body, name).get("cases"))]
            return Figure("Cases of which anything comes out otherwise", self.differing, self.differing, {"new": refs})
        group, _, one = name.partition("/")
        body = _names(_body(self.body, group)).get(one)
        if body is None:
            return None
        chart = next((chart for chart in self.charts() if chart.key == group), None)
        kept = {side: [str(ref) for ref in _list(refs)] for side, refs in _body(body, "cases").items()}
        title = f"{chart.title if chart else group}: {self._label(one)}"
        return Figure(title, _number(body, "old"), _number(body, "new"), kept)

    def _chart(self, group: str, title: str, what: str) -> Chart:
        body = _body(self.body, group)
        shown = tuple(
            Bar(
                self._label(name), _number(one, "old"), _number(one, "new"),
                self._cases(group, name, "old"), self._cases(group, name, "new"),
            )
            for name, one in _names(body).items()
        )  # fmt: skip
        return Chart(group, title, what, _number(body, "old"), _number(body, "new"), shown)

    def _by_hour(self) -> Chart:
        body = _body(self.body, "messages")
        sides: dict[str, list[int]] = {"old": [0] * 24, "new": [0] * 24}
        for one in _names(body).values():
            for side, counts in _body(one, "hours").items():
                sides[side] = [a + int(str(b)) for a, b in zip(sides[side], _list(counts), strict=True)]
        shown = tuple(hours(sides["old"], sides["new"]))
        title = "Messages by the hour of the day"
        return Chart("hours", title, "From", _number(body, "old"), _number(body, "new"), shown, upright=True)

    def _label(self, name: str) -> str:
        if name in self.pack.steps:
            return self.pack.steps[name].title
        return self.pack.short(Role(name)) if name in set(Role) else name.replace("_", " ")

    def _cases(self, group: str, name: str, side: str) -> str:
        return f"/timings/preview/{quote(self.key)}/cases?figure={group}/{quote(name)}&side={side}"


def past_of(app: App, kept: Preview) -> Past | None:
    """Give what came of past cases; None while that is being worked out."""
    body = kept.body.get("history")
    return Past(kept.id, app.packs[kept.pack], body) if isinstance(body, dict) else None


def _names(body: Body) -> dict[str, Body]:
    return cast(dict[str, Body], body.get("steps") or body.get("roles") or {})


def _body(body: Body, name: str) -> Body:
    held = body.get(name)
    return held if isinstance(held, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _number(body: Body, name: str) -> int:
    return int(str(body.get(name) or 0))
