"""The case page as the place where people record what they did: from attendance to a closure signed by another hand."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.console.hands import Hand, at_console, plain, said
from tests.console.world import NAME, World

ADULT = {"name": NAME, "date_of_birth": "1990-05-01"}
INTERVIEW = {
    "interviewer": "sgt-s",
    "when": "19:00",
    "where": "At the home of a friend",
    "method": "face to face",
    "reasons": "A quarrel",
    "harm": "None told of",
    "where_been": "In the house with the green door",
    "risk_next_time": "Low, with a call in the morning",
}


@dataclass(frozen=True)
class People:
    """Who is at the console."""

    insp: Hand
    sgt: Hand
    fim: Hand


@pytest.fixture
def people(world: World) -> Iterator[People]:
    """The inspector, the sergeant and the Force Incident Manager, each signed in."""
    with ExitStack() as stack:
        yield People(*(stack.enter_context(at_console(world, who)) for who in ("insp-a", "sgt-s", "fim-1")))


def found_and_seen(world: World, people: People, ref: str) -> None:
    """Carry a case to the person seen: told, owned, recorded on the serial, attended, found."""
    people.insp.did(ref, "do-notify_local_supervisor-1-acknowledged", understood_risk="medium")
    people.insp.did(ref, "do-named_owner_accepts-1-accepted")
    people.fim.did(ref, "do-inspector_confirms_risk-1-risk_set", level="medium", rationale="Out of character")
    people.fim.did(ref, "do-log_notification_in_c_and_c-1-serial_entry", recipient="insp-a", text="Handed to insp-a")
    people.fim.fill(ref, "do-system_research-1-step_completed", "fim-1: nothing found")
    people.fim.did(ref, "do-set_review_time-1-step_completed", review_at="23:00")
    people.sgt.did(ref, "say-attended", who="sgt-s")
    people.insp.did(ref, "say-contact_made", **{"with": "reporter"})
    people.sgt.did(ref, "say-found_reported", where="At a friend's", how="The friend rang")
    people.sgt.did(
        ref,
        "do-verify_seen-1-verified_seen",
        seen_by="sgt-s",
        where="In the house with the green door",
        wellbeing="safe",
        do_not_disclose="yes",
    )
    people.sgt.did(ref, "say-returned", at="18:59")
    world.work(ref)


def test_from_attendance_to_a_closure_signed_by_another_hand(world: World, people: People) -> None:
    """Each step by its form; the closure is refused with the list of what is missing until another hand may sign."""
    ref = world.report(1, person=ADULT)
    refused = people.insp.send(ref, "say-closure_requested", reason="found", rationale="Says she is back")
    assert refused.status_code == 409
    for lacking in ("not located", "well-being not confirmed", "no prevention interview"):
        assert lacking in said(refused)
    assert "Says she is back" in refused.text, "what was typed is kept"
    found_and_seen(world, people, ref)
    people.sgt.did(ref, "do-prevention_interview-1-interview_held", **INTERVIEW)
    people.fim.did(ref, "do-cancel_circulation-1-step_completed", reference="none made")
    people.insp.did(ref, "say-closure_requested", reason="found", rationale="Seen, safe, interviewed")
    world.work(ref)
    assert "insp-a asked for the closure: another person signs" in people.insp.page(ref)
    assert "sgt-s held the interview: another person signs" in people.sgt.page(ref)
    page = people.fim.page(ref)
    assert "Low, with a call in the morning" in page, "whoever signs sees the evidence"
    people.fim.did(ref, "do-closure_sign_off-1-closure_signed", rationale="Read: it is all there")
    page = people.fim.page(ref)
    assert "CLOSED - no one is working on this" in page
    for form in ("say-new_information", "say-reopened"):
        assert f'id="{form}"' in page
    assert 'id="say-attended"' not in page
    people.fim.did(ref, "say-new_information", summary="Her mother rang: no insulin with her", source="mother")
    world.work(ref)
    decision = "do-closed_case_watch-1-step_completed"
    assert f'id="{decision}"' in people.insp.page(ref), "a named person decides"
    assert "CLOSED - no one is working on this. Told: insp-a (LOI) at " in people.fim.page(ref), "the caller hears who"
    assert people.insp.send(ref, decision, decision="leave_closed").status_code == 422
    people.insp.did(ref, decision, decision="leave_closed", reason="She has been seen since, with her insulin")
    people.fim.did(ref, "say-reopened", reason="Missing again")
    assert "CLOSED - no one" not in people.fim.page(ref)


def test_a_case_rests_only_until_a_set_review(world: World, people: People) -> None:
    """Inactive takes an inspector and a review that lies ahead, within the pack's time; the page says which lacks."""
    ref = world.report(1, person=ADULT)
    form = "say-inactive_requested"
    assert f'id="{form}"' not in people.sgt.page(ref)
    late = people.insp.send(ref, form, rationale="Every line is exhausted", next_review_at="2026-03-01T10:00")
    assert (late.status_code, f'href="#{form}-next_review_at"' in late.text) == (409, True)
    people.insp.did(ref, form, rationale="Every line is exhausted", next_review_at="08:00")
    assert "Inactive" in people.insp.page(ref)
    people.sgt.did(ref, "say-reopened", reason="A sighting")
    assert case_of(world, ref)["status"] == "open"


