"""A case between two forces: the sender has it until a named person there accepts, and a return is never silent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policy.explain_words import Scene, lacks
from policy.outlook import agenda, outlook
from policy.terms import AlarmKey, Anchor, Role
from policy.transfer import brief
from tests.policy.night import ACCEPTS, NOTIFY, Night, at, clock, pack, round_the_clock, staff
from tests.policy.two_forces import (
    BRIEF,
    FIRST,
    REVIEW,
    THEIR_FIM,
    TRANSFER,
    VOICE,
    accepted,
    both,
    offered,
    owned,
    owner,
    refused,
)


def test_the_sender_has_it_until_then() -> None:
    """An offer moves nothing but a deadline: the owner, the search and the reviews stay where they are."""
    night = owned()
    live = {step.id for step in night.case.live_steps()}
    night.says("insp-a", "transfer_offered", force="west_midlands", reason="Her friends live there")
    assert (night.case.force, night.case.transfer, owner(night)) == ("west_midlands", "offered", "insp-a")
    assert live <= {step.id for step in night.case.live_steps()}
    assert night.heard("wm-fim", TRANSFER) == ["19:30 task"]
    assert (night.due(TRANSFER), night.step(TRANSFER).holder) == ("20:30", "wm-fim")


@pytest.mark.parametrize(
    ("risk", "due"), [("very_low", "03:30"), ("low", "23:30"), ("medium", "20:30"), ("high", "19:45")]
)
def test_by_when_they_answer(risk: str, due: str) -> None:
    """Eight hours at very low risk, four at low, one at medium, a quarter of one at high (B47)."""
    assert offered(person={"name": "An Adult", "age": 40}, risk=risk).due(TRANSFER) == due


def test_who_hears_that_they_do_not_answer() -> None:
    """Overdue, both Force Incident Managers are told at once; then the owner, and who decides which force leads."""
    night = offered().until("23:31")
    assert "20:30 remind" in night.heard("wm-fim", TRANSFER)
    assert night.rungs(TRANSFER) == [
        "19:30 0 wm-fim",
        "20:30 1 fim-1",
        "21:30 2 insp-a",
        "22:30 3 ci-1",
        "23:30 4 supt-1",
    ]
    assert owner(night) == "insp-a"


def test_a_force_that_is_not_on_the_roster() -> None:
    """Where none of its people are known our own manager is asked to speak to it, and that is no alarm."""
    night = offered(staff())
    assert night.heard("fim-1", TRANSFER) == ["19:30 task"]
    assert night.rang(AlarmKey.NOBODY_ON_DUTY) == []
    night.until("19:40").says("fim-1", "transfer_accepted", person="PS 4711 Jones", how=VOICE)
    held = night.case.owner
    assert held is not None
    assert (held.person, held.role, clock(held.offered_at)) == ("PS 4711 Jones", Role.FORCE_INCIDENT_MANAGER, "19:30")


def test_it_may_be_offered_to_somebody_there() -> None:
    """Who is named is told beside the control room; a name that the roster has not is kept all the same."""
    night = owned().says("insp-a", "transfer_offered", force="west_midlands", to="wm-di")
    assert [tell.asks[0].text for tell in night.tells if tell.person == "wm-di"] == [
        "Another force offers you this case: accept it by name, or send it back with the reason"
    ]
    assert night.heard("wm-fim", TRANSFER) == ["19:30 task"]
    assert (
        offered(staff()).case.transfer
        == owned().says("insp-a", "transfer_offered", force="kent", to="PS X").case.transfer
    )


def test_one_force_at_a_time() -> None:
    """A second offer while one is open, or after it was accepted, is refused; sent back, the case is free."""
    again = {"force": "cheshire"}
    assert "is asked to take" in str(refused(offered(), "insp-a", "transfer_offered", **again))
    assert "has accepted" in str(refused(accepted(), "wm-fim", "transfer_offered", **again))
    night = offered().says("wm-fim", "transfer_bounced", reason="She was seen in Crewe")
    assert night.says("insp-a", "transfer_offered", **again).case.force == "cheshire"
    assert night.heard("ch-fim", TRANSFER) == ["19:30 task"]
    assert night.statuses(TRANSFER) == ["not_required", "open"]


def test_a_named_person_there_has_it() -> None:
    """Then nobody here seeks the person any more; the clock stands where it began."""
    night = accepted()
    held = night.case.owner
    assert held is not None
    assert (held.person, held.role, clock(held.offered_at), clock(held.accepted_at)) == (
        *("wm-fim", Role.FORCE_INCIDENT_MANAGER), *("19:30", "19:40"),
    )  # fmt: skip
    assert (night.case.transfer, night.statuses(TRANSFER)) == ("accepted", ["done"])
    assert night.step(REVIEW).status == "not_required"
    assert [night.case.anchors[anchor] for anchor in FIRST] == [at("19:00")] * len(FIRST)
    said = [entry.body for entry in night.entries if entry.kind == "owner"]
    assert [(body["owner"], body["role"]) for body in said] == [("wm-fim", "force_incident_manager")]


def test_a_case_that_nobody_here_had() -> None:
    """The notice and the offer to our own people are over too, and nobody is asked for them any more."""
    night = Night(both()).report().says("fim-1", "transfer_offered", force="west_midlands")
    night.says("wm-fim", "transfer_accepted", person="wm-fim")
    assert (night.step(NOTIFY).status, night.step(ACCEPTS).status) == ("done", "done")
    night.forget().until("23:00")
    assert [tell for tell in night.tells if tell.step in (NOTIFY, ACCEPTS)] == []


def test_their_shifts_are_their_own() -> None:
    """That the owner in the other force goes off duty rings nothing here, and offers the case to nobody."""
    night = accepted().forget().goes_off_duty("wm-fim").jump(at("19:50")).wait(at("05:00", 11))
    assert night.rang(AlarmKey.UNOWNED_AFTER_SHIFT) == []
    assert (owner(night), night.case.offered_to) == ("wm-fim", None)


def test_what_is_said_of_a_transfer() -> None:
    """Explanations name the other force and why nothing is asked here; Prefect is given no name of its people."""
    night = offered()
    scene = Scene(night.case, night.pack, night.roster, night.now)
    room = night.pack.steps[TRANSFER].tells[0]
    assert (scene.role(room), scene.place(room)) == (
        "the other force's Force Incident Manager",
        "in West Midlands Police",
    )
    assert any(
        "the Force Incident Manager is asked: speak to the other" in f.text for f in outlook(night.case, night.pack)
    )
    night.says("fim-1", "transfer_accepted", person="Insp Shaw", how=VOICE)
    assert lacks(night.case, night.pack, night.pack.steps[REVIEW]) == ("another force has accepted the case",)
    text = agenda(night.case, night.pack, night.now)
    assert "With West Midlands Police, which has accepted it." in text
    assert "Shaw" not in text


def test_an_offer_that_is_sent_back() -> None:
    """Both control rooms and the owner hear of it; the case was never anybody else's."""
    night = offered().until("19:40").forget().says("wm-fim", "transfer_bounced", reason="Not ours")
    assert (night.case.transfer, night.case.bounces, owner(night)) == (None, 1, "insp-a")
    assert [(a.detail, a.to) for a in night.alarms if a.key is AlarmKey.BOUNCE] == [
        ("sent back by West Midlands Police, return 1", "fim-1"),
        ("sent back by West Midlands Police, return 1: West Midlands Police is told too", "wm-fim"),
    ]
    assert (
        night.message("insp-a", "task").asks[0].text
        == "West Midlands Police has sent the case back: it is yours as before"
    )
    assert night.step(TRANSFER).reason == "West Midlands Police has sent the case back"
    assert [tell for tell in night.until("23:00").tells if tell.step == TRANSFER and tell.rung > 0] == []


