"""Steps done, waived and recorded: a tick is not evidence, and the serial names who was told."""

import pytest

from policy.errors import Refused, UsedLink
from policy.pack_parse import parse
from policy.terms import AlarmKey, Anchor, StepStatus
from tests.policy.night import ASSESS, CONFIRM, ENTRY, NOTIFY, Night, at, on, pack, staff, texts

SEARCH = """
[steps.search]
title = "Search the home"
stage = "respond"
kind = "task"
anchor = "call_received"
due = "1h"
actor = "response_sergeant"
basis = { rule = "CHOSEN", time = "CHOSEN" }
evidence = [
  { name = "rooms", title = "Rooms searched", help = "name each room, loft and outbuilding" },
  { name = "vehicles", title = "Vehicles" },
  { name = "photo", title = "Photograph", required = false },
]
"""
REVIEW = """
[steps.look]
title = "Sergeant review"
stage = "review"
kind = "review"
anchor = "call_received"
due = "8h"
every = "8h"
actor = "response_sergeant"
basis = { rule = "CHOSEN", time = "CHOSEN" }
"""
CLOSED_ALARM = AlarmKey.SERIAL_CLOSED_WITHOUT_RECIPIENT


def search() -> Night:
    """Open a case of a force that searches the home."""
    return Night(rules=pack(more=SEARCH)).report()


def test_a_step_is_done_with_its_form_filled_in() -> None:
    """Who, when and what; nothing more of it goes out."""
    night = search().until("19:30").says("sgt-s", "step_completed", step="search", rooms="all five", vehicles="none")
    step = night.step("search")
    assert (step.status, step.done_by, step.done_at) == (StepStatus.DONE, "sgt-s", at("19:30"))
    assert step.evidence == {"rooms": "all five", "vehicles": "none"}
    assert [(c.step, c.occurrence) for c in night.cancels] == [("search", 1)]


def test_a_tick_is_not_evidence() -> None:
    """All that is missing is named, with why it is asked for."""
    with pytest.raises(Refused) as refusal:
        search().says("sgt-s", "step_completed", step="search", rooms=" ")
    assert refusal.value.rule == "search"
    assert [(m.what, m.why) for m in refusal.value.missing] == [
        ("rooms", "name each room, loft and outbuilding"),
        ("vehicles", "Vehicles: a tick is not evidence"),
    ]
    assert "sgt-s" in refusal.value.who_may


def test_what_is_not_complete_is_kept_and_the_step_stays_open() -> None:
    """Written over the evening, completed when all is there."""
    night = search().says("sgt-s", "step_completed", step="search", rooms="all five", complete=False)
    assert night.step("search").status is StepStatus.OPEN
    night.says("sgt-s", "step_completed", step="search", vehicles="the red one")
    assert (night.step("search").status, night.step("search").evidence["rooms"]) == (StepStatus.DONE, "all five")


@pytest.mark.parametrize(
    ("said_at", "done_at", "status"),
    [
        ("20:30", "19:40", StepStatus.DONE),
        ("20:30", None, StepStatus.DONE_LATE),
        ("20:30", "20:00", StepStatus.DONE_LATE),
    ],
)
def test_what_was_done_in_time_and_written_later_was_done_in_time(
    said_at: str, done_at: str | None, status: StepStatus
) -> None:
    """`at` may lie in the past; the breach that was written meanwhile stays in the journal."""
    night = search().until(said_at)
    night.says("sgt-s", "step_completed", when=done_at, step="search", rooms="all", vehicles="none")
    assert night.step("search").status is status
    assert [e.at for e in night.entries if e.kind == "overdue" and e.body["step"] == "search"] == [at("20:00")]


def test_a_step_is_done_once() -> None:
    """The second learns of the first."""
    night = search().says("sgt-s", "step_completed", step="search", rooms="all", vehicles="none").until("19:10")
    with pytest.raises(UsedLink, match="search was done by sgt-s at 19:00"):
        night.says("sgt-s", "step_completed", step="search", rooms="all", vehicles="none")


def test_some_steps_are_done_by_saying_what_was_done() -> None:
    """Nobody ticks an acknowledgement, a level or a serial entry."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("insp-a", "step_completed", step=NOTIFY)
    assert refusal.value.missing[0].what == "acknowledged"
    assert "acknowledged, not by a tick" in refusal.value.detail


def test_a_step_that_is_not_there_is_named() -> None:
    """With the steps that are."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("insp-a", "step_completed", step="dance")
    assert refusal.value.rule == "dance"
    assert NOTIFY in refusal.value.missing[0].why