def test_a_tick_is_not_an_interview(world: World, people: People) -> None:
    """Scenario 7: no time, place or method: refused, each missing field named and led to; nothing is written."""
    ref = world.report(1, person=ADULT)
    found_and_seen(world, people, ref)
    form = "do-prevention_interview-1-interview_held"
    answer = people.sgt.send(ref, form, interviewer="sgt-s", reasons="A quarrel")
    assert answer.status_code == 422
    for name in ("when", "where", "method", "harm", "where_been", "risk_next_time"):
        assert f'href="#{form}-{name}"' in answer.text
        assert f'id="{form}-{name}"' in answer.text
    assert f'href="#{form}-reasons"' not in answer.text
    assert ">A quarrel</textarea>" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "<title>Error: " in answer.text
    step = next(s for s in case_of(world, ref)["steps"] if s["key"] == "prevention_interview")
    assert step["status"] == "open"


def test_what_i_have_is_kept_until_it_is_complete(world: World, people: People) -> None:
    """Saved, the step stays open and the form shows it again; complete, it is done by the one who completed it."""
    ref = world.report(1, person=ADULT)
    people.sgt.did(ref, "say-attended")
    people.sgt.did(ref, "do-search_home-1-step_completed", button="keep", loft="Loft: searched")
    assert "Loft: searched" in people.sgt.page(ref)
    rest = {"searched_by": "off-1", "each_room": "Kitchen: searched\nBedroom: searched", "outbuildings": "none"}
    people.sgt.did(ref, "do-search_home-1-step_completed", **rest, vehicles="none")
    step = next(s for s in case_of(world, ref)["steps"] if s["key"] == "search_home")
    assert (step["status"], step["done_by"]) == ("done", "sgt-s")


def test_a_rank_too_low_reads_who_may(world: World, people: People) -> None:
    """The form of a step that takes another rank is not drawn: who may stands there; sent anyhow, it is refused."""
    ref = world.report(1)
    with at_console(world, "op-1") as operator:
        page = operator.page(ref)
        assert 'id="do-inspector_confirms_risk-1-risk_set"' in page, "to raise the risk is information"
        assert 'id="do-supervisor_first_review-1-reviewed"' not in page
        assert "It takes sergeant or above. Who may: " in page
        form = "do-supervisor_first_review-1-reviewed"
        answer = operator.send(ref, form, decision="Go on", rationale="Nothing new")
        assert answer.status_code == 409
        assert "Who may:" in said(answer)
        assert ">Go on</textarea>" in answer.text, "what was typed is not lost"


