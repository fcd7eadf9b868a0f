"""What is looked for between cases: one level against another, before and after a raise, one date against another."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from policy.lint_rules import TOGETHER, Hit, title
from policy.lint_search import Look, partners
from policy.lint_seen import Seen
from policy.lint_words import clock, lasting, quoted
from policy.pack import Pack
from policy.terms import Risk

_M, _DAY = timedelta(minutes=1), timedelta(days=1)
Measure = Callable[[Seen], tuple[datetime, datetime] | None]


def _deadline(seen: Seen) -> tuple[datetime, datetime] | None:
    return (seen.opened[0].from_at, seen.opened[0].due_at) if seen.opened else None


def _reminder(seen: Seen) -> tuple[datetime, datetime] | None:
    return (seen.opened[0].at, seen.reminded[0]) if seen.opened and seen.reminded else None


def _rung(seen: Seen) -> tuple[datetime, datetime] | None:
    return (seen.opened[0].due_at, seen.rungs[0].at) if seen.opened and seen.rungs else None


def _again(seen: Seen) -> tuple[datetime, datetime] | None:
    return (seen.opened[0].due_at, seen.opened[1].due_at) if len(seen.opened) > 1 else None


MEASURES: tuple[tuple[str, str, Measure], ...] = (
    ("due", "{} is due after {}", _deadline),
    ("retry", "the first reminder of {} comes after {}", _reminder),
    ("rung_every", "the first rung of {} is told {} after the deadline", _rung),
    ("every", "{} comes again after {}", _again),
)


def between_levels(looks: Iterable[Look], pack: Pack) -> Iterator[Hit]:
    """A higher level that waits longer than a lower one for the same thing, which it had not."""
    by_level: dict[tuple[str, datetime], dict[Risk, Look]] = {}
    for look in looks:
        if look.quiet and look.scene.profile.risk and look.step in pack.steps:
            by_level.setdefault((look.step, look.scene.profile.recorded_at), {}).setdefault(look.risk, look)
    for same in by_level.values():
        for field, words, measure in MEASURES:
            for high, low in ((h, lo) for h in same.values() for lo in same.values() if h.risk.weight > lo.risk.weight):
                if (found := _longer(measure(high.seen), measure(low.seen))) is not None:
                    known = _longer(measure(high.was), measure(low.was)) is not None
                    yield _contradiction(high, low, field, (words, *found), pack, known)


def _longer(
    high: tuple[datetime, datetime] | None, low: tuple[datetime, datetime] | None
) -> tuple[timedelta, timedelta, datetime] | None:
    """Give how long the higher and the lower level wait, and until when, where the higher one waits longer."""
    if high is None or low is None or high[1] - high[0] <= low[1] - low[0]:
        return None
    return high[1] - high[0], low[1] - low[0], high[1]


def _contradiction(
    high: Look, low: Look, field: str, found: tuple[str, timedelta, timedelta, datetime], pack: Pack, known: bool
) -> Hit:
    words, longer, shorter, at = found
    less = low.risk.replace("_", " ")
    fault = f"{words.format(title(high, pack), lasting(longer))}, and after only {lasting(shorter)} at {less} risk"
    then = f": {words.format(title(high, pack), lasting(longer))}, at {clock(at, high.scene)}; "
    then += f"the same report at {less} risk waits {lasting(shorter)}"
    return Hit("between_levels", high, (field, "due", "every"), (longer - shorter) / _M, fault, then, (at,), known)


def raised_and_later(look: Look, pack: Pack) -> Iterator[Hit]:
    """A raise of the risk after which somebody hears later than without it."""
    before = look.before
    if before is None or [act.move for act in look.scene.acts if act.level] != ["raise"]:
        return
    pair = _put_off(before.seen, look.seen)
    if pair is None:
        return
    without, with_it = pair
    known = _put_off(before.was, look.was) is not None
    fault = f"a raise to it puts off the ladder of {title(look, pack)}"
    then = f": the ladder goes on at {clock(with_it, look.scene)}; without the raise it had at "
    then += f"{clock(without, look.scene)}"
    fields = ("rung_every", "due")
    yield Hit("raised_and_later", look, fields, (with_it - without) / _M, fault, then, (with_it,), known)


def _put_off(before: Seen, after: Seen) -> tuple[datetime, datetime] | None:
    """Give when a rung is told without a raise and with it, where the raise puts it off."""
    rungs = {rung.number: rung.at for rung in after.rungs}
    if len(before.opened) != len(after.opened):
        return None  # it has begun afresh
    return next(((r.at, rungs[r.number]) for r in before.rungs if rungs.get(r.number, r.at) > r.at), None)


def reviews_together(look: Look, pack: Pack) -> Iterator[Hit]:
    """Two reviews asked of one role within half an hour of each other, again and again."""
    for other in partners(pack, look.step) if look.quiet else ():
        pairs = _near(look.seen, other)
        if len(pairs) < 2:
            continue
        known = len(_near(look.was, other)) > 1
        fault = f"{title(look, pack)} and {quoted(pack.steps[other].title)} are due to the same role within "
        fault += f"{lasting(TOGETHER)} of each other, again and again"
        then = ": both are due " + " and ".join(
            f"at {clock(one, look.scene)} and {clock(two, look.scene)}" for one, two in pairs[:2]
        )
        shows = tuple(at for pair in pairs[:2] for at in pair)
        yield Hit("reviews_together", look, ("every", "due", "series"), len(pairs), fault, then, shows, known)


def _near(seen: Seen, other: str) -> list[tuple[datetime, datetime]]:
    others = [one.due_at for one in Seen(other, seen.played).opened]
    return [(one.due_at, at) for one in seen.opened for at in others if abs(one.due_at - at) <= TOGETHER]


def by_the_calendar(looks: Iterable[Look], pack: Pack) -> Iterator[Hit]:
    """A time that is days longer in one month than in another, where it was the same all the year."""
    groups: dict[tuple[str, Risk], list[Look]] = {}
    for look in looks:
        if look.quiet and look.seen.opened and look.scene.profile.risk and look.step in pack.steps:
            groups.setdefault((look.step, look.risk), []).append(look)
    for same in groups.values():
        shortest, longest = (pick(same, key=lambda one: _lasts(one.seen)) for pick in (min, max))
        if _lasts(longest.seen) - _lasts(shortest.seen) < _DAY:
            continue
        known = bool(longest.was.opened and shortest.was.opened) and (
            _lasts(longest.was) - _lasts(shortest.was) >= _DAY
        )
        lasts = [lasting(_lasts(one.seen)) for one in (shortest, longest)]
        due_at = shortest.seen.opened[0].due_at
        fault = f"{title(shortest, pack)} is due after {lasts[0]} or after {lasts[1]}, as the month has it"
        then = f": it is due at {clock(due_at, shortest.scene)}, {lasts[0]} later, where others have {lasts[1]}"
        yield Hit("by_the_calendar", shortest, ("due", "first", "series", "every"), 0, fault, then, (due_at,), known)


def _lasts(seen: Seen) -> timedelta:
    return seen.opened[0].due_at - seen.opened[0].from_at