def test_too_low_a_rank() -> None:
    """A constable does not complete what belongs to a sergeant; the refusal says who may."""
    night = Night(staff(extra=[on("pc-1", "response_officer")]), pack(more=SEARCH)).report()
    with pytest.raises(Refused) as refusal:
        night.says("pc-1", "step_completed", step="search", rooms="all", vehicles="none")
    assert (refusal.value.rule, refusal.value.missing[0].what) == ("search", "a person of rank sergeant or above")
    assert "pc-1" not in refusal.value.who_may


def test_a_step_of_nobodys_rank_takes_anybody() -> None:
    """Where a pack tells people and names no actor, whoever is known and there may do it."""
    told = SEARCH.replace('actor = "response_sergeant"', 'tells = [{ role = "response_sergeant" }]')
    night = Night(staff(extra=[on("op-1", "control_room_operator")]), pack(more=told)).report()
    night.says("op-1", "step_completed", step="search", rooms="all", vehicles="none")
    assert night.step("search").done_by == "op-1"


def test_a_review_is_answered_by_its_decision() -> None:
    """The occurrence that is open; it moves the last investigative entry."""
    night = Night(rules=pack(more=REVIEW)).report().until("20:00")
    night.says("sgt-s", "reviewed", step="look", decision="go on", rationale="no trace yet")
    assert night.step("look", 1).status is StepStatus.DONE
    assert night.case.anchors[Anchor.LAST_INVESTIGATIVE_ENTRY] == at("20:00")
    with pytest.raises(Refused) as refusal:
        night.says("sgt-s", "reviewed", step="look", decision="go on", rationale="no trace yet")
    assert (refusal.value.rule, refusal.value.missing[0].what) == ("look", "an open step")


def test_a_fact_that_no_step_asks_for_is_refused_by_its_kind() -> None:
    """Nobody interviews a person whom nobody has found."""
    with pytest.raises(Refused) as refusal:
        Night().report().held("sgt-s")
    assert (refusal.value.rule, refusal.value.missing[0].what) == ("interview_held", "an open step")


# --- waiving ------------------------------------------------------------------------------------------------


def test_waived_by_the_holders_supervisor() -> None:
    """With the reason; nothing more of it goes out."""
    night = Night().report().says("ci-1", "step_waived", step=CONFIRM, reason="set by a superintendent in the room")
    step = night.step(CONFIRM)
    assert (step.status, step.done_by, step.reason) == (
        StepStatus.WAIVED,
        "ci-1",
        "set by a superintendent in the room",
    )
    assert CONFIRM in [c.step for c in night.cancels]


@pytest.mark.parametrize("by", ["sgt-s", "insp-a", "fim-1"])
def test_not_waived_by_the_holder_or_anybody_of_their_rank(by: str) -> None:
    """The FIM holds it: only a chief inspector or above waives it."""
    night = Night().report().until("19:01").says("insp-a", "acknowledged")
    for key in (CONFIRM, ENTRY):
        with pytest.raises(Refused) as refusal:
            night.says(by, "step_waived", step=key, reason="no time")
        assert (refusal.value.rule, refusal.value.missing[0].what) == (key, "a person of rank chief_inspector or above")
        assert refusal.value.who_may.startswith("ci-1")


def test_what_nobody_holds_is_waived_above_the_rank_it_asks_for() -> None:
    """A step that still waits has no holder: its own rank counts."""
    night = Night(staff(without=["fim-1"])).report(risk=None)
    assert night.step(ASSESS).holder is None
    night.says("sgt-s", "step_waived", step=ASSESS, reason="duplicate record")
    assert night.step(ASSESS).status is StepStatus.WAIVED


def test_some_steps_are_never_waived() -> None:
    """Not by anybody."""
    with pytest.raises(Refused) as refusal:
        Night().report().says("supt-1", "step_waived", step=NOTIFY, reason="quiet night")
    assert (refusal.value.rule, refusal.value.who_may) == (NOTIFY, "nobody")


# --- the serial ---------------------------------------------------------------------------------------------


def test_the_serial_entry_completes_its_step() -> None:
    """Who was told, as it stands on the serial."""
    night = Night().report().until("19:04").says("insp-a", "acknowledged").until("19:06")
    night.says("fim-1", "serial_entry", recipient="insp-a", text="Told insp-a 19:00, acknowledged 19:04")
    assert night.step(ENTRY).status is StepStatus.DONE
    assert night.step(ENTRY).evidence["recipient"] == "insp-a"


