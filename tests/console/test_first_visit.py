"""What somebody new meets first: the counts, the alarms in the bar, who may clear one, what a closed case awaits."""

from policy.terms import AlarmKey
from runtime import doors
from tests.console.hands import at_console, plain
from tests.console.test_case_forms import ADULT, INTERVIEW, People, found_and_seen, people
from tests.console.world import STEP, World

__all__ = ["people"]  # a fixture


def test_the_list_counts_what_it_shows(world: World) -> None:
    """Examples are counted among those not closed and named, and an overdue one among the overdue."""
    world.report(1, example=True)
    world.report(2)
    world.forward(30)
    with at_console(world, "fim-1") as fim:
        page = plain(fim.client.get("/").text)
        assert "2 not closed (1 example), 2 with something overdue" in page
        assert "No case is closed." in plain(fim.client.get("/?status=closed").text)


def test_standing_alarms_stand_in_the_bar(world: World) -> None:
    """The link of every signed-in page has the number, also that of a refusal; with none it is bare."""
    with at_console(world, "fim-1") as fim:
        assert '<a href="/alarms">Alarms</a>' in fim.client.get("/").text
        world.web.post("/api/v1/reports", content=b"{", headers=world.machine)
        for path in ("/", "/inbox", "/breaches", "/alarms", "/cases/MP-2026-999999"):
            assert '<a href="/alarms" class="ringing">Alarms (1)</a>' in fim.client.get(path).text, path
        assert '<a class="button second" href="/">All cases</a>' in fim.client.get("/cases/MP-2026-999999").text


def test_who_may_not_clear_is_told_who_may_and_may_try_an_example(world: World) -> None:
    """No form that can only be refused: a line instead, and about an example the choice of somebody on duty."""
    real, example = world.report(1), world.report(2, example=True)
    for ref in (real, example):
        doors.ring(world.app, AlarmKey.INTAKE_REFUSED, "tried", case=ref)
    rung = {a["case"]: str(a["id"]) for a in world.web.get("/api/v1/alarms", headers=world.machine).json()["alarms"]}
    with at_console(world, "visitor") as visitor:
        page = visitor.client.get("/alarms").text
        assert (page.count("Clear the alarm"), page.count("Try it as")) == (1, 1)
        assert "visitor is not on duty. Who may: anybody on duty" in page
        form = {"csrf": visitor.csrf, "reason": "seen to", "by": "insp-a"}
        assert visitor.client.post("/alarms", data={**form, "alarm": rung[real]}).status_code == 409
        assert "Cleared: intake refused." in visitor.client.post("/alarms", data={**form, "alarm": rung[example]}).text
    with at_console(world, "fim-1") as fim:
        page = fim.client.get("/alarms").text
        assert (page.count("Clear the alarm"), page.count("Try it as")) == (1, 0)


def test_a_closed_case_of_which_something_is_asked_is_on_the_list(world: World, people: People) -> None:
    """It is listed with what is awaited, in the banner too; the last owner is named, and what is still to come."""
    ref = world.report(1, person=ADULT)
    found_and_seen(world, people, ref)
    people.sgt.did(ref, "do-prevention_interview-1-interview_held", **INTERVIEW)
    people.fim.did(ref, "do-cancel_circulation-1-step_completed", reference="none made")
    people.insp.did(ref, "say-closure_requested", reason="found", rationale="Seen, safe, interviewed")
    world.work(ref)
    people.fim.did(ref, "do-closure_sign_off-1-closure_signed", rationale="Read: it is all there")
    world.work(ref)
    assert ref not in people.fim.client.get("/").text
    assert ref in people.fim.client.get("/?status=closed").text
    page = plain(people.fim.page(ref))
    assert "Last owner insp-a" in page
    assert "Responsible" not in page
    people.fim.did(ref, "say-new_information", summary="Her mother rang", source="mother")
    world.work(ref)
    listed = plain(people.fim.client.get("/").text)
    assert ref in listed
    assert "1 closed with something still asked" in listed
    page = plain(people.fim.page(ref))
    assert "Still to come: " in page
    assert "Nothing is open." not in page
    assert "Awaiting " in page


def test_who_was_told_says_when_it_went_and_how_late(world: World) -> None:
    """The time is that of the sending, with how late it was, not the time at which it was due."""
    ref = world.report(1, reported_at="2026-01-10T18:50:00Z", recorded_at="2026-01-10T18:57:00Z")
    with at_console(world, "fim-1") as fim:
        told = plain(fim.page(ref).partition(">Who was told<")[2].partition(">Timeline<")[0])
    assert "19:00 (3 min late)" in told
    assert "18:57" not in told


def test_what_was_recorded_names_its_step(world: World) -> None:
    """A step that was completed is named; one only saved is said to stay open; a title comes from the pack alone."""
    ref = world.report(1)
    with at_console(world, "fim-1") as fim:
        step = f"/cases/{ref}?said=step_completed&step=system_research&n=1"
        assert "Saved: Checks of PNC, COMPA" in plain(fim.client.get(step).text)
        answer = fim.send(ref, "do-set_review_time-1-step_completed", review_at="23:00")
        page = plain(fim.client.get(answer.headers["location"].partition("#")[0]).text)
        assert "Recorded: step completed: " in page
        assert "evil" not in fim.client.get(f"/cases/{ref}?said=note&step=evil&n=x").text


def test_a_risk_set_below_the_rank_is_set_and_not_confirmed(world: World) -> None:
    """An operator who says the level again sets it: the step stays open, and the rank that it takes is named."""
    ref = world.report(1, risk="medium", person=ADULT)
    world.fact(ref, "acknowledged", "insp-a", step=STEP)
    with at_console(world, "op-1") as op:
        form = "do-inspector_confirms_risk-1-risk_set"
        drawn = op.page(ref).partition('id="step-inspector_confirms_risk"')[2].partition("</form>")[0]
        assert "this step stays open: it takes inspector or above" in drawn
        answer = op.send(ref, form, level="medium", rationale="As the call says")
        page = plain(op.client.get(answer.headers["location"].partition("#")[0]).text)
    assert "Recorded: the risk was set. Control-room inspector confirms the risk stays open: it takes" in page
    assert "Risk confirmed" not in page
    assert "Risk set to medium, as it was, by op-1 (staff) at 19:00: As the call says." in page
    assert "stayed open: it takes inspector or above." in page


def test_an_example_is_tried_as_whoever_holds_the_step(world: World) -> None:
    """The holder is chosen already."""
    ref = world.report(1, example=True)
    with at_console(world, "visitor") as visitor:
        drawn = visitor.page(ref).partition('id="do-notify_local_supervisor-1-acknowledged"')[2].partition("</form>")[0]
    assert '<option value="insp-a" selected>' in drawn
