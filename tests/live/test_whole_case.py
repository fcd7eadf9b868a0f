"""One case from the report to the closure that another hand has signed, through the real processes.

Each thing somebody does ends what the case awaited: the run's state says what it awaits next, and by when.
"""

import re
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.live.force import NOTICE, PLANTED, Force

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(240)]

AREA = "south_staffordshire"
LOI, SERGEANT, OFFICER = f"insp-{AREA}", f"sgt-{AREA}", "off-1"
NEXT_LOI = "insp-stafford"  # who takes the case over

# The names under which the run was PAUSED, in the order in which the case came to them; the times are masked.
WAITS = [
    "Awaiting LOI acknowledgement by HH:MM",
    "Awaiting STORM entry by HH:MM",
    "Awaiting system research by HH:MM",
    "Awaiting a named owner by HH:MM",
    "Awaiting review at the time set by HH:MM",
    "Awaiting officers' attendance by HH:MM",
    "Awaiting supervisor's first review by HH:MM",
    "Awaiting contact with the reporter by HH:MM",
    "Awaiting re-assessment of the risk by HH:MM",
    "Awaiting search of the home by HH:MM",
    "Awaiting an investigative entry by HH:MM",
    "Awaiting the person to be seen by HH:MM",
    "Awaiting cancelled circulation by HH:MM",
    "Awaiting request for the return home interview by HH:MM",
    "Awaiting prevention interview by HH:MM",
    "Awaiting closure, signed by another person by HH:MM",
]

# Of each stage of the procedure the task runs that its page shows, in the field's words.
ACTS = {
    "risk": ("Ask the Force Incident Manager to confirm the risk", "Ask for the risk to be re-assessed"),
    "notify": ("Notify LOI", "Remind LOI 1", "Ask for the STORM entry"),
    "escalate": ("Escalate to Force Incident Manager",),
    "ownership": ("Offer the case to its owner",),
    "respond": ("Ask for the search of the home",),
    "review": ("Ask for the review that was set",),
    "interview": ("Ask for the person to be seen", "Ask for the prevention interview"),
    "partners": ("Ask for the circulation to be cancelled",),
    "closure": ("Ask for the closure",),
}


@dataclass
class Case:
    """A case that is carried through; each fact must end what the case awaited."""

    force: Force
    ref: str
    awaited: list[str] = field(default_factory=list)

    def awaits(self, what: str, within_s: float = 20) -> None:
        """Wait until the run rests under the name of what it awaits."""
        run: Any = None
        for _ in self.force.ticks(within_s):
            run = self.force.run(self.ref)
            if run["state_type"] == "PAUSED" and run["state_name"].startswith(f"Awaiting {what} by "):
                self.awaited.append(masked(run["state_name"]))
                return
        raise AssertionError(f"{self.ref} does not await {what}: {run['state_type']}, {run['state_name']}")

    def fact(self, kind: str, by: str, step: str | None = None, **evidence: str) -> None:
        """Send a fact that must be taken."""
        body = {"kind": kind, "by": by, "step": step, "evidence": evidence}
        self.force.stack.post(f"/cases/{self.ref}/facts", {k: v for k, v in body.items() if v is not None}, 200)

    def refused(self, kind: str, by: str, **evidence: str) -> dict[str, Any]:
        """Send a fact that must be refused; give the problem."""
        body = {"kind": kind, "by": by, "evidence": evidence}
        problem: dict[str, Any] = self.force.stack.post(f"/cases/{self.ref}/facts", body)
        assert problem["status"] in (409, 422), problem
        return problem

    def ahead(self, minutes: int) -> str:
        """Give an instant of the procedure that lies ahead."""
        return (self.force.stack.now() + timedelta(minutes=minutes)).isoformat()


def masked(name: str) -> str:
    """Give a state's name with its times masked."""
    return re.sub(r" by \d\d:\d\d( on \d+ \w+)?$", " by HH:MM", name)


def test_one_case_from_the_report_to_the_signed_closure(force: Force) -> None:
    """Told, climbed, answered, owned, sought, found, interviewed, closed by another hand: one run, COMPLETED."""
    case = Case(force, force.report(AREA)["case"])
    _told_and_answered_late(case)
    _owned_and_sought(case)
    _found_and_interviewed(case)
    _closed_by_another_hand(case)
    run = force.run(case.ref)
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", f"Closed, signed by Area sergeant {SERGEANT}")
    assert case.awaited == WAITS
    states = force.stack.prefect(f"/flow_run_states/?flow_run_id={run['id']}")
    paused = {masked(state["name"]) for state in states if state["type"] == "PAUSED"}
    assert set(WAITS) <= paused, sorted(paused)
    for stage, names in ACTS.items():
        for name in names:
            assert force.named(case.ref, name), (stage, name, [act["name"] for act in force.acts(case.ref)])
    assert force.stack.ask(f"/cases/{case.ref}")["status"] == "closed"
    assert _planted_in_prefect(force) == set()


