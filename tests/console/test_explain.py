"""Why each step is due and who was told of it, through every door: page, page to print, API, command line, journal."""

import json
import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from console.cli.commands import run
from tests.console.hands import at_console
from tests.console.world import NAME, PLACE, STEP, STORY, World, record

DUE = "Overdue since 19:10: 10 minutes after the record was made (19:00), the time for medium risk, in Staffordshire "
RULE = "Police, revision 1 (rule from S0, time chosen)."


def asked(world: World, path: str) -> httpx.Response:
    """Ask the API as a machine."""
    return world.web.get(f"/api/v1{path}", headers=world.machine)


def test_the_api_explains_every_step(world: World) -> None:
    """Two sentences for each step of the pack, also for those that the case does not ask for; nobody's name."""
    ref = world.report()
    world.forward(21)
    body = asked(world, f"/cases/{ref}/explain").json()
    steps = asked(world, "/packs/staffordshire").json()["steps"]
    assert {one["key"] for one in body["steps"]} == {step["key"] for step in steps}
    assert all(one["due"] and one["told"] for one in body["steps"])
    text = json.dumps(body)
    assert not [secret for secret in (NAME, PLACE, STORY, "Archer") if secret in text]
    assert (body["case"], body["pack"], body["revision"]) == (ref, "staffordshire", 1)


def test_one_step_by_name(world: World) -> None:
    """Due since when and by which sum; who was told on which rung, what comes next; and how that came about."""
    ref = world.report()
    world.forward(20)
    (one,) = asked(world, f"/cases/{ref}/explain?step={STEP}").json()["steps"]
    assert one["due"] == DUE + RULE
    assert one["told"] == (
        "Told: insp-a (LOI) and sgt-s (Area sergeant) at 19:00, fim-1 (Force Incident Manager) at 19:20 (rung 1); "
        "nobody has acknowledged yet; next: a reminder at 19:21 and the neighbouring LOI at 19:30."
    )
    texts = [line["text"] for line in one["history"]]
    assert texts[0].startswith("Due 19:10: 10 minutes after the record was made (19:00)")
    assert "insp-a was the only one to choose as duty inspector for stoke." in texts
    assert any(text.endswith("it was with insp-a; told by then: insp-a and sgt-s.") for text in texts)


def test_a_message_that_nobody_received_is_said(world: World) -> None:
    """Told is received: while a message lies in the queue, its person is named as one who has heard nothing."""
    answer = world.web.post("/api/v1/reports", json=record(), headers=world.machine)
    ref = answer.json()["case"]
    (one,) = asked(world, f"/cases/{ref}/explain?step={STEP}").json()["steps"]
    assert one["told"].endswith("No message about it has been received by insp-a and sgt-s yet.")
    world.work(ref)
    steps = asked(world, f"/cases/{ref}/explain").json()["steps"]
    said = {one["key"]: one["told"] for one in steps if "received" in one["told"]}
    # What counts from the call was due two minutes before the record came.
    assert set(said.values()) == {text for text in said.values() if text.endswith("only at 19:00.")}
    assert "at 18:58" in said["inspector_confirms_risk"]
    assert not said.keys() & {STEP, "set_review_time"}


def test_a_message_that_came_late_is_said(world: World) -> None:
    """After an outage: when it fell due is not when it was received."""
    ref = world.web.post("/api/v1/reports", json=record(), headers=world.machine).json()["case"]
    world.clock.at += timedelta(minutes=7)
    world.work(ref)
    (one,) = asked(world, f"/cases/{ref}/explain?step={STEP}").json()["steps"]
    assert one["told"].endswith("It was received by insp-a only at 19:07 and sgt-s only at 19:07.")
    with at_console(world, "insp-a") as hand:
        assert "It was received by insp-a only at 19:07" in hand.page(ref)


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("?step=notify_local_supervizor", 404, "did you mean notify_local_supervisor?"),
        (f"?step={STEP}&occurrence=7", 404, "it has 1"),
        (f"?step={STEP}&occurrence=two", 422, "give step=<key> and a whole number"),
        ("?occurrence=1", 422, "is given without its step"),
    ],
)
def test_what_is_not_there_is_refused_with_the_remedy(world: World, query: str, status: int, says: str) -> None:
    """Never an empty answer for a slip of the pen."""
    ref = world.report()
    answer = asked(world, f"/cases/{ref}/explain{query}")
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


