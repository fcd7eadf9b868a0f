"""A case under each force's own procedure, through the real processes: one home, four packs, each run COMPLETED.

Each takes its own steps, by its own people, beside those that every force has; the pictures are those of Prefect.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.live.force import NOTICE, Force
from tests.live.test_screens import Camera, browser, camera, desk, seen
from tests.support.sink import Sink
from tests.support.stack import duty, running

__all__ = ["browser", "camera", "desk"]  # fixtures
pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(240)]

SUNDAY = "2026-01-11T10:00:00Z"  # in the hours of the Derbyshire team
ROLES = {
    "fim-1": "force_incident_manager",
    "fcc-1": "control_room_sergeant",
    "ci-1": "duty_chief_inspector",
    "sup-1": "on_call_superintendent",
    "off-1": "response_officer",
    "off-2": "missing_officer",
    "ds-1": "missing_sergeant",
    "mdi-1": "missing_inspector",
    "cdi-1": "cid_inspector",
    "sdi-1": "safeguarding_inspector",
}
SETTINGS = """
[areas.stoke]
pack = "staffordshire"
[areas.derby_city]
pack = "derbyshire_mpt"
[areas.central_north]
pack = "metropolitan"
"""
FLAGS = ["child_in_care", "care_home_report"]
Done = tuple[str, str, Mapping[str, object]]  # step, by whom, its form


@dataclass(frozen=True)
class Way:
    """How a force does it: where, at what risk, who owns the case in turn, and the steps that are its own."""

    area: str | None
    risk: str
    owners: tuple[tuple[str, str], ...]  # each with the act that offers it to them
    own: tuple[Done, ...]
    acts: tuple[str, ...]  # task runs in the force's own words


ALLOCATED = {"officer": "off-2", "supervisor": "ds-1"}
REVIEWED = {"decision": "Go on", "rationale": "Two friends still to be asked"}
WAYS: Mapping[str, Way] = {
    "uk_app_baseline": Way(None, "medium", (("insp-x", "Notify duty inspector"),), (), ()),
    "staffordshire": Way("stoke", "high", (("insp-x", "Notify LOI"), ("cdi-1", "Offer the case to CID")), (), ()),
    "derbyshire_mpt": Way(
        "derby_city",
        "high",
        (("insp-x", "Notify duty inspector"),),
        (
            ("allocate_team_officer", "ds-1", ALLOCATED),
            ("redacted_partner_report", "fim-1", {"sent_to": "The council", "sent_at": SUNDAY}),
            ("partner_proforma", "off-2", {"from_whom": "The home", "what_is_new": "A new friend"}),
            ("philomena_form", "off-2", {"outcome": "attached", "asked_of": "The shift leader"}),
            ("home_spoc_contacted", "off-2", {"spoken_to": "The manager", "what_they_say": "Not like her"}),
            ("detective_review", "mdi-1", REVIEWED),
        ),
        ("Review by the Missing Persons Team 1", "Ask for the partner's pro-forma"),
    ),
    "metropolitan": Way(
        "central_north",
        "high",
        (("sdi-1", "Offer the case to its owner"),),
        (("action_owner_register", "sdi-1", {"actions": "off-1: the two friends"}),),
        ("Ask for the owner of each action",),
    ),
}


@pytest.fixture(scope="module")
def forces(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Force]:
    """One home with the packs of four forces, everybody on duty for all of them."""
    home: Path = tmp_path_factory.mktemp("forces") / "home"
    home.mkdir()
    (home / "vigil.toml").write_text(SETTINGS, encoding="utf-8")
    with running(home, "--pack", "uk_app_baseline", "--start", SUNDAY, "--speed", "60") as stack:
        force = Force(stack, sink)
        people = [*ROLES.items(), ("insp-x", "duty_inspector"), ("sgt-x", "response_sergeant")]
        stack.put_roster([duty(person, role, "*", sink.address(person)) for person, role in people])
        yield force


@dataclass
class Case:
    """A case that is carried through; what is said of it must be taken."""

    force: Force
    ref: str

    def fact(self, kind: str, by: str, step: str | None = None, **evidence: object) -> None:
        """Send a fact that must be taken."""
        body = {"kind": kind, "by": by, "step": step, "evidence": evidence}
        self.force.stack.post(f"/cases/{self.ref}/facts", {k: v for k, v in body.items() if v is not None}, 200)

    def status(self, step: str) -> str:
        """Say where a step stands."""
        return str(self.force.step(self.ref, step)["status"])


@pytest.mark.parametrize("pack", WAYS)
def test_a_case_of_each_force_is_carried_to_its_closure(forces: Force, desk: Page, camera: Camera, pack: str) -> None:
    """Told, owned as the force has it, its own steps done by its own people, found, interviewed, signed: COMPLETED."""
    way = WAYS[pack]
    case = Case(forces, _report(forces, pack, way))
    assert forces.stack.ask(f"/cases/{case.ref}")["pack"] == pack
    forces.settled(case.ref)
    _owned(case, way)
    for step, by, form in way.own:
        kind = "reviewed" if form is REVIEWED else "step_completed"
        case.fact(kind, by, step, **form)
        assert case.status(step) == "done", step
    for act in way.acts:
        assert forces.named(case.ref, act), (act, [one["name"] for one in forces.acts(case.ref)])
    _found_and_closed(case)
    run = _completed(case)
    assert run["state_name"] == "Closed, signed by Duty chief inspector ci-1"
    assert f"pack:{pack}" in run["tags"]
    desk.goto(f"{forces.stack.up['prefect']}/runs/flow-run/{run['id']}")
    seen(desk, re.compile(rf"{case.ref} · {way.risk} risk · "))
    seen(desk, re.compile("^Closed, signed by"))
    desk.get_by_text("Task Runs", exact=True).first.click()
    desk.locator("canvas").first.wait_for()
    forces.pause(2.5)  # the timeline draws itself
    camera.take(desk, f"case-{pack}.png")


def _report(forces: Force, pack: str, way: Way) -> str:
    body: dict[str, Any] = {
        "source": "live",
        "source_id": pack,
        "area": way.area,
        "risk": way.risk,
        "risk_rationale": "Out of character",
        "person": {"name": f"A Child of {pack}", "date_of_birth": "2011-07-23"},
        "circumstances": "Left the home after breakfast",
        "reporter": {"name": "A Carer", "kind": "home_staff"},
        "flags": FLAGS,
    }
    return str(forces.stack.post("/reports", body, 201)["case"])


def _owned(case: Case, way: Way) -> None:
    """Told and answered; each owner of the force's procedure accepts in turn, and the case is theirs from then on."""
    case.fact("risk_set", "fim-1", level=way.risk, rationale="As the record has it")
    if way.area is None:  # the nation has no areas: the record's is to be corrected
        case.fact("step_completed", "fim-1", "correct_record")
    case.fact("acknowledged", "insp-x", understood_risk=way.risk, first_action="To the home")
    assert case.status(NOTICE).startswith("done")
    case.fact("serial_entry", "fcc-1", recipient="insp-x", text="Told at 10:00")
    for owner, act in way.owners:
        assert case.force.named(case.ref, act), (act, [one["name"] for one in case.force.acts(case.ref)])
        case.fact("accepted", owner)
        assert case.force.stack.ask(f"/cases/{case.ref}")["owner"] == owner
    case.fact("attended", "off-1", who="off-1")