def _told_and_answered_late(case: Case) -> None:
    """Nobody answers until the Force Incident Manager has been told; meanwhile the control room does its part."""
    case.awaits("LOI acknowledgement")
    case.fact("risk_set", "fim-1", level="medium", rationale=PLANTED["story"])
    case.fact("step_completed", "fim-1", "set_review_time", review_at=case.ahead(minutes=45))
    case.force.sink.wait_for("fim-1", within_s=30, case=case.ref, step=NOTICE, rung=1, type="escalate")
    case.fact("acknowledged", LOI)
    case.awaits("STORM entry")
    assert case.force.step(case.ref)["status"] == "done_late"
    case.fact("serial_entry", "fcc-1", recipient=LOI, text=PLANTED["place"])
    case.awaits("system research")
    found = {"national_computer": "Not known", "local_systems": PLANTED["story"], "previous_episodes": "None"}
    case.fact("step_completed", "fim-1", "system_research", researched_by="fim-1", travel="None", **found)
    case.awaits("a named owner")


def _owned_and_sought(case: Case) -> None:
    case.fact("accepted", LOI)
    case.awaits("review at the time set")
    case.fact("handover_offered", LOI, to=NEXT_LOI)
    assert case.force.stack.ask(f"/cases/{case.ref}")["owner"] == LOI  # until the next has accepted
    case.force.sink.wait_for(NEXT_LOI, within_s=15, case=case.ref, type="handover")
    case.fact("accepted", NEXT_LOI)
    assert case.force.stack.ask(f"/cases/{case.ref}")["owner"] == NEXT_LOI
    review = {"decision": "Medium stands", "rationale": PLANTED["story"]}
    case.fact("reviewed", NEXT_LOI, "review_at_set_time", **review, next_review_at=case.ahead(minutes=720))
    case.awaits("officers' attendance")
    case.fact("attended", OFFICER, who=OFFICER)
    case.awaits("supervisor's first review")
    case.fact("reviewed", SERGEANT, "supervisor_first_review", **review)
    case.awaits("contact with the reporter")
    case.fact("contact_made", NEXT_LOI, **{"with": PLANTED["name"]})
    case.fact("new_information", "fcc-1", summary=PLANTED["story"], source=PLANTED["name"])
    case.awaits("re-assessment of the risk")
    case.fact("reviewed", NEXT_LOI, "reassess_on_new_information", **review)
    case.awaits("search of the home")
    rooms = {"each_room": f"Kitchen: searched, {PLANTED['place']}", "loft": "Loft: searched"}
    rooms |= {"outbuildings": "none", "vehicles": "none"}
    case.fact("step_completed", SERGEANT, "search_home", searched_by=OFFICER, **rooms)
    case.awaits("an investigative entry")


def _found_and_interviewed(case: Case) -> None:
    case.fact("found_reported", "fcc-1", where=PLANTED["place"], how=PLANTED["story"])
    case.fact("reviewed", SERGEANT, "sergeant_review", decision="To the place", rationale="The aunt rang")
    case.awaits("the person to be seen")
    case.fact("verified_seen", OFFICER, seen_by=OFFICER, where=PLANTED["place"], wellbeing="safe")
    case.awaits("cancelled circulation")
    case.fact("step_completed", "fim-1", "cancel_circulation", reference="none made")
    case.awaits("request for the return home interview")
    case.fact("step_completed", SERGEANT, "rhi_request", asked_of="The provider")
    case.awaits("prevention interview")
    ticked = case.refused("interview_held", OFFICER, interviewer=OFFICER)
    assert {fault["field"] for fault in ticked["errors"]} >= {"evidence.when", "evidence.where", "evidence.method"}
    early = case.refused("closure_requested", OFFICER, rationale="She is back", reason="found")
    assert [lack["what"] for lack in early["missing"]] == ["interview_held"]
    told = {"harm": "None", "reasons": PLANTED["story"], "where_been": PLANTED["place"], "risk_next_time": "Low"}
    held = {"when": case.ahead(minutes=0), "where": "At home", "method": "Face to face", "own_words": PLANTED["story"]}
    case.fact("interview_held", OFFICER, interviewer=OFFICER, **held, **told)
    case.awaits("closure, signed by another person")


def _closed_by_another_hand(case: Case) -> None:
    case.fact("closure_requested", NEXT_LOI, rationale="Seen and interviewed", reason="found")
    sink = case.force.sink
    asked = sink.wait_for(SERGEANT, within_s=15, case=case.ref, step="closure_sign_off", times=2)
    assert "sign the closure" in asked[-1].body["ask"]
    for hand in (OFFICER, NEXT_LOI):  # who interviewed, and is a constable; who asked for it
        assert case.refused("closure_signed", hand, rationale="Done")["missing"]
    case.fact("closure_signed", SERGEANT, rationale="Interview read, the mother spoken to")
    for _ in case.force.ticks(20):
        if case.force.run(case.ref)["state_type"] == "COMPLETED":
            return
    raise AssertionError(f"the run goes on: {case.force.run(case.ref)['state_name']}")


def _planted_in_prefect(force: Force) -> set[str]:
    """Give what of the person stands in Prefect's database."""
    (database,) = (force.stack.home / "prefect").glob("*.db")
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        text = "\n".join(connection.iterdump())
    assert "flow_run" in text
    return {name for name, planted in PLANTED.items() if planted in text}
