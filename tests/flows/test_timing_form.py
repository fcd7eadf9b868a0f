"""The form in Prefect's pages with which a timing is proposed: lists, no free text, tried once, behind all cases."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun

from policy.proposal import REASONS
from policy.revise import OF_A_STEP
from policy.terms import Risk, Role, Route
from runtime import doors
from runtime.app import App, use
from runtime.clock import WallClock
from runtime.engine_deployment import TIMING
from runtime.knock import knock
from runtime.repair import Audit, end_the_dead
from runtime.timing_form import EVERY_LEVEL, form_of
from runtime.worker_queue import Offer, Queue
from store import accounts, journal, revisions
from store.accounts import Account
from store.packs import load_packs
from store.revisions import PROPOSED, Revision
from tests.console.world import open_world, record
from tests.flows.conftest import Stage

PACKS = load_packs(None)
SEVEN = {
    "pack": "staffordshire",
    "step": "notify_local_supervisor",
    "field": "due",
    "risk": "medium",
    "value": "7m",
    "reason": REASONS[0],
    "applies_to": "live_and_new",
    "effective_from": "",
    "proposed_by": "adm-1",
}
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@pytest.fixture
def app(stage: Stage, tmp_path: Path) -> Iterator[App]:
    """A force with its own store, whose form is with Prefect; its case has an open deadline."""
    with open_world(tmp_path / "home") as world:
        with world.app.sessions() as s:
            accounts.put(s, Account("adm-1", "-", "adm-1", Role.POLICY_ADMIN))
        here = replace(world.app, engine=stage.engine)
        stage.engine.deploy_form(TIMING, form_of(here.packs, here.settings.pack))
        doors.report(world.app, record(), route=Route.API)
        with use(here):
            yield here


def _create(stage: Stage, typed: dict[str, str], **more: object) -> str:
    """Create a run as Prefect's pages do."""
    deployment = stage.ask("GET", f"deployments/name/{TIMING}")
    body = {"parameters": typed, "state": {"type": "SCHEDULED"}, **more}
    run = stage.ask("POST", f"deployments/{deployment['id']}/create_flow_run", body)
    knock(stage.home, "worker")
    return str(run["id"])


def _ended(stage: Stage, run_id: str) -> dict[str, Any]:
    stage.until(run_id, lambda state: state.type in ENDED)
    run: dict[str, Any] = stage.ask("GET", f"flow_runs/{run_id}")
    return run


def _proposed(app: App) -> list[Revision]:
    with app.sessions.reading() as s:
        return [one for one in revisions.history(s, "staffordshire") if one.number > revisions.FIRST]


@pytest.mark.prefect
@pytest.mark.timeout(180)
def test_a_good_form_is_proposed(stage: Stage, app: App) -> None:
    """COMPLETED with the revision's number; the journal shows the route; the page says what would move, and no name."""
    run = _ended(stage, _create(stage, SEVEN))
    (made,) = _proposed(app)
    assert (run["state_type"], made.status, made.proposed_by) == ("COMPLETED", PROPOSED, "adm-1")
    assert run["state"]["message"].startswith(f"Revision {made.number} of staffordshire is proposed; another person")
    with app.sessions.reading() as s:
        (line,) = [line for line in journal.read(s, limit=500) if line.kind == "revision_proposed"]
    assert line.route is Route.PREFECT
    (page,) = stage.ask("POST", "artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    assert f"/timings/staffordshire/revisions/{made.number}" in page["data"]
    assert "FIM tells the LOI and the sergeant | 10 Jan 19:10 | 10 Jan 19:07" in page["data"]
    assert "Quillfeather" not in page["data"]
    (task,) = stage.task_runs(run["id"], 1)
    assert task["name"] == "Propose a change of a timing"


@pytest.mark.prefect
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"proposed_by": "nobody-1"}, "nobody-1 may not propose a revision"),
        ({"proposed_by": "ch-1"}, "Who may: a role that drafts policy"),
        ({"value": "0m"}, "value: '0m'"),
        ({"value": "99999d"}, "value: '99999d' is longer than a hundred years"),
        ({"value": "10m"}, "give a value that differs from the present one"),
        ({"field": "at_local"}, "value: '7m' is no time of day; write it as 08:30"),
        ({"step": "ukmpu_notification", "risk": EVERY_LEVEL, "value": "96h"}, "superintendent or above, by name"),
        ({"effective_from": "2025-01-01T00:00Z"}, "effective_from: 2025-01-01T00:00:00+00:00 lies in the past"),
    ],
)
def test_a_bad_form_fails_once_with_plain_words(stage: Stage, app: App, typed: dict[str, str], said: str) -> None:
    """FAILED with what is wrong and what to do; nothing is proposed, and the run is not tried again."""
    before = stage.world.said("failed", "")  # of other tests: the world is the session's
    run = _ended(stage, _create(stage, {**SEVEN, **typed}))
    assert (run["state_type"], run["run_count"]) == ("FAILED", 1)
    assert run["state"]["message"].startswith("Nothing was proposed. ")
    assert said in run["state"]["message"]
    assert "\n" not in run["state"]["message"]
    assert _proposed(app) == []
    assert stage.world.said("failed", "") == before, "no alarm, no error of the worker's"
    (page,) = stage.ask("POST", "artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    assert said in page["data"]
    logs = stage.ask("POST", "logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    assert not [line["message"] for line in logs if "Traceback" in line["message"]]


@pytest.mark.prefect
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "typed",
    [
        {"pack": "atlantis"},
        {"reason": "The child Ann Archer was found too late"},
        {"value": "as soon as Ann is home"},
        {"proposed_by": "Ann Archer, 14 Larkspur Passage"},
        {"effective_from": "tomorrow"},
    ],
)
def test_what_is_not_of_the_form_never_reaches_prefects_database(stage: Stage, app: App, typed: dict[str, str]) -> None:
    """Prefect itself refuses it: no run is made that would keep a name for ever."""
    assert _proposed(app) == []
    with pytest.raises(httpx.HTTPStatusError) as refused:
        _create(stage, {**SEVEN, **typed})
    assert refused.value.response.status_code in (409, 422)


@pytest.mark.prefect
@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("reason", "Ann was found too late", "Reason"),
        ("value", "when Ann is home", "New value"),
        ("pack", "Ann", "Pack"),
    ],
)
def test_where_its_checks_are_turned_off_nothing_typed_is_said_again(
    stage: Stage, app: App, name: str, text: str, title: str
) -> None:
    """Prefect's pages have a switch for that: FAILED, the field is named, and no name goes into message or log."""
    run = _ended(stage, _create(stage, {**SEVEN, name: text}, enforce_parameter_schema=False))
    assert run["state_type"] == "FAILED"
    assert run["state"]["message"].startswith(f"Nothing was proposed. {title}: not of the form;")
    assert "Ann" not in run["state"]["message"]
    assert _proposed(app) == []


