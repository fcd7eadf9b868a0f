"""Judging a rehearsal: what was expected against what was seen, and nothing else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy.terms import MessageType
from runtime.rehearse_scenario import Expectation
from runtime.rehearse_seen import (
    NO_GRACE,
    Breach,
    Look,
    Refusal,
    Seen,
    Telling,
    Verdict,
    listed,
    plural,
    step_of,
    steps_of,
)
from runtime.rehearse_text import NOT_SET
from runtime.rehearse_words import ClockWords

MOST_TIMES = 8  # instants named before "and n more"


@dataclass(frozen=True)
class Judge:
    """Judges expectations by what was seen; `grace` is procedure time that each `by` gets in a live run."""

    seen: Seen
    clock: ClockWords
    grace: timedelta = NO_GRACE

    def judge(self, expectation: Expectation) -> Verdict:
        """Say whether an expectation is kept, and what was seen; a `by` that needs the grace says so."""
        way = self._ways().get(expectation.subject, self._state)
        judged = way(expectation, NO_GRACE)
        if judged.kept or not self.grace or not self._has_grace(expectation):
            return judged
        again = way(expectation, self.grace)
        return Verdict(True, f"{again.seen}, within the grace", grace=True) if again.kept else judged

    def _ways(self) -> Mapping[str, Callable[[Expectation, timedelta], Verdict]]:
        return {
            "told": self._told,
            "not_told": self._not_told,
            "due": self._due,
            "refused": self._refused,
            "alarm": self._alarm,
            "count": self._counted,
        }

    def _has_grace(self, e: Expectation) -> bool:
        """A `by` has it, and an `at`: what is due at that instant takes a moment in a live run."""
        return (e.by is not None or e.at is not None) and e.subject != "not_told"

    # --- who was told

    def _told(self, e: Expectation, grace: timedelta) -> Verdict:
        fitting = [t for t in self.seen.tellings if fits(e, t)]
        inside = [t for t in fitting if within(e, t.at, grace)]
        kept = len(inside) == e.times if e.times is not None else bool(inside)
        if inside:
            return Verdict(kept, f"told at {self._times(inside)}" + _count(e, inside))
        if fitting:
            return Verdict(kept, f"told only at {self._times(fitting)}")
        return Verdict(kept, self._otherwise(e))

    def _otherwise(self, e: Expectation) -> str:
        same = [t for t in self.seen.tellings if t.person == e.person() or t.role == e.role()]
        if not same:
            return "never told of anything"
        about = listed(dict.fromkeys(step for t in same for step in t.about))
        return f"never told of this; told of {about} at {self._times(same)}"

    def _not_told(self, e: Expectation, _grace: timedelta) -> Verdict:
        found = [t for t in self.seen.tellings if fits(e, t) and within(e, t.at, NO_GRACE)]
        if not found:
            return Verdict(True, "not told")
        about = listed(dict.fromkeys(step for t in found for step in t.about))
        return Verdict(False, f"told of {about} at {self._times(found)}")

    def _times(self, found: Sequence[Telling]) -> str:
        return self._instants(t.at for t in found)

    def _instants(self, found: Iterable[datetime]) -> str:
        said = [self.clock.at(at) for at in sorted(found)]
        more = len(said) - MOST_TIMES
        return listed(said) if more <= 0 else ", ".join(said[:MOST_TIMES]) + f" and {more} more"

    # --- how things stood

    def _state(self, e: Expectation, grace: timedelta) -> Verdict:
        wanted = "" if e.value == NOT_SET and e.subject == "risk" else str(e.is_ if e.subject == "step" else e.value)
        looks = [(look.at, read(e, look)) for look in self._looks(e, grace) if (e.case or 1) in look.cases]
        if not looks:
            return Verdict(False, "there was no such case by then")
        if e.until is not None:
            odd = next(((at, said) for at, said in looks if said != wanted), None)
            return self._at(e, odd, kept=False) if odd else Verdict(True, f"{_shown(e, wanted)} all along")
        fitting = next((one for one in looks if one[1] == wanted), None)
        return self._at(e, fitting or looks[-1], kept=fitting is not None)

    def _at(self, e: Expectation, look: tuple[datetime, str], *, kept: bool) -> Verdict:
        return Verdict(kept, f"{_shown(e, look[1])} at {self.clock.at(e.at or look[0])}")

    def _looks(self, e: Expectation, grace: timedelta) -> list[Look]:
        if e.until is not None:
            return self.seen.between(e.after, e.until)
        if e.by is not None:
            return self.seen.between(e.after, e.by + grace)
        last = self.seen.look_at(e.at) if e.at else (self.seen.looks[-1] if self.seen.looks else None)
        return [last] if last else []

    def _due(self, e: Expectation, grace: timedelta) -> Verdict:
        assert e.at is not None
        look = self.seen.look_at(e.at)
        view = look.cases.get(e.case or 1) if look else None
        steps = steps_of(view, str(e.value), e.occurrence) if view else []
        if not steps:
            return Verdict(False, "there is no such step yet")
        due = [datetime.fromisoformat(str(step["due_at"])) for step in steps if step["due_at"]]
        if not due:
            return Verdict(False, f"{steps[-1]['status']}, without a due time")
        return Verdict(any(abs(at - e.at) <= grace for at in due), f"due at {self._instants(due)}")

    # --- what happened

    def _refused(self, e: Expectation, grace: timedelta) -> Verdict:
        named = [r for r in self.seen.refusals if e.value in (r.act, r.kind) and e.case in (None, r.case)]
        inside = [r for r in named if within(e, r.at, grace)]
        if not inside:
            return Verdict(False, "not refused")
        fitting = next((r for r in inside if lacking(e, r) == []), None)
        if fitting is None:
            said = listed(inside[0].missing) or "nothing"
            return Verdict(False, f"refused by {inside[0].rule}, and what was missing was {said}")
        return Verdict(True, f"refused at {self.clock.at(fitting.at)}: {fitting.detail}")

    def _alarm(self, e: Expectation, grace: timedelta) -> Verdict:
        rang = [a for a in self.seen.alarms if a.key == e.value and e.case in (None, a.case)]
        fitting = [a for a in rang if e.to in (None, a.to)]
        inside = [a for a in fitting if within(e, a.at, grace)]
        if inside:
            heard = listed(dict.fromkeys(a.to or "nobody" for a in inside))
            return Verdict(True, f"rang at {self._instants(a.at for a in inside)}, heard by {heard}")
        if rang:
            heard = listed(dict.fromkeys(a.to or "nobody" for a in rang))
            return Verdict(False, f"rang only at {self._instants(a.at for a in rang)}, heard by {heard}")
        others = listed(dict.fromkeys(str(a.key) for a in self.seen.alarms))
        return Verdict(False, "did not ring" + (f"; {others} did" if others else ""))

    def _counted(self, e: Expectation, grace: timedelta) -> Verdict:
        found: Mapping[str, list[datetime]] = {
            "told": [t.at for t in self.seen.tellings if fits(e, t) and e.to in (None, t.person)],
            "breaches": [b.at for b in self.seen.breaches if of_breach(e, b)],
            "runs": [at for at, case in self.seen.runs if e.case in (None, case)],
        }
        number = sum(1 for at in found[str(e.value)] if within(e, at, grace))
        words = {"told": "telling", "breaches": "breach", "runs": "run"}
        return Verdict(number == e.is_, plural(number, words[str(e.value)]))


def fits(e: Expectation, t: Telling) -> bool:
    """Tell whether a telling is one of those that an expectation is about, whenever it was."""
    whom = e.subject == "count" or (t.role == e.role() if e.role() else t.person == e.person())
    what = not e.about or any(step in e.about for step in t.about)
    kind = t.type is e.type if e.type else t.type is not MessageType.CANCEL
    return whom and what and kind and e.case in (None, t.case)


def of_breach(e: Expectation, breach: Breach) -> bool:
    """Tell whether a breach is one of those that are counted: of a case, of a step, in the name of a person."""
    what = not e.about or breach.step in e.about
    return what and e.case in (None, breach.case) and e.to in (None, breach.holder)


def within(e: Expectation, at: datetime, grace: timedelta) -> bool:
    """Tell whether an instant lies within an expectation's window; both ends count."""
    latest = e.at or e.by
    end = e.until or (latest + grace if latest else None)
    return (e.after is None or at >= e.after) and (end is None or at <= end)


def lacking(e: Expectation, refusal: Refusal) -> list[str]:
    """Give what an expectation names as missing and a refusal did not."""
    said = {word for name in refusal.missing for word in (name, name.removeprefix("evidence."))}
    return [name for name in e.missing if name not in said]


def read(e: Expectation, look: Look) -> str:
    """Read off a look what an expectation is about; nothing and nobody read as an empty text."""
    view = look.cases[e.case or 1]
    if e.subject == "step":
        step = step_of(view, str(e.value), e.occurrence)
        return str(step["status"]) if step else ""
    return str(view.get(e.subject) or "")


def _shown(e: Expectation, value: str) -> str:
    nothing = {"step": "no such step", "risk": "not set"}
    return value.replace("_", " ") if value else nothing.get(e.subject, "nobody")


def _count(e: Expectation, found: Sequence[Telling]) -> str:
    return "" if e.times is None else f" ({plural(len(found), 'time')})"