def test_no_such_case_and_nobody_known(world: World) -> None:
    """404 for a case that is not there, 401 for somebody whom nobody knows."""
    assert asked(world, "/cases/MP-2026-999999/explain").status_code == 404
    ref = world.report()
    assert world.web.get(f"/api/v1/cases/{ref}/explain").status_code == 401
    assert world.web.get(f"/cases/{ref}/why").status_code == 303


def test_the_journal_explains_itself(world: World) -> None:
    """A line that opened, moved or passed a deadline carries `why`, made of its own body; others carry none."""
    ref = world.report()
    world.forward(11)
    world.fact(ref, "risk_set", "fim-1", evidence={"level": "high", "rationale": "new facts"})
    entries = asked(world, f"/cases/{ref}/journal").json()["entries"]
    why = {(e["kind"], e["body"].get("step")): e["why"] for e in entries if "why" in e}
    assert why["step_opened", STEP] == DUE.replace("Overdue since", "Due") + RULE
    assert why["overdue", STEP] == DUE + RULE + " Not done by then; it was with insp-a; told by then: insp-a and sgt-s."
    assert why["retimed", "deploy_and_attend"].startswith(
        "Moved from 20:00 to 19:26 at 19:11, when medium risk became high risk. Due 19:26: 15 minutes after the risk"
        " was set (19:11), the time for high risk"
    )
    assert {e["kind"] for e in entries if "why" in e} == {"step_opened", "overdue", "retimed", "chosen"}


def test_the_case_page_answers_beside_each_step(world: World) -> None:
    """A part to fold open under every step, without any script; and the way to the page that prints."""
    ref = world.report()
    world.forward(11)
    with at_console(world, "insp-a") as hand:
        page = hand.page(ref)
        rows = page.count('<tr class="why noprint">')
        assert rows == len(asked(world, f"/cases/{ref}").json()["steps"])
        assert DUE + RULE in page
        assert "Nobody was told: the step waits until officers have attended, which has not been recorded yet." in page
        (way,) = re.findall(r'href="(/cases/[^"#]+/why)"', page)
        printed = unescape(hand.client.get(way).text)
    assert "it applies only to a closed case, and this one is not closed" in printed
    assert printed.index("Asked for now") < printed.index(DUE) < printed.index("Not asked for now")
    assert not [secret for secret in (NAME, PLACE, STORY) if secret in printed]


def test_the_timeline_says_why(world: World) -> None:
    """The lines of the page's timeline are the same sentences."""
    ref = world.report()
    world.forward(11)
    with at_console(world, "insp-a") as hand:
        page = hand.page(ref)
    assert f"Overdue: FIM tells the LOI and the sergeant, o{(DUE + RULE)[1:]} Not done by then" in page


def test_by_a_personal_link_without_the_journal(world: World) -> None:
    """Whoever was told reads the reasons by the link of their message, and no line of the journal."""
    ref = world.report()
    token = re.search(r'name="t" value="([^"]+)"|\?t=([^"&]+)', world.web.get(world.link("insp-a")).text)
    if token is None:
        pytest.skip("the page of a message leads to no inbox")
    page = unescape(world.web.get(f"/cases/{ref}/why?t={token[1] or token[2]}").text)
    assert "Why is this due now?" in page
    assert "How it came about" not in page


def test_the_command_line_prints_what_the_api_answers(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """By a server or on the store; for people sentences, for programs the document; exit 1 for what is not there."""
    ref = world.report()
    world.forward(11)
    remote = ["--url", world.address, "--token", world.app.keys.token]
    assert run(["case", "explain", ref, "--json", *remote]) == 0
    assert json.loads(capsys.readouterr().out) == asked(world, f"/cases/{ref}/explain").json()
    assert run(["case", "explain", ref, STEP, *remote]) == 0
    assert DUE + RULE in capsys.readouterr().out
    home = ["--home", str(world.app.settings.home)]
    assert run(["case", "explain", ref, STEP, "--occurrence", "1", *home]) == 0
    assert "10 minutes after the record was made" in capsys.readouterr().out
    assert run(["case", "explain", ref, "no_such_step", *home]) == 1
    assert "there is no step" in capsys.readouterr().err