def test_the_second_return() -> None:
    """Ping-pong is counted, and from the second on somebody hears of it who decides which force leads."""
    night = offered(staff()).says("fim-1", "transfer_bounced", reason="Not ours")
    night.says("fim-1", "transfer_offered", force="west_midlands").forget()
    night.says("fim-1", "transfer_bounced", reason="Not ours either")
    assert night.case.bounces == 2
    assert [(a.detail, a.to) for a in night.alarms] == [
        ("sent back by West Midlands Police, return 2", "fim-1"),
        ("sent back by West Midlands Police, return 2: decide which force leads", "supt-1"),
    ]
    assert night.says("fim-1", "transfer_offered", force="kent").statuses(TRANSFER) == [
        "not_required",
        "not_required",
        "open",
    ]


def test_a_second_return_while_nobody_decides() -> None:
    """Where no superintendent is on duty the control room hears it all the same."""
    night = offered(both("supt-1")).says("fim-1", "transfer_bounced", reason="Not ours")
    night.says("fim-1", "transfer_offered", force="west_midlands").forget()
    night.says("fim-1", "transfer_bounced", reason="Not ours either")
    assert {a.to for a in night.alarms if a.key is AlarmKey.BOUNCE} == {"fim-1", "wm-fim"}


def test_what_was_accepted_is_sent_back() -> None:
    """All that it asks for comes back with it, nobody has it, and our own inspector is told anew."""
    night = accepted()
    night.until("20:00").forget().says("wm-fim", "transfer_bounced", reason="She was seen in Stoke")
    assert (night.case.transfer, owner(night), night.case.offered_to) == (None, None, "insp-a")
    assert night.step(REVIEW).status == "open"
    assert (night.statuses(NOTIFY)[-1], night.statuses(ACCEPTS)[-1]) == ("open", "open")
    assert night.heard("insp-a") == ["20:00 notify"]
    assert [night.case.anchors[anchor] for anchor in FIRST] == [at("19:00")] * len(FIRST)
    assert [e.body["before"] for e in night.entries if e.kind == "unowned"] == ["wm-fim"]
    night.says("insp-a", "accepted")
    assert (owner(night), AlarmKey.BOUNCE in night.cleared) == ("insp-a", True)
    night.says("insp-a", "transfer_offered", force="west_midlands")
    assert night.statuses(TRANSFER) == ["done", "open"]