def _found_and_closed(case: Case) -> None:
    """Seen by police, interviewed, asked to be closed by one and signed by another."""
    case.fact("found_reported", "fcc-1", where="At her aunt's", how="The aunt rang")
    case.fact("verified_seen", "off-1", seen_by="off-1", where="At her aunt's", wellbeing="safe")
    case.fact("step_completed", "fim-1", "cancel_circulation", reference="none made")
    case.fact("step_completed", "sgt-x", "rhi_request", asked_of="The council's provider")
    now = case.force.stack.now().isoformat()
    told = {"harm": "None", "reasons": "A quarrel", "where_been": "At her aunt's", "risk_next_time": "Low"}
    case.fact("interview_held", "off-1", interviewer="off-1", when=now, where="At home", method="Face to face", **told)
    case.fact("contact_made", "insp-x", **{"with": "The carer"})
    case.fact("closure_requested", "insp-x", rationale="Seen and interviewed", reason="found")
    case.fact("closure_signed", "ci-1", rationale="Interview read, the home spoken to")
    assert case.force.stack.ask(f"/cases/{case.ref}")["status"] == "closed"


def _completed(case: Case) -> Any:
    run: Any = None
    for _ in case.force.ticks(30):
        run = case.force.run(case.ref)
        if run["state_type"] == "COMPLETED":
            return run
    raise AssertionError(f"the run goes on: {run and run['state_name']}")
