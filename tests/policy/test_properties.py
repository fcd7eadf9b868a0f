"""What holds of every evening, over every pack: promises of `decide`, whoever does what and whoever is missing."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from policy import decide
from policy.case import Case, Step
from policy.outlook import next_wake
from policy.terms import MessageType, StepStatus
from tests.policy.evenings import EVENINGS, LATEST, Evening, Turn, take
from tests.policy.night import Night

SECOND = timedelta(seconds=1)
AWHILE = timedelta(minutes=100)  # long enough for rungs, rounds and a missed occurrence
REACHED_NOW = (MessageType.NOTIFY, MessageType.ESCALATE, MessageType.TASK, MessageType.HANDOVER, MessageType.ALARM)
DECIDED_AGAIN = (MessageType.ALARM, MessageType.CANCEL)
SAID_AGAIN = ("declined", "delegated", "handover_offered", "reviewed", "no_deployment")  # a second one is a second one
SAID_ONCE = ("note", "log_entry", "attended", "new_information", "contact_made", "found_reported", "returned")


@given(EVENINGS)
def test_decide_settles(evening: Evening) -> None:
    """Asked a second time at the same instant, it has nothing to say."""
    for night in evening.play():
        night.jump(night.now)
        again = decide.decide(night.case, night.pack, night.roster, night.now)
        assert (again.case, again.changed) == (night.case, False)
        assert (again.tells, again.cancels, again.alarms, again.entries) == ((), (), (), ())


@given(EVENINGS, st.floats(0, 1))
def test_nothing_happens_before_the_next_wake(evening: Evening, part: float) -> None:
    """Anywhere between now and then, time changes nothing; at it, something does."""
    for night in evening.play():
        wake = next_wake(night.case)
        before = LATEST if wake is None else wake - SECOND
        assert wake is None or wake > night.now
        if before > night.now:
            somewhen = night.now + (before - night.now) * part
            assert not decide.decide(night.case, night.pack, night.roster, somewhen).changed
        assert wake is None or decide.decide(night.case, night.pack, night.roster, wake).changed


@given(EVENINGS, st.integers(0, 8 * 3600))
def test_one_big_jump_is_as_good_as_many_small_steps(evening: Evening, seconds: int) -> None:
    """An outage changes when people hear: never a deadline, a breach, or a rung of a step that comes once."""
    for night in evening.play():
        to = min(night.now + timedelta(seconds=seconds), LATEST)
        steps, jump = copy_of(night).wait(to), copy_of(night).jump(to)
        assert {s.id: (s.status, s.due_at, s.opens_at) for s in jump.case.steps} == {
            s.id: (s.status, s.due_at, s.opens_at) for s in steps.case.steps
        }
        assert breaches(jump) == breaches(steps)
        assert rungs_told(jump) == rungs_told(steps)
        assert {t.person for t in jump.tells} <= {t.person for t in steps.tells}
        assert len(jump.tells) <= len(steps.tells)


def breaches(night: Night) -> list[tuple[object, ...]]:
    """Give the register of breaches: which occurrence of which step, and the instant of its deadline."""
    return sorted((e.body["step"], e.body["occurrence"], e.at) for e in night.entries if e.kind == "overdue")


def rungs_told(night: Night) -> dict[tuple[str, int], object]:
    """Give who was told on which rung of each step that is no series; there the newest occurrence climbs alone."""
    once = [s for s in night.case.steps if not night.pack.steps[s.key].repeats]
    return {s.id: (s.rung, s.rounds, s.climb_at, {(t.person, t.rung, t.at) for t in s.told}) for s in once}


@given(EVENINGS, st.integers(0, 8 * 3600))
def test_after_an_outage_one_message_goes_out_for_the_newest_occurrence(evening: Evening, seconds: int) -> None:
    """Each missed one has its named holder and its breach; nobody's phone rings once for each."""
    night = evening.open()
    for turn in evening.turns:
        take(night, turn)
    night.forget().jump(min(night.now + timedelta(seconds=seconds), LATEST))
    for tell in night.tells:
        series = [a for a in tell.asks if a.due_at and night.pack.steps[a.step].repeats and a.due_at <= night.now]
        assert len(series) == len({ask.step for ask in series})
    assert all(entry.body["role"] for entry in night.entries if entry.kind == "overdue")


@given(EVENINGS)
def test_no_deadline_moves_into_the_past(evening: Evening) -> None:
    """It may come nearer, but at the nearest it is now; what is overdue stays as it was."""
    night = evening.open()
    for turn in evening.turns:
        night.wait(min(night.now + timedelta(seconds=turn.seconds), LATEST))
        before = night.case
        take(night, turn)
        for was in before.steps:
            now = night.step(was.key, was.occurrence)
            if was.due_at is None or now.due_at == was.due_at:
                continue
            assert now.due_at is None or now.due_at > was.due_at or now.due_at >= night.now
            assert was.status is not StepStatus.OVERDUE


@given(EVENINGS)
def test_every_rung_whose_instant_has_passed_was_told(evening: Evening) -> None:
    """Nobody on duty counts as told on: the alarm rang and the next rung heard at once."""
    for night in evening.play():
        for step in night.case.live_steps():
            assert step.climb_at is None or step.climb_at > night.now
            if asked_by_nobody(step) or taken_over(night, step):
                assert step.climb_at is None
                continue
            for number, instant in rungs_of(night, step):
                assert instant > night.now or step.rung >= number
            assert step.climb_at or not night.pack.steps[step.key].rungs(night.case.timer_risk())


