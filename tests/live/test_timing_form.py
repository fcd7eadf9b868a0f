"""A timing proposed in Prefect's own pages, with the whole of Vigil running: by its API and in a browser, both UIs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from policy.proposal import REASONS
from runtime.engine_deployment import TIMING
from tests.live.force import NOTICE, Force
from tests.live.test_screens import PATIENCE_MS, UIS, Camera, browser, camera, desk, seen

__all__ = ["browser", "camera", "desk"]  # fixtures
pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.timeout(240)]
PACK = "staffordshire"
LINE = {"step": NOTICE, "risk": "medium", "reason": REASONS[2], "applies_to": "live_and_new"}
LISTS = {"Step": NOTICE, "Risk level": "medium", "Reason": REASONS[2], "Applies to": "live_and_new"}


def revisions_of(force: Force) -> list[dict[str, Any]]:
    """Give what Vigil's API has of the pack, the newest first."""
    found: list[dict[str, Any]] = force.stack.ask(f"/packs/{PACK}/revisions")["revisions"]
    return found


def deployment(force: Force) -> dict[str, Any]:
    """Give the deployment of the form as Prefect has it."""
    found: dict[str, Any] = force.stack.prefect(f"/deployments/name/{TIMING}")
    return found


def ended(force: Force, run: str) -> dict[str, Any]:
    """Wait until a run has ended, and give it."""
    found: dict[str, Any] = {}
    for _ in force.ticks(within_s=30):
        found = force.stack.prefect(f"/flow_runs/{run}")
        if found["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
            return found
    raise AssertionError(f"the run does not end: {found.get('state')}")


def newest_run(force: Force) -> dict[str, Any]:
    """Give the run of the form that was made last, when it has ended."""
    asked = {"deployments": {"id": {"any_": [deployment(force)["id"]]}}, "sort": "EXPECTED_START_TIME_DESC", "limit": 1}
    (run,) = force.stack.prefect("/flow_runs/filter", asked)
    return ended(force, run["id"])


def test_a_run_made_by_prefects_api_proposes(force: Force) -> None:
    """The revision stands in Vigil's API, proposed and approved by nobody; the run's page shows what would move."""
    case = force.report("stoke")["case"]
    typed = {**LINE, "pack": PACK, "field": "due", "value": "9m", "effective_from": "", "proposed_by": "sup-1"}
    path = f"/deployments/{deployment(force)['id']}/create_flow_run"
    run = ended(force, force.stack.prefect(path, {"parameters": typed, "state": {"type": "SCHEDULED"}})["id"])
    made = revisions_of(force)[0]
    assert (run["state_type"], made["status"], made["approved_by"]) == ("COMPLETED", "proposed", None)
    assert run["state"]["message"].startswith(f"Revision {made['revision']} of {PACK} is proposed")
    assert made["changes"] == [{"step": NOTICE, "field": "due", "risk": "medium", "value": "9m"}]
    (page,) = force.stack.prefect("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
    assert f"{force.stack.console}/timings/{PACK}/revisions/{made['revision']}" in page["data"]
    assert case in page["data"]
    force.fact(case, "acknowledged", force.step(case)["holder"])


def test_a_form_that_is_refused_ends_and_says_why(force: Force) -> None:
    """One who may not: FAILED once, in plain words; nothing is proposed, and no alarm rings for it."""
    before, rung = len(revisions_of(force)), len(force.stack.ask("/alarms")["alarms"])
    typed = {**LINE, "pack": PACK, "field": "due", "value": "8m", "proposed_by": "insp-stoke"}
    path = f"/deployments/{deployment(force)['id']}/create_flow_run"
    run = ended(force, force.stack.prefect(path, {"parameters": typed, "state": {"type": "SCHEDULED"}})["id"])
    force.pause(3)  # longer than the worker needs to look again
    run = force.stack.prefect(f"/flow_runs/{run['id']}")
    assert (run["state_type"], run["run_count"]) == ("FAILED", 1)
    assert "insp-stoke may not propose a revision" in run["state"]["message"]
    assert len(revisions_of(force)) == before
    assert len(force.stack.ask("/alarms")["alarms"]) == rung


@pytest.mark.browser
@pytest.mark.parametrize("ui", UIS)
def test_the_form_is_filled_in_in_the_browser(force: Force, desk: Page, camera: Camera, ui: str) -> None:
    """Lists to choose from, and short fields: chosen, typed and submitted it is a proposal."""
    before = revisions_of(force)[0]["revision"]
    value = {"classic": "6m", "v2": "7m"}[ui]
    desk.set_viewport_size({"width": 1280, "height": 1400})
    desk.goto(f"{force.stack.up['prefect']}{UIS[ui]}/deployments/deployment/{deployment(force)['id']}/run")
    seen(desk, "Your collar number")
    choose, write = FORMS[ui]
    for field, word in LISTS.items():
        choose(desk, field, word)
    write(desk, "New value", value)
    write(desk, "Your collar number", "sup-1")
    if ui == "v2":
        camera.take(desk, "prefect-propose-timing.png", whole_page=True)
    desk.get_by_role("button", name="Submit").click()
    desk.wait_for_url(re.compile("/runs/flow-run/|/deployments/deployment/[^/]+$"), timeout=PATIENCE_MS)
    for _ in force.ticks(within_s=30):
        if revisions_of(force)[0]["revision"] > before:
            break
    made = revisions_of(force)[0]
    assert [change["value"] for change in made["changes"]] == [value]
    assert (made["proposed_by"], made["applies_to"]) == ("sup-1", "live_and_new")
    run = newest_run(force)
    assert f"Revision {made['revision']} of {PACK} is proposed" in run["state"]["message"]
    desk.goto(f"{force.stack.up['prefect']}{UIS[ui]}/runs/flow-run/{run['id']}")
    seen(desk, run["name"])
    seen(desk, "Completed")


Fill = Callable[[Page, str, str], None]


def _choose_classic(desk: Page, field: str, word: str) -> None:
    desk.locator(".schema-form-property", has_text=field).locator(".p-select-button__icon").first.click()
    desk.locator(".p-select-option", has_text=word).first.click()


def _write_classic(desk: Page, field: str, text: str) -> None:
    desk.locator(".schema-form-property", has_text=field).locator("textarea").first.fill(text)


def _choose_v2(desk: Page, field: str, word: str) -> None:
    desk.get_by_label(f"Select {field}").click()
    desk.get_by_role("option", name=word, exact=True).click()


def _write_v2(desk: Page, field: str, text: str) -> None:
    desk.get_by_label(field, exact=True).fill(text)


FORMS: dict[str, tuple[Fill, Fill]] = {
    "classic": (_choose_classic, _write_classic),
    "v2": (_choose_v2, _write_v2),
}
