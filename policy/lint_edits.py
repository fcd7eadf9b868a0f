"""What is looked for in the edited numbers themselves: slips of the pen, ceilings, sources, promises, hours.

What it means for a case is shown by one that was played, where one was.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.explain_words import risk_word, span_words
from policy.lint_numbers import SENIOR_AFTER, WITHIN, Touched
from policy.lint_scene import INSTANTS
from policy.lint_search import Look
from policy.lint_words import clock, day, quoted
from policy.pack import Pack
from policy.revise import OF_A_STEP, OF_THE_PACK
from policy.spans import Span
from policy.terms import Risk

_SOURCED = re.compile(r"^SOURCED\(([^)]*)\)([^;]*)")
_SPAN = re.compile(r"\d+(?:mo|[smhd])")
_COUNT = re.compile(r"\d+")
# So many times what it was: 10 minutes for 1, an hour for a minute, a day for an hour.
SLIPS = (10, 100)
DEADLINES = ("due", "first", "series", "then_every", "every")


@dataclass(frozen=True)
class Remark:
    """One thing about a number; `look` is a case that shows it, where one was played."""

    kind: str
    touched: Touched
    fault: str


def remarks(found: tuple[Touched, ...], old: Pack, new: Pack) -> Iterator[Remark]:
    """Give all that is to be said of the numbers themselves."""
    for one in found:
        yield from _slip(one, new)
        yield from _of_the_pack(one, old, new)
        if one.step in old.steps and one.step in new.steps:
            yield from _ceiling(one, new)
            yield from _source(one, old, new)
            yield from _promise(one, old, new)
            yield from _hour(one, new)


def number(one: Touched, pack: Pack) -> str:
    """Name a number: `the deadline of “Officers attend” at high risk`."""
    field = OF_THE_PACK[one.field] if one.step is None else OF_A_STEP[one.field]
    title = f" of {quoted(pack.steps[one.step].title)}" if one.step else ""
    return f"“{field.title}”{title}" + (f" at {risk_word(one.risk)}" if one.risk else "")


def _slip(one: Touched, new: Pack) -> Iterator[Remark]:
    """An edit that has the old number with another unit, or with a digit too many or too few."""
    if one.spans is None:
        return
    before, after = one.spans
    same_count = _COUNT.match(str(before)), _COUNT.match(str(after))
    units = same_count[0] and same_count[1] and same_count[0][0] == same_count[1][0]
    times = after.nominal / before.nominal
    if units or times in SLIPS or 1 / times in SLIPS:
        why = "the same number of another unit" if units else "a digit too many or too few"
        said = f"{number(one, new)} was {span_words(before)} and is {span_words(after)} now: {why} (a slip?)"
        yield Remark("slip", one, said)


def _ceiling(one: Touched, new: Pack) -> Iterator[Remark]:
    rule = new.steps[str(one.step)]
    if one.field != "due" or one.spans is None or rule.ceiling is None or one.spans[1] < rule.ceiling:
        return
    if one.spans[1] == rule.ceiling:
        said = f"{number(one, new)} stands at its national ceiling of {span_words(rule.ceiling)}: nothing is in hand"
    else:
        by = new.overrides[rule.key].by if rule.key in new.overrides else "nobody"
        said = f"{number(one, new)} lies above the national ceiling of {span_words(rule.ceiling)}, let by {by}"
    yield Remark("ceiling", one, said)


def _source(one: Touched, old: Pack, new: Pack) -> Iterator[Remark]:
    """A time longer than the one that a source gives."""
    sourced = _SOURCED.search(old.steps[str(one.step)].basis.time)
    if sourced is None or one.field not in DEADLINES:
        return
    given = [Span.parse(text) for text in _SPAN.findall(sourced[2])]  # none said: all of its numbers
    longer = next(((was, now) for was, now in _pairs(one) if now > was and was in (given or [was])), None)
    if longer is not None:
        was, now = (span_words(span) for span in longer)
        said = f"{number(one, new)} is {now} now, longer than the {was} that the source gives ({sourced[1]})"
        yield Remark("source", one, said)


def _pairs(one: Touched) -> list[tuple[Span, Span]]:
    if isinstance(one.before, tuple) and isinstance(one.after, tuple):
        return [(was, now) for was, now in zip(one.before, one.after, strict=False) if isinstance(was, Span)]
    return [one.spans] if one.spans else []


def _promise(one: Touched, old: Pack, new: Pack) -> Iterator[Remark]:
    """A first message that may go out after the deadline."""
    if one.field not in ("send", "due"):
        return
    late = _late(new, one)
    if late and not _late(old, one):
        send, due = late
        said = (
            f"the first message of {quoted(new.steps[str(one.step)].title)} may take {span_words(send)}, and what it "
        )
        yield Remark("promise", one, said + f"asks is due after {span_words(due)}")


def _late(pack: Pack, one: Touched) -> tuple[Span, Span] | None:
    rule = pack.steps[str(one.step)]
    shortest = min((span for risk, span in rule.due.items() if one.risk in (None, risk)), default=None)
    return (rule.send, shortest) if rule.send and shortest and rule.send >= shortest else None


def _hour(one: Touched, new: Pack) -> Iterator[Remark]:
    """A time of day that one night in the year has twice and another not at all."""
    if one.field == "at_local" and str(one.after).startswith("01:"):
        said = f"{number(one, new)} is {one.after} now, which does not come on the Sunday in March on which the clocks "
        yield Remark("hour", one, said + "go forward, and comes twice on the one in October on which they go back")


def _of_the_pack(one: Touched, old: Pack, new: Pack) -> Iterator[Remark]:
    """A case at a higher level that may rest longer than one at a lower."""
    if one.field != WITHIN:
        return
    pairs = [(h, lo) for h in Risk for lo in Risk if h.weight > lo.weight and one.risk in (h, lo)]
    for high, low in pairs:
        if _rests_longer(new.inactive.within, high, low) and not _rests_longer(old.inactive.within, high, low):
            longer, shorter = (span_words(new.inactive.within[risk]) for risk in (high, low))
            said = f"an inactive case at {risk_word(high)} may rest {longer}, one at {risk_word(low)} only {shorter}"
            yield Remark("between_levels", one, said)


def _rests_longer(within: Mapping[Risk, Span], high: Risk, low: Risk) -> bool:
    return high in within and low in within and within[high] > within[low]


# --- what shows it


def shown(one: Touched, look: Look, pack: Pack) -> tuple[str, tuple[datetime, ...]]:
    """Say what a number does in a case that was played, and the instants that are named."""
    name, seen = quoted(pack.steps[look.step].title), look.seen
    if one.field == "retry" and seen.reminded:
        return f": the first reminder of {name} comes at {clock(seen.reminded[0], look.scene)}", (seen.reminded[0],)
    if one.field == "rung_every" and seen.rungs:
        return f": the first rung of {name} is told at {clock(seen.rungs[0].at, look.scene)}", (seen.rungs[0].at,)
    if not seen.opened:
        return f": {name} is not asked for while the case is followed", ()
    due_at = seen.opened[0].due_at
    was = f"; before the change it was {clock(look.was.opened[0].due_at, look.scene)}" if look.was.opened else ""
    return f": {name} is due at {clock(due_at, look.scene)}{was}", (due_at,)


def reckoned(one: Touched) -> str:
    """Show a number that no case was played for by an instant and what follows from it."""
    if one.spans is None:
        return "On Sunday 26 March 2028 the clocks go from 00:59 to 02:00, on Sunday 29 October from 01:59 to 01:00"
    was, now = (day(span.after(INSTANTS[0])) for span in one.spans)
    what = "it" if one.field in (WITHIN, SENIOR_AFTER) else "what counts from it"
    return f"From {day(INSTANTS[0])}, {what} lasts until {now}; before the change until {was}"
