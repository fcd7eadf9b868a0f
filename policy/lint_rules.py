"""What is looked for in one case as it was played: it is news where the old numbers had not brought it about.

Each limit is CHOSEN: how long nobody else may hear, how many messages are a flood, how short is too short to act.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from policy.explain_words import clocks_change
from policy.lint_search import Look
from policy.lint_seen import Seen
from policy.lint_words import clock, lasting, quoted, until
from policy.pack import Pack, StepRule
from policy.spans import LOCAL
from policy.tally import NIGHT_FROM, NIGHT_TO
from policy.terms import Kind, Risk, Role

_M, _H, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
R = Risk
# How long nobody but the first people asked may hear: of a notice or an offer, and of anything else.
OF_NOTICES: Mapping[Risk, timedelta] = {R.VERY_LOW: 90 * _M, R.LOW: 60 * _M, R.MEDIUM: 30 * _M, R.HIGH: 15 * _M}
OF_OTHERS: Mapping[Risk, timedelta] = {R.VERY_LOW: 48 * _H, R.LOW: 24 * _H, R.MEDIUM: 12 * _H, R.HIGH: 4 * _H}
TO_THE_TOP = 4  # times as long may pass until the last rung is told
LONGER_NOTICE, LONGER = 1.2, 1.5  # so many times as long as before is worth a word
TO_ACT = 2 * _M  # less than this is too short for anybody to act
FLOOD, MORE = 24, 1.25  # messages to one person in an hour; so many times as many as before
ON_CALL = (Role.ON_CALL_SUPERINTENDENT, Role.CHIEF_OFFICER)  # asleep at night, unless they are told
WOKEN, WOKEN_TIMES = 3, 2  # more than before, and so many times as often
TOGETHER = 30 * _M  # two reviews of one role within this, more than once


@dataclass(frozen=True)
class Hit:
    """One fault in one case. `fault` begins without its levels, `then` goes on after who was reported when.

    `fields` are the numbers that bring it about, the likeliest first; `shows` the instants that are named.
    """

    kind: str
    look: Look
    fields: tuple[str, ...]
    weight: float
    fault: str
    then: str
    shows: tuple[datetime, ...]
    before: bool = False  # the old numbers had it too


Rule = Callable[[Look, Pack], Iterator[Hit]]


def title(look: Look, pack: Pack) -> str:
    """Name the step that a case is about."""
    return quoted(pack.steps[look.step].title)


# --- silence


def silence(look: Look, pack: Pack) -> Iterator[Hit]:
    """Nobody, nobody else, or nobody at the top of the ladder hears for longer than before and than is sane."""
    notice = pack.steps[look.step].kind in (Kind.NOTIFY, Kind.ACCEPT)
    limit, longer = (OF_NOTICES, LONGER_NOTICE) if notice else (OF_OTHERS, LONGER)
    rungs = len(pack.steps[look.step].rungs(look.risk))
    if not look.seen.opened or any(act.level and act.at > look.seen.opened[0].at for act in look.scene.acts):
        return  # some of it passed at another level
    for kind, who, times, measure in (
        ("silence", "nobody but the first people asked", 1, _others_at),
        ("late_ladder", "nobody on the last rung of the ladder", TO_THE_TOP, lambda seen: _top_at(seen, rungs)),
    ):
        sane, at = limit[look.risk] * times, measure(look.seen)
        if at is None or (waits := at - look.seen.opened[0].at) <= sane:
            continue
        was_at = measure(look.was)
        before = was_at - look.was.opened[0].at if was_at else None
        known = before is not None and waits < before * longer
        was = f"; before the change it was {lasting(before)}" if before else ""
        fault = f"{who} hears of {title(look, pack)} for {lasting(waits)}{was}, and {lasting(sane)} is long enough"
        asked = look.seen.opened[0].at
        then = f": from {clock(asked, look.scene)} on, {who} hears of it {until(asked, at, look.scene)}"
        yield Hit(kind, look, ("rung_every", "due", "every"), waits / _M, fault, then, (asked, at), known)


def _others_at(seen: Seen) -> datetime | None:
    return seen.rungs[0].at if seen.rungs else None


def _top_at(seen: Seen, rungs: int) -> datetime | None:
    return seen.rungs[-1].at if len(seen.rungs) == rungs > 1 else None


# --- too short, too late, too close


def too_short(look: Look, pack: Pack) -> Iterator[Hit]:
    """A deadline that has passed when it is asked for, or leaves nobody the time to act."""
    left = _time_left(look.seen, pack, look)
    if left is None or left >= TO_ACT:
        return
    was = _time_left(look.was, pack, look)
    known = was is not None and was < TO_ACT
    opened, told_at = look.seen.opened[0], look.seen.told[0].at
    shows, fields = (told_at, opened.due_at), ("due", "first", "every", "opens_before")
    name = title(look, pack)
    said = f"the first person is told of {name} at {clock(told_at, look.scene)}"
    if left <= timedelta(0):
        fault = f"{name} is overdue before anybody has been asked for it"
        then = f": {said}, and it was due at {clock(opened.due_at, look.scene)}"
    else:
        fault = f"{name} is due {lasting(left)} after the first person is told: too soon for anybody to act"
        then = f": {said}, and it is due at {clock(opened.due_at, look.scene)}, {lasting(left)} later"
    yield Hit("too_short", look, fields, -left / _M, fault, then, shows, known)


def _time_left(seen: Seen, pack: Pack, look: Look) -> timedelta | None:
    if not seen.opened or not seen.told or pack.steps[look.step].kind is Kind.WATCH:
        return None
    return seen.opened[0].due_at - seen.told[0].at


def rungs_at_once(look: Look, pack: Pack) -> Iterator[Hit]:
    """Two rungs so close to each other that the first has no time to answer."""
    found = None if look.before or look.scene.profile.absent else _closest(look.seen)
    if found is None or found[0] >= TO_ACT:
        return
    gap, first, second = found
    was = _closest(look.was)
    low, high = (pack.short(look.seen.rungs[n].role) for n in (first, first + 1))
    fault = f"the {high} hears of {title(look, pack)} {lasting(gap)} after the {low}, who has had no time to answer"
    at, then_at = look.seen.rungs[first].at, second
    then = f": the {low} is told at {clock(at, look.scene)}, and the {high} at {clock(then_at, look.scene)}"
    known = was is not None and was[0] < TO_ACT
    yield Hit("rungs_at_once", look, ("rung_every", "due", "every"), -gap / _M, fault, then, (at, then_at), known)


def _closest(seen: Seen) -> tuple[timedelta, int, datetime] | None:
    """Give the least time between two rungs that follow each other, and which they are."""
    pairs = enumerate(pairwise(seen.rungs))
    gaps = ((after.at - one.at, number, after.at) for number, (one, after) in pairs if after.at > one.at)
    return min(gaps, default=None)


def no_reminder(look: Look, pack: Pack) -> Iterator[Hit]:
    """Reminders that had come before the deadline, and come no more."""
    old = look.old_rule
    if look.before or old is None or not old.retry or not look.seen.opened:
        return
    if _reminders(look.seen) or not _reminders(look.was):
        return
    due_at, was_at = look.seen.opened[0].due_at, look.was.reminded[0]
    fault = f"nobody is reminded of {title(look, pack)} before its deadline any more"
    then = f": it is due at {clock(due_at, look.scene)} and nobody is reminded before; the first reminder was at "
    then += clock(was_at, look.scene)
    yield Hit("no_reminder", look, ("retry", "due"), 0, fault, then, (due_at,))


def _reminders(seen: Seen) -> int:
    return sum(1 for at in seen.reminded if at < seen.opened[0].due_at) if seen.opened else 0


def idle_warning(look: Look, pack: Pack) -> Iterator[Hit]:
    """A warning within a minute of the first message or of the deadline."""
    found = _idle(look.seen)
    if found is None:
        return
    at, due_at = found, look.seen.opened[0].due_at
    fault = f"a warning of the deadline of {title(look, pack)} comes within a minute of the first message or the last"
    then = f": asked at {clock(look.seen.opened[0].at, look.scene)}, warned at {clock(at, look.scene)} "
    then += f"of a deadline at {clock(due_at, look.scene)}"
    yield Hit("idle_warning", look, ("warn_at", "due"), 0, fault, then, (at, due_at), _idle(look.was) is not None)


def _idle(seen: Seen) -> datetime | None:
    if not seen.opened:
        return None
    first = seen.opened[0]
    return next((at for at in seen.warned if at < first.due_at and min(at - first.at, first.due_at - at) < _M), None)


# --- too many


def flood(look: Look, pack: Pack) -> Iterator[Hit]:
    """More messages about one step to one person in an hour than anybody reads."""
    most = look.seen.busiest()
    if most is None or most[0] <= FLOOD:
        return
    count, at, role = most
    was = look.was.busiest()
    known = was is not None and count < was[0] * MORE
    more = f"; it was {was[0]}" if was else ""
    fault = f"one person has {count} messages about {title(look, pack)} in an hour{more}, and {FLOOD} are enough"
    then = f": nobody answers, and the {pack.short(role)} has {count} messages from {clock(at, look.scene)} on, "
    then += "within one hour"
    yield Hit("flood", look, ("retry", "rung_every", "due", "every"), count, fault, then, (at,), known)


def woken(look: Look, pack: Pack) -> Iterator[Hit]:
    """Somebody on call is woken more often."""
    found = _woken(look.seen)
    was = len(_woken(look.was)) if len(found) > WOKEN else 0
    if len(found) <= max(was + WOKEN, was * WOKEN_TIMES):
        return
    fault = (
        f"the {pack.short(ON_CALL[0])} is woken {len(found)} times for {title(look, pack)}, where nobody answers; it "
    )
    fault += f"was {was} in the same time"
    then = f": nobody answers, and the {pack.short(ON_CALL[0])} is told {len(found)} times between "
    then += f"{clock(found[0], look.scene)} and {clock(found[-1], look.scene)}"
    yield Hit("woken", look, ("rung_every", "due", "every"), len(found), fault, then, (found[0], found[-1]))


def _woken(seen: Seen) -> list[datetime]:
    """Give when somebody on call is told in the first night in which they are."""
    found: list[datetime] = []
    for line in seen.told:
        hour = line.at.astimezone(LOCAL).hour
        if line.role in ON_CALL and (hour >= NIGHT_FROM or hour < NIGHT_TO):
            found.append(line.at)
    return [at for at in found if at - found[0] < 8 * _H]


# --- not at all, and at odd hours


def dropped(look: Look, pack: Pack) -> Iterator[Hit]:
    """A step that was asked for, or came again, and does no more."""
    old, rule, place = look.old_rule, pack.steps.get(look.step), len(look.seen.opened)
    if old is None or place > 1 or (place == 1 and not (_comes_again(old) and rule and not _comes_again(rule))):
        return
    if len(look.was.opened) <= place:
        return
    what = "comes once and never again" if place else "is not asked for any more"
    name = quoted(old.title)
    was_due = clock(look.was.opened[place].due_at, look.scene)
    then = f": {name} {what}; before the change it was due at {was_due}"
    shows = tuple(one.due_at for one in look.seen.opened)
    yield Hit("dropped", look, ("due", "every", "first", "series"), 0, f"{name} {what}", then, shows)


def _comes_again(rule: StepRule) -> bool:
    return rule.repeats or rule.each_time


def other_hours(look: Look, pack: Pack) -> Iterator[Hit]:
    """What comes every day comes at another hour once the clocks have changed."""
    pair = _over_the_change(look.seen)
    if pair is None:
        return
    before, after = pair
    fault = f"{title(look, pack)} comes every {lasting(after - before)}: an hour earlier or later by the clock on the "
    fault += "wall once the clocks have changed"
    then = f": it is due at {clock(before, look.scene)}, and next at {clock(after, look.scene)}"
    known = _over_the_change(look.was) is not None
    yield Hit("other_hours", look, ("every",), 0, fault, then, (before, after), known)


def _over_the_change(seen: Seen) -> tuple[datetime, datetime] | None:
    dues = [one.due_at for one in seen.opened]
    return next((p for p in pairwise(dues) if clocks_change(*p) and not (p[1] - p[0]) % _DAY), None)


RULES: tuple[Rule, ...] = (*(silence, too_short, rungs_at_once, no_reminder, idle_warning, flood, woken, other_hours),)