def asked_by_nobody(step: Step) -> bool:
    """Tell whether it is a watch that has not lapsed: until it does nobody is told."""
    return step.status is StepStatus.OPEN and step.rung < 0


def taken_over(night: Night, step: Step) -> bool:
    """Tell whether a newer occurrence of the same series is overdue too: it climbs for both."""
    return any(
        s.status is StepStatus.OVERDUE and s.occurrence > step.occurrence for s in night.case.occurrences(step.key)
    )


def rungs_of(night: Night, step: Step) -> list[tuple[int, datetime]]:
    """Work the rungs' instants out afresh: the deadline and n spans, or the anchor and n spans."""
    start = step.ladder_at or step.due_at
    assert start
    assert step.span
    rule = night.pack.steps[step.key]
    first = 0 if rule.ladder_from == "anchor" else 1
    rungs = enumerate(rule.rungs(night.case.timer_risk()), first)
    return [(number, start + step.span * spans) for spans, (number, _) in rungs]


@given(EVENINGS)
def test_nobody_is_told_who_is_off_duty(evening: Evening) -> None:
    """But for reminders, which go to the same people, and for standing them down."""
    for night in evening.play():
        for tell, there in zip(night.tells, night.there, strict=True):
            assert tell.type not in REACHED_NOW or tell.person in there


@given(EVENINGS)
def test_nobody_is_told_twice_under_one_attempt_key(evening: Evening) -> None:
    """A key that was used is left alone by the outbox: using it again would tell nobody. A stand-down counts on it."""
    night = evening.open()
    for played in evening.play():
        night = played
    night.wait(min(night.now + AWHILE, LATEST))
    once = [t for t in night.tells if t.type not in DECIDED_AGAIN and not t.slug.startswith("delegated:")]
    keys = [tell.attempt_part for tell in once]
    assert len(keys) == len(set(keys))


@given(EVENINGS)
def test_one_person_one_case_one_minute(evening: Evening) -> None:
    """A decision sends each person one message, and a stand-down apart from it."""
    night = evening.open()
    until = night.now + AWHILE
    while (wake := next_wake(night.case)) is not None and wake <= until:
        night.forget().jump(wake)
        people = [(t.person, t.type is MessageType.CANCEL) for t in night.tells]
        assert len(people) == len(set(people))


@given(EVENINGS)
def test_the_same_fact_again_changes_nothing(evening: Evening) -> None:
    """Refused, or taken without effect; a second decline is a second decline."""
    night = evening.open()
    for turn in evening.turns:
        night.wait(min(night.now + timedelta(seconds=turn.seconds), LATEST))
        if take(night, turn) and turn.kind not in SAID_AGAIN:
            before = night.case
            take(night, turn)
            assert night.case == before


@given(EVENINGS, st.permutations(SAID_ONCE), st.permutations(SAID_ONCE), st.lists(st.integers(0, 29), min_size=7))
def test_the_order_of_independent_facts_does_not_matter(
    evening: Evening, one: list[str], other: list[str], times: list[int]
) -> None:
    """Information written down in any order gives the same case."""
    night = evening.open().until("19:30")
    when = dict(zip(SAID_ONCE, (f"19:{minute:02d}" for minute in times), strict=False))
    assert said(night, one, when) == said(night, other, when)


def said(night: Night, kinds: list[str], when: dict[str, str]) -> Case:
    """Let all of it be said, in this order, each of its own minute; steps in the order of their names."""
    copy = copy_of(night)
    evidence: dict[str, dict[str, object]] = {
        "note": {"text": "x"},
        "log_entry": {"source": "STORM", "text": "x"},
        "new_information": {"summary": "x", "source": "y"},
        "contact_made": {"with": "mother"},
        "returned": {"at": "2026-01-10T19:05:00Z"},
    }
    for kind in kinds:
        copy.says("insp-a", kind, when=when[kind], **evidence.get(kind, {}))
    return replace(copy.case, steps=tuple(sorted(copy.case.steps, key=lambda step: step.id)))


@given(EVENINGS)
def test_a_breach_is_never_unmade(evening: Evening) -> None:
    """Each overdue step is in the journal once, dated with its deadline, whatever is done afterwards."""
    for night in evening.play():
        breaches = [(e.body["step"], e.body["occurrence"]) for e in night.entries if e.kind == "overdue"]
        assert len(breaches) == len(set(breaches))
        assert {step.id for step in night.case.overdue_steps()} <= set(breaches)
        late = [s for s in night.case.steps if s.status is StepStatus.DONE_LATE and s.told]
        assert {step.id for step in late} <= set(breaches)


@given(EVENINGS)
def test_whoever_is_told_hears_of_every_live_step_that_they_hold(evening: Evening) -> None:
    """A step held by somebody has told them; a watch and what an outage let pass have a holder before."""
    assume(evening.turns)
    for night in evening.play():
        for step in night.case.steps:
            assert step.holder is None or step.rung < 0 or step.told_person(step.holder)


def copy_of(night: Night) -> Night:
    """Go on from the same case without what was said so far."""
    copy = Night(night.roster, night.pack)
    copy.case, copy.now = night.case, night.now
    return copy


def test_a_turn_that_is_refused_is_told_apart() -> None:
    """The evenings themselves can tell an act from a refusal."""
    night = Evening("staffordshire", None, 40, (), ()).open()
    assert not take(night, Turn(0, "somebody", "accepted"))
    assert take(night, Turn(0, "insp-a", "accepted"))