def test_somebody_who_is_not_on_the_roster_gives_information_only(world: World) -> None:
    """Information is taken and marked; for acts the page says who may."""
    ref = world.report(1)
    with at_console(world, "stranger") as stranger:
        page = stranger.page(ref)
        assert "stranger is not on the roster" in page
        assert 'id="do-supervisor_first_review-1-reviewed"' not in page
        stranger.did(ref, "say-new_information", summary="Seen at the station", source="a friend")
        assert "(from somebody who is not on the roster)" in stranger.page(ref)
        assert stranger.send(ref, "say-inactive_requested", rationale="x", next_review_at="23:00").status_code == 409


def test_a_form_counts_once_and_only_from_its_own_page(world: World, people: People) -> None:
    """Sent twice it is one entry; without the page's token it is 403; for a step that is done it says so."""
    ref = world.report(1)
    for _ in range(2):
        people.insp.did(ref, "say-note", text="Rang the school", once="abc")
    people.insp.did(ref, "say-note", text="Rang the school", once="def")
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    notes = [entry for entry in entries if entry["body"].get("fact") == "note"]
    assert [entry["route"] for entry in notes] == ["console", "console"]
    assert people.insp.send(ref, "say-note", text="x", csrf="wrong").status_code == 403
    people.insp.did(ref, "do-notify_local_supervisor-1-acknowledged")
    again = people.insp.send(ref, "do-notify_local_supervisor-1-acknowledged", first_action="Rang the sergeant")
    assert (again.status_code, "done meanwhile" in said(again)) == (409, True)
    assert "Rang the sergeant" in said(again), "what was typed is not lost"
    assert people.insp.client.post("/cases/MP-2026-999999", data={"csrf": people.insp.csrf}).status_code == 404


def test_when_it_happened_may_lie_in_the_past_and_never_ahead(world: World, people: People) -> None:
    """A time before now is taken as local time; one ahead is refused at its field."""
    ref = world.report(1)
    people.sgt.did(ref, "say-attended", at="18:59")
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    assert next(e["at"] for e in entries if e["body"].get("fact") == "attended") == "2026-01-10T18:59:00Z"
    ahead = people.sgt.send(ref, "say-attended", at="2026-01-10T20:00")
    assert ahead.status_code == 422
    assert 'href="#say-attended-at"' in ahead.text


def test_a_personal_link_opens_the_case_to_its_person(world: World) -> None:
    """By the link in a message: the forms of that person and what a signature needs, not the journal."""
    ref = world.report(1)
    world.fact(ref, "note", "fim-1", evidence={"text": "Something only for those who sign in"})
    token = world.app.links.make("inbox/insp-a", "insp-a", world.clock.at + timedelta(hours=1))
    page = world.web.get(f"/cases/{ref}?t={token}").text
    assert "Sign in to read the journal" in page
    assert "Something only for those" not in page
    posted = {"t": token, "form": "do-notify_local_supervisor-1-acknowledged", "button": "done"}
    answer = world.web.post(f"/cases/{ref}", data=posted)
    assert answer.status_code == 303
    assert "Recorded: acknowledged" in world.web.get(answer.headers["location"].partition("#")[0]).text
    step = next(s for s in case_of(world, ref)["steps"] if s["key"] == "notify_local_supervisor")
    assert step["done_by"] == "insp-a"


def test_an_example_may_be_tried_as_anybody_on_duty(world: World) -> None:
    """Whoever is not on the roster may act as somebody on duty in an example, and in nothing else."""
    ref = world.report(1, example=True)
    with at_console(world, "visitor") as visitor:
        page = visitor.page(ref)
        assert "Try it as" in page
        visitor.did(ref, "do-notify_local_supervisor-1-acknowledged", by="insp-a")
        assert "acknowledged" in plain(visitor.page(ref)).lower()
        real = world.report(2)
        assert "Try it as" not in visitor.page(real)
        visitor.send(real, "say-note", by="insp-a", text="Not mine to say")
        entries = world.web.get(f"/api/v1/cases/{real}/journal", headers=world.machine).json()["entries"]
        assert [e["by"] for e in entries if e["body"].get("fact") == "note"] == ["visitor"]


def case_of(world: World, ref: str) -> dict[str, Any]:
    """The case as the API answers it."""
    body: dict[str, Any] = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    return body
