"""The change of shift as people see it: offered case by case with the brief, accepted, declined, or not accepted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.hands import Hand, at_console, field_of, plain
from tests.console.world import NAME, PLACE, STORY, World, open_world

DUTIES = """person,name,rank,role,area,from,to,email,webhook,phone
insp-a,Ann Archer,,duty_inspector,stoke,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z,,http://127.0.0.1:9/a,
insp-b,Bea Bell,,duty_inspector,stoke,2026-01-10T21:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/b,
insp-n,Nat North,,duty_inspector,newcastle,2026-01-10T14:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/n,
sgt-s,Sam Stone,,response_sergeant,stoke,2026-01-10T14:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/s,
fim-1,Fay Field,,force_incident_manager,*,2026-01-10T14:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/f,
dci-1,Dee Call,,duty_chief_inspector,*,2026-01-10T14:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/d,
sup-1,Sue Per,,on_call_superintendent,*,2026-01-10T14:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/p,
"""
WHY = "No phone, and the frost is coming"
REVIEW = {"decision": "Search the allotments", "rationale": "She was seen there", "next_actions": "sgt-s, by ten"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An inspector whose shift ends at 22:00, and the relief, who is there from 21:00."""
    with open_world(tmp_path / "home", people=DUTIES) as opened:
        yield opened


def owned(world: World, number: int = 1) -> str:
    """A case of insp-a: the risk confirmed with its reason, reviewed, with a plan."""
    report = {"reporter": {"kind": "parent"}, "flags": ["child_in_care", "dementia"]}
    ref = world.report(number, person={"name": f"{NAME} {number}", "date_of_birth": f"2012-05-0{number}"}, **report)
    world.fact(ref, "accepted", "insp-a")
    world.fact(ref, "risk_set", "insp-a", evidence={"level": "high", "rationale": WHY})
    world.fact(ref, "reviewed", "sgt-s", step="supervisor_first_review", evidence=REVIEW)
    return ref


def offered(world: World, *numbers: int) -> list[str]:
    """Cases of insp-a at 21:30, when each has been offered to the relief."""
    refs = [owned(world, number) for number in numbers or (1,)]
    world.forward(150)
    return refs


def shift_of(hand: Hand) -> str:
    """Read the page of the shift as a person reads it."""
    answer = hand.client.get("/shift")
    assert answer.status_code == 200, answer.text
    return plain(answer.text)


def answer(hand: Hand, ref: str, decision: str, **more: str) -> tuple[int, str]:
    """Answer what is offered of a case; give the status, and the page that comes back."""
    posted = {"case": ref, "decision": decision, "csrf": hand.csrf, **more}
    said = hand.client.post("/shift", data=posted, follow_redirects=True)
    return said.status_code, said.text


def case_of(world: World, ref: str) -> dict[str, object]:
    """The case as the API has it."""
    body: dict[str, object] = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    return body


def test_the_relief_reads_the_brief_and_accepts_case_by_case(world: World) -> None:
    """Risk and since when and why, plan, open actions, reporter, hazards, what is awaited; each case by itself."""
    first, second = offered(world, 1, 2)
    with at_console(world, "insp-b") as relief:
        page = shift_of(relief)
        assert "2 cases are offered to you" in page
        for said in (
            "High risk since 19:00",
            WHY,
            "Search the allotments",
            "Next: sgt-s, by ten",
            "Parent, last spoken",
        ):
            assert page.count(said) == 2, said
        for said in ("Child in care; Dementia", "From insp-a , who has it until you accept", "Officers attend"):
            assert said in page
        assert case_of(world, first)["owner"] == "insp-a", "an offer moves nothing"
        status, after = answer(relief, first, "accept")
        assert (status, f"You have accepted {first}." in after) == (200, True)
    assert (case_of(world, first)["owner"], case_of(world, second)["owner"]) == ("insp-b", "insp-a")


def test_whoever_goes_sees_what_nobody_has_accepted(world: World) -> None:
    """The page names to whom each case was offered, since when and until when; past that it says that nobody has."""
    (ref,) = offered(world)
    with at_console(world, "insp-a") as going:
        page = shift_of(going)
        assert "1 that you hand over is not accepted yet" in page
        assert "Offered to insp-b 21:30 : not accepted yet, due 22:30 (Shift handover)" in page
    world.forward(60)
    with at_console(world, "insp-a") as going, at_console(world, "insp-b") as relief:
        assert "Offered to insp-b 21:30 : Nobody has accepted , was due 22:30 (Shift handover)" in shift_of(going)
        answer(relief, ref, "accept")
        assert "You have no case and no action" in shift_of(going)


def test_a_decline_needs_a_reason_and_loses_nothing(world: World) -> None:
    """Without a reason it comes back at its field; with one the next is told, and the case stays where it was."""
    (ref,) = offered(world)
    with at_console(world, "insp-b") as relief:
        status, page = answer(relief, ref, "decline", reason=" ")
        assert (status, f'aria-describedby="reason-{ref}-error"' in page) == (422, True)
        status, page = answer(relief, ref, "decline", reason="I have four at high risk")
        assert (status, "You have declined" in page) == (200, True)
        assert "Nothing is offered to you." in page
    world.work(ref)
    assert case_of(world, ref)["owner"] == "insp-a"
    assert "fim-1" in [e.payload["to"]["person"] for e in world.received if e.payload["type"] == "escalate"]