def test_the_serial_closed_without_an_entry() -> None:
    """Never refused: the FIM hears at once, and the case is non-compliant until the entry exists."""
    night = Night().report().until("19:05")
    assert night.says("somebody", "serial_closed").case.non_compliant
    assert [(a.key, a.to) for a in night.alarms] == [(CLOSED_ALARM, "fim-1")]
    named = night.until("19:07").says("fim-1", "serial_entry", recipient="insp-a", text="Told insp-a 19:00")
    assert not named.case.non_compliant
    assert night.cleared == [CLOSED_ALARM]
    assert night.step(ENTRY).status is StepStatus.DONE


def test_the_serial_closed_with_its_entry() -> None:
    """Nothing rings; a second entry changes nothing that was done."""
    night = Night().report().says("fim-1", "serial_entry", recipient="insp-a", text="Told insp-a 19:00")
    night.until("19:01").says("fim-1", "serial_closed")
    assert (night.case.non_compliant, night.alarms) == (False, [])
    night.says("fim-1", "serial_entry", recipient="sgt-s", text="Told sgt-s too")
    assert night.step(ENTRY).done_at == at("19:00")


def test_waiving_the_entry_does_not_make_one() -> None:
    """Compliance comes from the serial, not from a decision not to look."""
    night = Night().report().says("insp-a", "acknowledged").says("ci-1", "step_waived", step=ENTRY, reason="busy")
    assert night.says("fim-1", "serial_closed").case.non_compliant


def test_a_force_without_the_gate_hears_of_it_as_well() -> None:
    """No step asks for the entry, so none stands."""
    alone = f'pack = "alone"\ntitle = "Alone"\n{SEARCH}'
    night = Night(rules=parse("alone", {**texts(), "alone": alone})).report().says("fim-1", "serial_closed")
    assert night.case.non_compliant


# --- information --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "evidence", "anchors"),
    [
        ("attended", {}, {Anchor.ATTENDED, Anchor.LAST_INVESTIGATIVE_ENTRY}),
        (
            "new_information",
            {"summary": "seen", "source": "mother"},
            {Anchor.NEW_INFO, Anchor.LAST_INVESTIGATIVE_ENTRY},
        ),
        ("contact_made", {"with": "mother"}, {Anchor.LAST_CONTACT}),
        ("found_reported", {}, {Anchor.FOUND_REPORTED}),
        ("verified_seen", {"seen_by": "pc-1", "where": "home", "wellbeing": "safe"}, {Anchor.FOUND_REPORTED}),
        ("note", {"text": "called twice"}, set()),
        ("log_entry", {"source": "STORM", "text": "unit sent"}, set()),
        ("tasked", {"unit": "SR21"}, set()),
        ("resourced", {"unit": "SR21"}, set()),
        ("unresourced", {"reason": "no unit"}, set()),
        ("reopened", {"reason": "called again"}, set()),
    ],
)
def test_information_sets_its_anchor(kind: str, evidence: dict[str, object], anchors: set[Anchor]) -> None:
    """From anybody, known or not; journalled as said."""
    night = Night().report()
    before = night.case.anchors
    night.until("19:30").says("somebody", kind, when="19:20", **evidence)
    moved = {anchor: when for anchor, when in night.case.anchors.items() if before.get(anchor) != when}
    assert moved == dict.fromkeys(anchors, at("19:20"))
    (entry,) = [e for e in night.entries if e.kind == "fact"]
    assert (entry.by, entry.at, entry.body["fact"], entry.body["verified"]) == ("somebody", at("19:20"), kind, False)


def test_returned_when_they_came_back_and_not_when_it_was_said() -> None:
    """Interviews count from the door; a return in the future counts as now."""
    night = Night().report().until("23:00").says("insp-a", "returned", at="2026-01-10T21:40:00+00:00")
    assert night.case.anchors[Anchor.RETURNED] == at("21:40")
    night.says("insp-a", "returned", at="2026-01-11T09:00:00Z")
    assert night.case.anchors[Anchor.RETURNED] == at("23:00")


def test_what_was_told_late_does_not_put_the_clock_back() -> None:
    """The last contact is the latest, in whatever order they were written down."""
    night = Night().report().until("20:00")
    night.says("insp-a", "contact_made", when="19:50", **{"with": "mother"})
    night.says("insp-a", "contact_made", when="19:20", **{"with": "school"})
    assert night.case.anchors[Anchor.LAST_CONTACT] == at("19:50")