@pytest.mark.prefect
@pytest.mark.timeout(180)
def test_a_pass_that_died_proposes_nothing_twice(stage: Stage, app: App) -> None:
    """Found RUNNING long after, it gets a pass that ends it and says where to look; the audit never names it."""
    done = _ended(stage, _create(stage, SEVEN))["id"]
    real = replace(app, clock=WallClock())
    assert end_the_dead(real, stage.engine, timedelta(0)) == 0  # what has ended is left alone
    stage.ask("POST", f"flow_runs/{done}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    assert end_the_dead(real, stage.engine, timedelta(0)) == 1
    run = stage.until(done, lambda state: state.type in ENDED)
    assert run.type == "FAILED"
    assert "look in Timings whether the revision is there" in _message(stage, done)
    assert len(_proposed(app)) == 1
    named: list[str] = []
    Audit(real, stage.engine, named.extend).look()
    assert "" not in named


def _message(stage: Stage, run_id: str) -> str:
    return str(stage.ask("GET", f"flow_runs/{run_id}")["state"]["message"])


@pytest.mark.prefect
@pytest.mark.timeout(180)
def test_an_error_of_ours_is_not_put_back(stage: Stage, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks inside the pass: the run has FAILED, once; nobody is told that the people of a case are not."""

    def broken(*_: object) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr("tasks.timing.propose", broken)
    heard = len(stage.world.said("failed", ""))
    run = _ended(stage, _create(stage, SEVEN))
    assert (run["state_type"], run["run_count"]) == ("FAILED", 1)
    assert len(stage.world.said("failed", "")) == heard + 1
    assert _proposed(app) == []


def test_such_runs_leave_a_slot_for_cases() -> None:
    """They come after all cases whatever they are tagged, and never take the last ordinary slot."""

    def offer(**typed: str) -> Offer:
        run = FlowRun(id=uuid4(), flow_id=uuid4(), parameters=typed, tags=["risk:high"] if not typed else [])
        return Offer.of(run)

    queue = Queue(4)
    queue.renew([offer(), offer(), offer(), offer(case="a")])
    taken = [queue.take(number, 4 - number) for number in range(3)]
    assert [one.case for one in taken if one] == ["a", ""]
    assert queue.take(2, 2) is None
    assert not queue.empty
    alone = Queue(1)
    alone.renew([offer()])
    assert alone.take(0, 1) is not None


def test_the_lists_come_from_the_packs() -> None:
    """Every pack, every step of them, every number that a step may have; what new cases follow is chosen already."""
    fields = form_of(PACKS, "staffordshire")["properties"]
    assert fields["pack"]["enum"] == sorted(PACKS)
    assert fields["pack"]["default"] == "staffordshire"
    assert set(fields["step"]["enum"]) == {key for pack in PACKS.values() for key in pack.steps}
    assert fields["field"]["enum"] == list(OF_A_STEP)
    assert fields["risk"]["enum"] == [EVERY_LEVEL, *Risk]
    own = PACKS["staffordshire"]
    smaller = replace(own, name="own", steps={"verify_seen": own.steps["verify_seen"]})
    fewer = form_of({"own": smaller}, "own")["properties"]
    assert (fewer["pack"]["enum"], fewer["step"]["enum"]) == (["own"], ["verify_seen"])


def test_there_is_no_room_for_free_text() -> None:
    """What is typed stays in Prefect's database: every field is a closed list, or so short a form that no name fits."""
    fields = form_of(PACKS, "staffordshire")["properties"]
    assert [name for name, field in fields.items() if not ("enum" in field or "pattern" in field)] == []
    for good in ("7m", "90s", "3mo", "-", "08:30", "50 80", "28d 3mo 6mo"):
        assert re.search(fields["value"]["pattern"], good), good
    for name in ("value", "effective_from", "proposed_by"):
        for text in ("Ann Archer", "14 Larkspur Passage", "7m for Ann", "7m\nAnn Archer"):
            assert not re.search(fields[name]["pattern"], text), (name, text)
