"""Revisions by the doors: proposed, approved by another, in force from their instant, withdrawn; what live cases do."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta

import pytest
import tomli_w

from policy.errors import Invalid, Refused, Stale, Unknown
from policy.terms import AlarmKey, Route
from runtime import door_revisions, doors, readings_revisions
from runtime.door_forms import refuse_withdrawn
from store import alarms, revisions
from tests.runtime.revision_world import PACK, SEVEN, START, Force, a_force


@pytest.fixture
def force() -> Iterator[Force]:
    """Begin an evening."""
    with a_force() as made:
        yield made


def test_a_live_case_follows_an_approved_revision(force: Force) -> None:
    """Ten minutes become seven two minutes in: due 19:07, and escalated by the new number; the pin says so."""
    ref = force.report()
    force.forward(2)
    made = force.propose()
    assert (made.number, made.status, made.base) == (2, "proposed", 1)
    assert force.settle() == 0, "nothing follows a proposal"
    force.approve(2)
    assert force.settle() == 1
    assert force.case(ref).revision == 2
    assert force.step(ref).due_at == START + timedelta(minutes=7)
    force.forward(12)
    told = [t.person for t in force.step(ref).told if t.rung == 1]
    assert told == ["fim-1"], "19:14, not 19:20"
    assert force.settle() == 0, "once"
    (line,) = force.lines("revision_approved")
    assert (line.by, line.body["proposed_by"], line.body["reason"]) == ("supt-1", "adm-1", "After a review")
    assert [line.body["after"] for line in force.lines("repinned", ref)] == [2]


def test_a_revision_for_new_cases_leaves_live_ones(force: Force) -> None:
    """The old case keeps its deadline and its pin; the next one begins under the new number."""
    old = force.report(1)
    force.approve(force.propose(applies_to="new").number)
    force.settle()
    new = force.report(2)
    assert (force.case(old).revision, force.case(new).revision) == (1, 2)
    assert force.step(old).due_at == START + timedelta(minutes=10)
    assert force.step(new).due_at == START + timedelta(minutes=7)


def test_it_comes_into_force_at_its_instant(force: Force) -> None:
    """Approved now for 20:00: cases before and after are of different revisions; none is moved before."""
    at = START + timedelta(hours=1)
    force.approve(force.propose(effective_from=at.isoformat(), applies_to="new").number)
    before = force.report(1)
    force.forward(61)
    after = force.report(2)
    assert (force.case(before).revision, force.case(after).revision) == (1, 2)


def test_an_approval_never_counts_backwards(force: Force) -> None:
    """What should have been in force before its approval is in force from the approval on."""
    made = force.propose(effective_from=(START + timedelta(minutes=5)).isoformat())
    force.forward(30)
    assert force.approve(made.number).effective_from == force.app.clock.now()


@pytest.mark.parametrize(
    ("by", "rule"), [("adm-1", "second_person"), ("insp-a", "rank"), ("nobody-1", "rank"), ("ci-1", "rank")]
)
def test_who_may_not_approve(force: Force, by: str, rule: str) -> None:
    """Never the proposer, nor somebody of too low a rank, nor somebody unknown; the revision stays proposed."""
    made = force.propose()
    with pytest.raises(Refused) as refused:
        force.approve(made.number, by)
    assert refused.value.rule == rule
    with force.app.sessions.reading() as s:
        assert revisions.get(s, PACK, made.number).status == "proposed"


def test_who_may_not_propose(force: Force) -> None:
    """A constable, an inspector, somebody unknown."""
    for by in ("insp-a", "nobody-1"):
        with pytest.raises(Refused) as refused:
            force.propose(by=by)
        assert refused.value.rule == "rank"


def test_two_admins_at_once(force: Force) -> None:
    """Both proposed on the same revision; once one is approved the other must be looked at again."""
    first, second = force.propose(), force.propose({**SEVEN, "value": "8m"}, by="adm-2")
    force.approve(first.number)
    with pytest.raises(Refused) as refused:
        force.approve(second.number)
    assert refused.value.rule == "stale_base"
    with pytest.raises(Stale) as stale:
        force.propose({**SEVEN, "value": "8m"}, base=1)
    assert stale.value.current == first.number
    again = force.propose({**SEVEN, "value": "8m"}, by="adm-2")
    assert again.base == first.number
    assert [one["before"] for one in _lines(force, 2, again.number, "changes")] == ["7m"]


def test_settled_once(force: Force) -> None:
    """Approved twice, or after a withdrawal: refused, with what stands."""
    made = force.propose()
    force.approve(made.number)
    with pytest.raises(Refused) as refused:
        force.approve(made.number)
    assert refused.value.rule == "settled"
    with pytest.raises(Unknown):
        force.approve(99)
    with pytest.raises(Unknown):
        door_revisions.propose(force.app, "metropole", force.body(), "adm-1", Route.API)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({**SEVEN, "value": "10m"}, "changes", "change nothing"),
        ({**SEVEN, "value": "3m"}, "changes.0.value", "reminds every 3m at medium risk, and is due after 3m"),
        ({**SEVEN, "value": "-"}, "changes.0.value", "is not asked for at medium"),
        ({**SEVEN, "field": "every", "value": "1m", "step": "sergeant_review"}, "changes.0.value", "five minutes"),
    ],
)
def test_a_change_that_contradicts_the_pack_is_said_at_its_field(
    force: Force, change: dict[str, object], field: str, says: str
) -> None:
    """It is sound as a number; what it makes of the pack is not."""
    with pytest.raises(Invalid) as refused:
        force.propose(change)
    assert any(fault.field == field and says in fault.message for fault in refused.value.faults), refused.value.faults


def test_one_may_not_come_into_force_before_what_it_builds_on(force: Force) -> None:
    """Else its numbers would be in force before somebody meant them to."""
    later = (START + timedelta(days=7)).isoformat()
    force.approve(force.propose(effective_from=later).number)
    with pytest.raises(Invalid) as refused:
        force.propose({**SEVEN, "value": "8m"}, effective_from=(START + timedelta(days=1)).isoformat())
    assert [fault.field for fault in refused.value.faults] == ["effective_from"]
    assert force.propose({**SEVEN, "value": "8m"}).effective_from.isoformat() == later


def test_a_withdrawn_revision_cannot_be_used(force: Force) -> None:
    """New cases begin under the one before, and live ones go back to it; what is open keeps what has been told."""
    made = force.propose()
    force.approve(made.number)
    ref = force.report()
    assert force.case(ref).revision == 2
    force.withdraw(2)
    assert force.case(force.report(2)).revision == 1
    assert force.settle() == 1
    assert (force.case(ref).revision, force.step(ref).due_at) == (1, START + timedelta(minutes=10))
    with pytest.raises(Refused) as refused:
        force.withdraw(2)
    assert refused.value.rule == "settled"


def test_what_may_not_be_withdrawn(force: Force) -> None:
    """One on which another builds; the only one in force; by somebody of too low a rank, or without a reason."""
    force.approve(force.propose().number)
    force.approve(force.propose({**SEVEN, "value": "8m"}).number)
    for number, by, rule in ((2, "supt-1", "built_upon"), (3, "insp-a", "rank")):
        with pytest.raises(Refused) as refused:
            force.withdraw(number, by)
        assert refused.value.rule == rule
    with pytest.raises(Invalid):
        door_revisions.withdraw(force.app, PACK, 3, "supt-1", " ", Route.API)
    force.withdraw(3)
    force.withdraw(2)
    with pytest.raises(Refused) as refused:
        force.withdraw(1)
    assert refused.value.rule == "last_revision"
    proposed = force.propose()
    force.withdraw(proposed.number, "adm-1")  # whoever has proposed it may take it back


def test_an_old_form_is_refused_and_its_use_reported(force: Force) -> None:
    """GMP (W47): the old questions a minute after they were replaced. Nothing is recorded; who answers for it hears."""
    ref = force.report()
    force.approve(_new_questions(force), "acc-1")
    force.settle()
    force.forward(1)
    said = {"kind": "step_completed", "by": "fim-1", "step": "system_research", "evidence": {"researched_by": "fim-1"}}
    with pytest.raises(Refused) as refused:
        doors.record(force.app, ref, {**said, "revision": 1}, route=Route.CONSOLE)
    assert refused.value.rule == "withdrawn_version"
    assert force.lines("fact", ref) == []
    with pytest.raises(Refused):
        refuse_withdrawn(force.app, PACK, 1, step="system_research", by="fim-1")
    assert [line.body["case"] for line in force.lines("withdrawn_version_used")] == [ref, None]
    with force.app.sessions.reading() as s:
        rung = [(a.key, a.to) for a in alarms.listing(s) if a.key == AlarmKey.WITHDRAWN_VERSION_USED]
    assert rung == [(AlarmKey.WITHDRAWN_VERSION_USED, "adm-1")]
    refuse_withdrawn(force.app, PACK, 2, step="system_research", by="fim-1")


def test_the_same_form_of_another_revision_is_no_old_form(force: Force) -> None:
    """Only numbers were edited meanwhile: what was filled in is what is asked."""
    ref = force.report()
    force.approve(force.propose().number)
    force.settle()
    said = {"kind": "step_completed", "by": "fim-1", "step": "set_review_time", "revision": 1}
    doors.record(force.app, ref, {**said, "evidence": {"review_at": "2026-01-10T22:00:00Z"}}, route=Route.CONSOLE)
    assert force.lines("withdrawn_version_used") == []


def _lines(force: Force, old: int, new: int, kind: str) -> list[dict[str, object]]:
    found = readings_revisions.differences(force.app, PACK, old, new)[kind]
    assert isinstance(found, list)
    return found


def _new_questions(force: Force) -> int:
    table = tomllib.loads(readings_revisions.exported(force.app, PACK))
    table["steps"]["system_research"]["evidence"].append({"name": "question_15", "title": "Is anybody at home?"})
    return force.propose(text=tomli_w.dumps(table)).number


def test_a_whole_pack_is_proposed_back_and_takes_a_chief_officer(force: Force) -> None:
    """Exported, edited, proposed: the difference is readable; a superintendent may not approve words, an ACC may."""
    number = _new_questions(force)
    with force.app.sessions.reading() as s:
        made = revisions.get(s, PACK, number)
    assert made.kind == "pack"
    assert [one["where"] for one in _lines(force, 1, number, "others")] == ["steps.system_research.evidence"]
    with pytest.raises(Refused) as refused:
        force.approve(number, "supt-1")
    assert refused.value.rule == "rank"
    force.approve(number, "acc-1")


@pytest.mark.parametrize(
    ("edit", "field", "says"),
    [
        (lambda text: text.replace('pack = "staffordshire"', 'pack = "derbyshire"'), "text.pack", "derbyshire"),
        (lambda text: text + "\n[", "text", "is not TOML"),
        (
            lambda text: text.replace("steps.search_home", "steps.search_house"),
            "text.steps",
            "leaves out search_home",
        ),
        (lambda text: text, "changes", "change nothing"),
    ],
)
def test_an_import_that_is_not_the_pack_it_says_is_refused_whole(
    force: Force, edit: object, field: str, says: str
) -> None:
    """Another pack's name, broken, or with a step less: nothing of it is taken."""
    assert callable(edit)
    with pytest.raises(Invalid) as refused:
        force.propose(text=edit(readings_revisions.exported(force.app, PACK)))
    assert [(fault.field, says in fault.message) for fault in refused.value.faults] == [(field, True)]
    assert force.latest() == 1
