"""What if: a recorded case beside itself with one thing changed; and the cases that the IOPC looked into."""

import re

import httpx
import pytest

from runtime.against_case import compare_case, read_change
from store import journal, messages
from tests.console.hands import Hand, at_console, plain
from tests.console.world import NAME, PLACE, START, STEP, STORY, World, roster


def written(world: World, ref: str) -> tuple[int, int]:
    """Count what stands in the journal and what was sent."""
    with world.app.sessions.reading() as s:
        return len(journal.read(s, ref, limit=10_000)), len(messages.of_case(s, ref))


def ask(hand: Hand, ref: str, **typed: str) -> httpx.Response:
    """Send one of the forms of the page."""
    return hand.client.post(f"/cases/{ref}/what-if", data={"csrf": hand.csrf, **typed})


def pass_time(world: World, minutes: int) -> None:
    """Let time pass minute by minute, so that each thing is done when it falls due."""
    for _ in range(minutes):
        world.forward(1)


def late_answer(world: World) -> str:
    """Report a case that is acknowledged after fifteen minutes and accepted at once."""
    ref = world.report()
    pass_time(world, 15)
    world.fact(ref, "acknowledged", "insp-a")
    world.fact(ref, "accepted", "insp-a")
    pass_time(world, 10)
    return ref


def test_ten_minutes_earlier(world: World) -> None:
    """The page says what would have differed, shows both sides, writes nothing, sends nothing, tells no story."""
    ref = late_answer(world)
    with at_console(world, "insp-a") as hand:
        assert f'href="/cases/{ref}/what-if"' in hand.client.get(f"/cases/{ref}").text  # the look is written down
        before, received = written(world, ref), len(world.received)
        answer = ask(hand, ref, change="told", minutes="10", side="earlier")
    assert answer.status_code == 200
    said = plain(answer.text)
    assert "Each answer 10 minutes earlier" in said
    assert "One breach fewer: FIM tells the LOI and the sergeant." in said
    assert "Nothing is stored, and nobody is told." in said
    assert re.search(r"10 minutes earlier\s+insp-a acknowledges", said)
    assert not [secret for secret in (NAME, PLACE, STORY) if secret in answer.text]
    assert (written(world, ref), len(world.received)) == (before, received)


def test_as_it_is_is_as_it_was(world: World) -> None:
    """The left side is the case as it stands: the same people told at the same instants."""
    ref = late_answer(world)
    found = compare_case(world.app, ref, read_change("told=+1m"))
    played = {(t.person, t.step, t.type, t.at) for t in found.left.seen.tellings}
    with world.app.sessions.reading() as s:
        sent = {(m.person, m.step, m.type, max(m.due_at, START)) for m in messages.of_case(s, ref)}
    assert played == sent
    assert found.left.end is not None
    assert found.left.end["owner"] == "insp-a"


def test_one_timing_another_pack_other_people(world: World) -> None:
    """Each of the other forms shows its two sides as well."""
    ref = late_answer(world)
    number = {"change": "number", "step": STEP, "field": "due", "risk": "medium", "value": "20m"}
    nobody = roster().replace("insp-a,Ann Archer,,duty_inspector,stoke", "insp-z,Zoe Zed,,duty_inspector,stoke")
    with at_console(world, "insp-a") as hand:
        said = plain(ask(hand, ref, **number).text)
        assert "FIM tells the LOI and the sergeant: due at medium risk 20m" in said
        assert "One breach fewer: FIM tells the LOI and the sergeant." in said
        said = plain(ask(hand, ref, change="pack", pack="uk_app_baseline").text)
        assert "Under the pack National baseline (APP, England and Wales)" in said
        said = plain(ask(hand, ref, change="roster", roster=nobody).text)
        assert "insp-z hears of it now." in said
        assert "Acknowledged is refused now" in said


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"change": "told", "minutes": "soon", "side": "later"}, "write a whole number of minutes"),
        ({"change": "told", "minutes": "0", "side": "later"}, "write a whole number of minutes"),
        ({"change": "told", "minutes": "600", "side": "earlier"}, "write a shorter time"),
        (
            {"change": "pack", "pack": "nowhere"},
            "use one of: derbyshire_mpt, metropolitan, staffordshire, uk_app_baseline",
        ),
        ({"change": "number", "step": STEP, "field": "due", "risk": "medium", "value": "7"}, "write 7s, 7m, 7h"),
        ({"change": "roster", "roster": "person,role\n1,x\n"}, "the column is missing"),
        ({"change": "weather"}, "use one of"),
    ],
)
def test_what_cannot_be_compared(world: World, typed: dict[str, str], wrong: str) -> None:
    """422 with the fault and its remedy; what was typed stays in its field."""
    ref = late_answer(world)
    with at_console(world, "insp-a") as hand:
        answer = ask(hand, ref, **typed)
    assert answer.status_code == 422
    assert wrong.lower() in plain(answer.text).lower()
    value = typed.get("minutes") or typed.get("value")
    assert value is None or f'value="{value}"' in answer.text


def test_who_is_not_signed_in(world: World) -> None:
    """A stranger is sent to sign in; a form of no page of ours is refused; a case that is not there is 404."""
    ref = world.report()
    for path in (f"/cases/{ref}/what-if", "/replays", "/replays/met_ix_68_18"):
        assert world.web.get(path).status_code == 303
    with at_console(world, "insp-a") as hand:
        assert hand.client.get(f"/cases/{ref}/what-if").status_code == 200
        assert hand.client.post(f"/cases/{ref}/what-if", data={"change": "told"}).status_code == 403
        assert hand.client.get("/cases/MP-2026-999999/what-if").status_code == 404
        assert hand.client.get("/replays/..%2Froster").status_code == 404
        assert hand.client.get("/replays/nobody").status_code == 404


def test_the_three_cases(world: World) -> None:
    """The list names all three with the IOPC's own page; a replay shows both sides and says what is not published."""
    with at_console(world, "insp-a") as hand:
        listed = hand.client.get("/replays").text
        assert listed.count("policeconduct.gov.uk") == 3
        answer = hand.client.get("/replays/staffordshire_2025")
    assert answer.status_code == 200
    said = plain(answer.text)
    assert "LOI insp-a is told by name in the minute in which the record arrives." in said
    assert said.count("time not published") == 4
    assert "recommendation-staffordshire-police-december-2025" in answer.text