def test_a_pack_without_offers() -> None:
    """Where the pack asks nobody to own a case, nothing of the kind is asked when it comes back."""
    rules = pack()
    rules = replace(rules, steps={key: rule for key, rule in rules.steps.items() if rule.kind != "accept"})
    night = Night(both(), rules).report().says("fim-1", "transfer_offered", force="west_midlands")
    night.says("wm-fim", "transfer_accepted", person="wm-fim").says("wm-fim", "transfer_bounced", reason="Not ours")
    assert (owner(night), night.case.step(ACCEPTS), night.statuses(NOTIFY)) == (None, None, ["done", "open"])


def test_the_brief_that_goes_with_it() -> None:
    """Risk, hazards, open actions and instants from one template: nothing is left to somebody's memory (W56)."""
    night = offered(flags=["exploitation_risk", "self_harm_risk"])
    (line,) = [entry for entry in night.entries if entry.kind == "transfer"]
    given = line.body["brief"]
    assert isinstance(given, dict)
    assert (given["risk"], given["age_band"], given["hazards"]) == (
        "medium",
        "13-15",
        ["exploitation_risk", "self_harm_risk"],
    )
    assert (clock(given["reported_at"]), given["bounces"]) == ("19:00", 0)
    assert REVIEW in {action["step"] for action in given["actions"]}
    assert TRANSFER not in {action["step"] for action in given["actions"]}
    assert NOTIFY not in {action["step"] for action in brief(night.case, night.pack)["actions"]}  # type: ignore[attr-defined]  # a list of tables


def test_the_brief_is_a_form_of_its_own() -> None:
    """Our manager gives it line by line to a named person there; sent back, it is asked of nobody any more (F22)."""
    night = offered()
    assert (night.due(BRIEF), night.step(BRIEF).holder) == ("20:00", "fim-1")
    refusal = refused(night, "fim-1", "step_completed", step=BRIEF, given_to="wm-fim", risk="Medium: no phone")
    assert [lack.what for lack in refusal.missing] == ["hazards", "done", "open_actions", "reporter"]
    night.says("wm-fim", "transfer_accepted", person="wm-fim").until("20:01")
    assert night.breaches(BRIEF) == ["1 10 20:00 fim-1"]
    night.says("wm-fim", "transfer_bounced", reason="Not ours")
    assert night.statuses(BRIEF) == ["not_required"]


def test_a_case_that_closes_and_comes_back() -> None:
    """Reopened, a case is ours again, whoever had it when it was closed."""
    night = accepted(round_the_clock(THEIR_FIM))
    night.says("wm-fim", "verified_seen", seen_by="PC 1 of Birmingham", where="At a friend's", wellbeing="deceased")
    for step in [s for s in night.case.live_steps() if s.key != "closure_sign_off"]:
        if night.pack.steps[step.key].waivable:
            night.says(
                "supt-1", "step_waived", step=step.key, occurrence=step.occurrence, reason="Done by the other force"
            )
    night.says("insp-a", "contact_made", **{"with": "mother"})
    night.says("insp-a", "closure_requested", rationale="Found", reason="found")
    night.says("crs-1", "closure_signed", rationale="Read")
    assert night.case.closed
    night.says("insp-a", "reopened", reason="Somebody else was found")
    assert (night.case.transfer, night.case.force, night.case.enquiry_live) == (None, None, True)


def test_the_anchor_of_an_offer_from_before() -> None:
    """An offer that is recorded late counts from when it is known here: nobody is in breach before being asked."""
    night = owned().says("insp-a", "transfer_offered", force="west_midlands", when="19:10")
    assert clock(night.case.anchors[Anchor.TRANSFER_OFFERED]) == "19:10"
    due = night.step(TRANSFER).due_at
    assert due is not None
    assert due - night.now == timedelta(minutes=60)
