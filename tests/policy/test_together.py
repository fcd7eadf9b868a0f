"""Several facts that came together: one outcome, one message to each person; all of them or none."""

import pytest

from policy.errors import Invalid, Refused
from policy.facts import Fact, read_fact
from policy.record import record_all
from policy.terms import StepStatus
from tests.policy.night import ACCEPTS, NOTIFY, Night, at


def fact(by: str, kind: str, when: str | None = None, **evidence: object) -> Fact:
    """Read a fact, as a log sends it."""
    raw: dict[str, object] = {"kind": kind, "by": by, "evidence": evidence}
    return read_fact({**raw, "at": at(when).isoformat()} if when else raw)


def taken(night: Night, *facts: Fact) -> Night:
    """Take them in one piece."""
    return night.keep(record_all(night.case, facts, night.pack, night.roster, night.now))


def test_each_of_them_is_taken_in_its_turn() -> None:
    """Acknowledged by the sergeant, then accepted by the inspector; each journalled under its own hand."""
    night = taken(Night().report().until("19:05"), fact("sgt-s", "acknowledged"), fact("insp-a", "accepted"))
    assert (night.step(NOTIFY).done_by, night.step(ACCEPTS).done_by) == ("sgt-s", "insp-a")
    assert [entry.by for entry in night.entries if entry.kind == "fact"] == ["sgt-s", "insp-a"]


def test_each_person_hears_once() -> None:
    """Ten lines of a log are one message to the owner."""
    night = Night().report().says("insp-a", "accepted").until("20:00").forget()
    lines = [fact("op-1", "new_information", f"19:{50 + n}", summary=f"line {n}", source="log") for n in range(9)]
    taken(night, *lines)
    assert len([tell for tell in night.tells if tell.person == "insp-a"]) == 1
    assert night.step("reassess_on_new_information").status is StepStatus.OPEN


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (fact("somebody", "acknowledged"), Refused),
        (fact("op-1", "note", "21:00", text="from tomorrow"), Invalid),
    ],
)
def test_all_of_them_or_none(bad: Fact, error: type[Exception]) -> None:
    """One that is refused leaves the case as it was."""
    night = Night().report().until("19:05")
    before = night.case
    with pytest.raises(error):
        taken(night, fact("insp-a", "attended"), bad)
    assert night.case == before


def test_none_of_them() -> None:
    """Then time alone acts."""
    night = Night().report()
    night.now = at("19:10")
    assert taken(night).step(NOTIFY).status is StepStatus.OVERDUE
