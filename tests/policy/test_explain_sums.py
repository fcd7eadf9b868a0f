"""The sums behind deadlines: whatever happens, a sentence never states one that is not true, nor does the journal."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.columns import plain
from policy.explain import explain, why_due
from policy.explain_due import Because, because, from_body
from policy.explain_journal import EXPLAINED, why_line
from policy.explain_sum import Sum
from policy.explain_words import clocks_change
from policy.retime_pack import repin
from policy.spans import LOCAL, Span
from policy.terms import Anchor, Risk
from tests.policy.evenings import EVENINGS, Evening
from tests.policy.explained import sound
from tests.policy.night import NOTIFY, Night, at, only


@given(EVENINGS)
def test_whatever_happens_there_are_two_sentences_and_no_false_sum(evening: Evening) -> None:
    """Steps late, let go, handed over, missed, people gone home; each sum that is said can be checked by hand."""
    for night in evening.play():
        for one in explain(night.case, night.pack, night.roster, night.now):
            sound(one)
            checked(one.due, night.now)


@given(EVENINGS)
def test_a_line_of_the_journal_says_the_same_for_ever(evening: Evening) -> None:
    """Out of its own body, as the store keeps it, a line says why, with a sum that is true."""
    night = list(evening.play())[-1]
    for entry in night.entries:
        if entry.kind in EXPLAINED:
            kept = json.loads(json.dumps(plain(entry.body)))
            said = why_line(entry.kind, kept, entry.at)
            assert said.endswith(".")
            assert not re.search(r"_|None|Quillfeather", said), said
            for sentence in re.split(r"(?<=\.) (?=Due|Overdue|Not)", said):
                checked(sentence, entry.at)


@given(EVENINGS)
def test_what_the_journal_keeps_is_read_back_whole(evening: Evening) -> None:
    """Every reason that a case has ever had comes back from the store as it was."""
    for night in evening.play():
        for step in night.case.steps:
            found = because(night.case, night.pack, step)
            if found is not None:
                assert from_body(json.loads(json.dumps(plain(found.as_body()))), found.due_at) == found


# --- the arithmetic ----------------------------------------------------------------------------------

UNITS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
TIME = r"(\d\d:\d\d(?::\d\d)?(?: on \d+ [A-Z][a-z]{2}(?: \d{4})?)?)"
SAID = re.compile(
    rf"(?:^|and )(?:Due|due|Was due|Overdue since) {TIME}: (.+?) after [^(]*\({TIME}(, and the clocks change[^)]*)?\)"
)


def checked(sentence: str, now: datetime) -> bool:
    """See that a sum which is said is true, by the words alone; tell whether there was one."""
    said = SAID.search(sentence)
    if said is None:
        assert "after" not in sentence or "No time" in sentence, sentence
        return False
    due, total, base, change = said.groups()
    start, end = instant(base, now), instant(due, now)
    if not change:
        assert added(start, total) == end, sentence
    return True


def instant(text: str, now: datetime) -> datetime:
    """Read a time as it is written, on the clocks of the wall."""
    clock, _, day = text.partition(" on ")
    here = now.astimezone(LOCAL).replace(tzinfo=None)
    number, month, year = [*day.split(), str(here.year)][:3] if day else (here.day, f"{here:%b}", str(here.year))
    form = "%H:%M:%S %d %b %Y" if clock.count(":") == 2 else "%H:%M %d %b %Y"
    return datetime.strptime(f"{clock} {number} {month} {year}", form)  # noqa: DTZ007 - wall clocks are compared


def added(start: datetime, words: str) -> datetime:
    """Add `24 hours and then 2 times 48 hours` to an instant."""
    for part in words.split(" and then "):
        read = re.fullmatch(r"(?:(\d+) times )?(?:(\d+) months?)?(?: and )?(?:(\d+) (second|minute|hour|day)s?)?", part)
        assert read is not None, words
        times, months, number, unit = read.groups()
        elapsed = timedelta(seconds=int(number) * UNITS[unit]) if unit else timedelta()
        start = Span(int(months or 0), elapsed).after(start, int(times or 1))
    return start


SPANS = st.one_of(
    st.integers(1, 5_000).map(lambda s: Span(elapsed=timedelta(seconds=s))),
    st.integers(1, 3_000).map(lambda m: Span(elapsed=timedelta(minutes=m))),
    st.integers(1, 40).map(lambda d: Span(elapsed=timedelta(days=d))),
)
SUMS = st.one_of(st.builds(Sum, SPANS), st.builds(Sum, SPANS, SPANS, st.integers(1, 9)))
INSTANTS = st.integers(0, 3 * 366 * 86_400).map(lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(SUMS, INSTANTS, st.sampled_from(list(Anchor)))
def test_any_sum_that_is_said_is_true_on_the_clocks_of_the_wall(total: Sum, base: datetime, anchor: Anchor) -> None:
    """Seconds are written where they matter; where the clocks change in between, that is said."""
    due_at = total.after(base)
    said = Because(due_at, anchor, base, total, Risk.LOW, Risk.LOW, Risk.LOW, "A force", 3, "CHOSEN", "CHOSEN")
    sentence = said.sentence("Due", base)
    assert ("the clocks change in between" in sentence) is clocks_change(base, due_at)
    assume(not _twice(base, due_at))
    assert checked(sentence, base)


def _twice(*instants: datetime) -> bool:
    """Tell whether one of the instants lies in the hour that the clocks show twice."""
    return any(at.astimezone(LOCAL).replace(fold=0).utcoffset() != at.astimezone(LOCAL).utcoffset() for at in instants)


def test_the_checker_finds_a_false_sum() -> None:
    """The test of the sums can fail."""
    with pytest.raises(AssertionError):
        checked("Due 19:11: 10 minutes after the record was made (19:00), the time for low risk.", at("19:00"))


# --- lines of the journal ------------------------------------------------------------------------------


def test_moved_by_a_revision() -> None:
    """A line of the journal says which revision moved a deadline, and who approved it, where it holds that."""
    body = {"step": NOTIFY, "before": "2026-01-10T19:10:00Z", "after": "2026-01-10T19:07:00Z", "revision": 4}
    said = why_line("retimed", {**body, "approved_by": "supt-1"}, at("19:01"))
    assert said == "Moved from 19:10 to 19:07 at 19:01 by revision 4, approved by supt-1."


def test_a_case_that_follows_a_revision() -> None:
    """What moved says from when to when, by which revision, and by which sum of it; the step says the same."""
    night = Night(rules=only(NOTIFY)).report().until("19:01")
    rule = night.pack.steps[NOTIFY]
    shorter = replace(rule, due={**rule.due, Risk.MEDIUM: Span.parse("7m")})
    new = replace(night.pack, revision=4, steps={NOTIFY: shorter})
    night.keep(repin(night.case, night.pack, new, night.roster, night.now))
    (moved,) = [entry for entry in night.entries if entry.kind == "retimed"]
    due = (
        "Due 19:07: 7 minutes after the record was made (19:00), the time for medium risk, in Staffordshire Police, "
        "revision 4 (rule from S0, time chosen)."
    )
    assert why_line(moved.kind, moved.body, moved.at) == f"Moved from 19:10 to 19:07 at 19:01 by revision 4. {due}"
    assert why_due(night.case, new, night.step(NOTIFY), night.now) == due


def test_lines_written_before_they_held_reasons() -> None:
    """They say what they hold, which is less; a line of another kind is not explained."""
    assert why_line("step_opened", {"due_at": "2026-01-10T19:10:00Z"}, at("19:00")) == "Due 19:10."
    assert why_line("overdue", {"holder": "insp-a"}, at("19:10")) == (
        "Overdue since 19:10. Not done by then; it was with insp-a."
    )
    assert why_line("note", {}, at("19:10")) == ""


def test_chosen_and_not_chosen() -> None:
    """From how many and by which rule; where nobody was, what was looked for."""
    body = {"role": "duty_inspector", "areas": ["stoke"], "chosen": "insp-a", "candidates": ["insp-a", "insp-b"]}
    assert why_line("chosen", body, at("19:00")) == (
        "insp-a was chosen, the first of 2 as duty inspector for stoke (fewest open cases, then the latest to come on "
        "duty, then the least id)."
    )
    nobody = {**body, "chosen": None, "candidates": []}
    assert why_line("chosen", nobody, at("19:00")) == "Nobody was on duty as duty inspector for stoke."
