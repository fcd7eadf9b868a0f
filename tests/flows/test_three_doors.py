"""One edit, three doors: the console's pages, the command line and Prefect's form leave the same revision."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from html import unescape
from pathlib import Path

import httpx
import pytest

from console.access import COOKIE, Access
from console.cli.commands import run
from policy.proposal import REASONS
from policy.terms import Role, Route
from runtime import preview
from runtime.app import App, use
from runtime.clock import WallClock, beats
from runtime.engine_deployment import TIMING
from runtime.knock import knock
from runtime.timing_form import form_of
from store import accounts, journal, revisions
from store.accounts import Account
from store.previews import RUNNING
from store.revisions import LIVE, NUMBERS, PROPOSED, Revision
from tests.console.world import STEP, World, open_world
from tests.flows.conftest import Stage

PACK, VALUE, WHY = "staffordshire", "7m", REASONS[2]
FROM = "2036-02-01T08:00:00+00:00"
THEIRS = ("proposed_by", "proposed_at")  # who typed it, and when

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(240)]


@contextmanager
def _fresh(home: Path) -> Iterator[World]:
    """A force of its own, where three admins may draft; its clock is that of the command line."""
    with open_world(home, WallClock().now().replace(microsecond=0)) as world:
        with world.app.sessions() as s:
            for person in ("adm-1", "adm-2", "adm-3"):
                accounts.put(s, _admin(person))
        yield world


def _admin(person: str) -> Account:
    return Account(person, "-", person, Role.POLICY_ADMIN)


def _by_the_console(world: World) -> None:
    """Fill in one page after the other, as they are drawn: the number, why and when, check, propose."""
    cookies = {COOKIE: Access(world.app).begin(_admin("adm-1"))}
    with httpx.Client(base_url=world.address, cookies=cookies, timeout=20, trust_env=False) as web:
        typed = _filled(web, f"/timings/{PACK}/{STEP}")
        assert (typed["due.medium"], typed["due.medium.unit"]) == ("10", "m")
        why = _sent(web, f"/timings/{PACK}/{STEP}", typed | {"due.medium": "7"})
        reasons = {"reason": WHY, "when": "at", "at": "2036-02-01T08:00", "applies_to": LIVE}
        shown = _sent(web, why, _filled(web, why) | reasons)
        _sent(web, f"{shown}/propose", _filled(web, f"{shown}/check"))
        for _ in beats(threading.Event(), 0.1):  # the preview is worked out in a thread, which must not outlive it
            if web.get(f"{shown}/progress").json()["state"] != RUNNING:
                break


def _filled(web: httpx.Client, path: str) -> dict[str, str]:
    """Read a page's form as a browser sends it untouched."""
    answer = web.get(path)
    assert answer.status_code == 200, answer.text
    (form,) = re.findall(r'<form method="post" action="/timings.*?</form>', answer.text, re.S)
    typed = dict(re.findall(r'<input(?![^>]*type="radio")[^>]* name="([^"]+)" value="([^"]*)"', form))
    for name, body in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.S):
        typed[name] = re.findall(r'value="([^"]+)" selected', body)[0]
    return {name: unescape(value) for name, value in typed.items()}


def _sent(web: httpx.Client, path: str, typed: dict[str, str]) -> str:
    answer = web.post(path, data=typed)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def _by_the_command_line(world: World) -> None:
    words = ["--set", f"{STEP}.due.medium={VALUE}", "--reason", WHY, "--from", FROM, "--applies-to", LIVE]
    assert run(["pack", "propose", PACK, *words, "--by", "adm-2", "--home", str(world.app.settings.home)]) == 0


def _by_prefect(world: World, stage: Stage) -> None:
    here = replace(world.app, engine=stage.engine)
    stage.engine.deploy_form(TIMING, form_of(here.packs, PACK))
    deployment = stage.ask("GET", f"deployments/name/{TIMING}")
    typed = {"pack": PACK, "step": STEP, "field": "due", "risk": "medium", "value": VALUE, "reason": WHY}
    typed |= {"applies_to": LIVE, "effective_from": FROM, "proposed_by": "adm-3"}
    with use(here):
        body = {"parameters": typed, "state": {"type": "SCHEDULED"}}
        made = stage.ask("POST", f"deployments/{deployment['id']}/create_flow_run", body)
        knock(stage.home, "worker")
        stage.until(made["id"], lambda state: state.type == "COMPLETED")


def _left(app: App) -> tuple[Revision, journal.JournalEntry]:
    with app.sessions.reading() as s:
        (line,) = [line for line in journal.read(s, limit=500) if line.kind == "revision_proposed"]
        return revisions.get(s, PACK, 2), line


def test_all_three_doors_leave_the_same_revision(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row for row and line for line, but for who typed it, when, and the route."""
    monkeypatch.setattr(preview, "MOST", 5)
    rows: list[Revision] = []
    lines: list[journal.JournalEntry] = []
    doors: tuple[Callable[[World], None], ...] = (
        _by_the_console,
        _by_the_command_line,
        partial(_by_prefect, stage=stage),
    )
    for number, door in enumerate(doors, 1):
        with _fresh(tmp_path / f"home-{number}") as world:
            door(world)
            row, line = _left(world.app)
            assert row.proposed_by == line.by == f"adm-{number}"
            rows.append(row)
            lines.append(line)
    bare = [{name: value for name, value in vars(row).items() if name not in THEIRS} for row in rows]
    assert bare[0] == bare[1] == bare[2]
    change = {"step": STEP, "field": "due", "risk": "medium", "value": VALUE}
    assert (rows[0].status, rows[0].kind, list(rows[0].changes)) == (PROPOSED, NUMBERS, [change])
    assert [line.route for line in lines] == [Route.CONSOLE, Route.CLI, Route.PREFECT]
    said = [{name: value for name, value in line.body.items() if name not in THEIRS} for line in lines]
    assert said[0] == said[1] == said[2]