def test_what_a_rule_refuses_says_who_may(world: World) -> None:
    """Somebody else's case, a form of another page, no answer, and a relief who is not on duty yet: each explained."""
    (ref,) = offered(world)
    with at_console(world, "insp-n") as other, at_console(world, "insp-b") as relief:
        status, page = answer(other, ref, "accept")
        assert (status, "Who may:" in page) == (409, True)
        status, page = answer(other, ref, "decline", reason="Not mine")
        assert (status, "Not mine" in page) == (409, True)
        assert answer(relief, ref, "perhaps")[0] == 422
        assert answer(relief, ref, "accept", csrf="wrong")[0] == 403
    assert case_of(world, ref)["owner"] == "insp-a"


def test_a_link_that_hands_over_carries_the_brief_without_peoples_words(world: World) -> None:
    """Behind a link nobody has signed in: level, times, actions, hazards, and not what anybody wrote."""
    (ref,) = offered(world)
    page = plain(world.web.get(world.link("insp-b", "handover")).text)
    for said in (ref, "High risk since 19:00", "Child in care; Dementia", "Parent, last spoken", "Accept the case"):
        assert said in page
    for hidden in (WHY, "allotments", "by ten", NAME.split()[1], PLACE, STORY):
        assert hidden not in page
    taken = world.web.post(world.link("insp-b", "handover"), data={"decision": "accept"})
    assert (taken.status_code, case_of(world, ref)["owner"]) == (200, "insp-b")


def test_a_link_that_hands_over_is_declined_with_a_reason(world: World) -> None:
    """The decline is of that very offer; the next is told, and the brief goes to them too."""
    (ref,) = offered(world)
    said = world.web.post(world.link("insp-b", "handover"), data={"decision": "decline", "reason": "Four at high risk"})
    assert (said.status_code, "You declined at 21:30" in said.text) == (200, True)
    world.work(ref)
    entries = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    facts = [entry["body"] for entry in entries if entry["body"].get("fact") == "declined"]
    assert [fact["step"] for fact in facts] == ["shift_handover"]
    assert "High risk since 19:00" in plain(world.web.get(world.link("fim-1", "escalate")).text)


def test_the_inbox_has_one_line_a_case_at_the_change_of_shift(world: World) -> None:
    """Five cases are five lines with one way to answer, not five cards with all their buttons."""
    refs = offered(world, 1, 2, 3, 4, 5)
    with at_console(world, "insp-b") as relief:
        page = relief.client.get("/inbox").text
        lines = page.partition("Offered to you at the change of shift")[2].partition("</ul>")[0]
        assert [lines.count(f">{ref}</a>") for ref in refs] == [1] * 5
        assert lines.count("<li>") == 5
        assert "Accept the case" not in page
        assert "<strong>5</strong> cases wait for you" in page


def test_a_personal_link_opens_the_shift_of_its_person(world: World) -> None:
    """Without a session: the same cases, no words of people; and it answers."""
    (ref,) = offered(world)
    token = world.app.links.make("inbox/insp-b", "insp-b", world.clock.at.replace(hour=23))
    page = world.web.get(f"/shift?t={token}").text
    assert ref in page
    assert WHY not in page
    taken = world.web.post("/shift", data={"t": token, "case": ref, "decision": "accept"})
    assert (taken.status_code, case_of(world, ref)["owner"]) == (303, "insp-b")
    assert world.web.get("/shift").headers["location"] == "/sign-in?next=/shift"


def test_the_api_gives_the_brief(world: World) -> None:
    """The same as a document: instants in UTC, the words of people for whoever may read the case."""
    ref = owned(world)
    brief = world.web.get(f"/api/v1/cases/{ref}/brief", headers=world.machine).json()
    assert (brief["risk"]["level"], brief["risk"]["why"], brief["risk"]["by"]) == ("high", WHY, "insp-a")
    assert brief["plan"]["next_actions"] == "sgt-s, by ten"
    assert brief["hazards"] == ["Child in care", "Dementia"]
    assert brief["spoken_at"] == "2026-01-10T18:58:00Z"
    assert {"search_home", "deploy_and_attend"} & {one["step"] for one in brief["actions"]}
    assert world.web.get(f"/api/v1/cases/{ref}/brief").status_code == 401
    assert world.web.get("/api/v1/cases/MP-2026-999999/brief", headers=world.machine).status_code == 404


def test_before_anybody_has_said_anything_the_brief_says_so(world: World) -> None:
    """The record's own reason, no review, nobody flagged: words and never blanks."""
    world.report(1)
    with at_console(world, "insp-a") as inspector:
        page = shift_of(inspector)
        assert "Nobody has it yet; accept or decline by" in page
        for said in (
            STORY,
            "The record, 19:00",
            "No review has been recorded yet.",
            "Not said who",
            "None is flagged.",
        ):
            assert said in page, said


def test_by_hand_a_case_is_offered_from_its_page(world: World) -> None:
    """The owner names somebody on duty; it stays theirs, and a second sending counts once."""
    ref = owned(world)
    with at_console(world, "insp-a") as owner, at_console(world, "insp-n") as other:
        assert 'id="say-handover_offered"' in owner.page(ref)
        owner.did(ref, "say-handover_offered", to="insp-n")
        world.work(ref)
        assert case_of(world, ref)["owner"] == "insp-a"
        once = field_of(other.client.get("/shift").text, "once")
        assert answer(other, ref, "accept", once=once)[0] == 200
        assert answer(other, ref, "accept", once=once)[0] == 200
    assert case_of(world, ref)["owner"] == "insp-n"
