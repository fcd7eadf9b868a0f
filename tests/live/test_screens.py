"""What people see in a real browser: both of Prefect's UIs, the pages on a phone, the console.

Each test takes its pictures as it goes: into docs/screens with VIGIL_SCREENS=1 (`make screens`), otherwise into
the test's own folder, so that a test run leaves the tree clean.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, ViewportSize, expect

from tests.live.force import NOTICE, Force
from tests.support.browser import open_browser
from tests.support.house import ROOT

pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(240)]
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)
UIS = {"classic": "", "v2": "/v2"}  # Prefect 3.8.8 serves both; `/` alone leads to the one that it prefers
PATIENCE_MS = 20_000  # two cores, and Prefect's pages are megabytes of script
AWAITING = re.compile(r"Awaiting .+ by \d\d:\d\d")
MOST_BYTES = 300_000  # of a picture in the tree


class Camera:
    """Takes pictures under stable names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, page: Page, name: str, *, whole_page: bool = False) -> None:
        """Keep what the page shows now; a picture that would weigh on the tree is a fault."""
        picture = page.screenshot(path=self.folder / name, animations="disabled", full_page=whole_page)
        assert len(picture) <= MOST_BYTES, f"{name}: {len(picture)} bytes"


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    """The camera of a test."""
    folder = ROOT / "docs" / "screens" if os.environ.get("VIGIL_SCREENS") == "1" else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    return Camera(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium."""
    with open_browser() as started:
        yield started


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A supervisor's screen; whatever a page would ask of the world outside is a fault."""
    context = browser.new_context(viewport=DESK, locale="en-GB", timezone_id="Europe/London")
    asked = keep_inside(context)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
    assert asked == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """An inspector's phone, without scripts."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, device_scale_factor=2, locale="en-GB")
    asked = keep_inside(context)
    yield context.new_page()
    context.close()
    assert asked == []


def keep_inside(context: BrowserContext) -> list[str]:
    """Let a browser reach this machine only; give the list of what it asked for elsewhere, which grows."""
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith("http://127.0.0.1:"), refuse)
    return asked


def climbed(force: Force, area: str) -> dict[str, Any]:
    """Report a case of high risk that nobody answers, and wait until the Force Incident Manager is told."""
    answer = force.report(area, "high")
    force.sink.wait_for("fim-1", within_s=25, case=answer["case"], step=NOTICE, rung=1, type="escalate")
    return answer


def seen(where: Page | Locator, text: str | re.Pattern[str]) -> Locator:
    """Demand that a text can be seen, wherever the page shows it; give its place."""
    found = where.get_by_text(text).locator("visible=true").first
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    return found


def whole(text: Locator) -> bool:
    """Tell whether nothing of a text is cut off at its right."""
    return bool(text.evaluate("e => e.scrollWidth <= e.clientWidth + 1 || getComputedStyle(e).display === 'inline'"))


@pytest.mark.parametrize("ui", UIS)
def test_the_page_of_a_run_tells_the_night(force: Force, desk: Page, camera: Camera, ui: str) -> None:
    """State, acts in the field's words, the agenda, and no warning where nothing failed."""
    answer = climbed(force, {"classic": "moorlands", "v2": "newcastle"}[ui])
    case, run = answer["case"], f"{force.stack.up['prefect']}{UIS[ui]}/runs/flow-run/{answer['flow_run_id']}"
    desk.goto(run)
    state = seen(desk, AWAITING)
    assert whole(state), state.inner_text()
    seen(desk, re.compile(rf"{case} · high risk · "))
    desk.get_by_text("Task Runs", exact=True).first.click()
    for act in ("Notify LOI", "Escalate to Force Incident Manager"):
        seen(desk, re.compile(rf"^\s*{act}\s*$"))
    desk.locator("canvas").first.wait_for()
    force.pause(2.5)  # the timeline draws itself
    seen(desk, AWAITING)
    camera.take(desk, f"prefect-run-{ui}.png")
    agenda_is_readable(force, desk, case, run)
    logs = force.stack.prefect("/logs/filter", {"logs": {"flow_run_id": {"any_": [answer["flow_run_id"]]}}})
    assert [line["message"] for line in logs if line["level"] >= 30] == []
    force.fact(case, "acknowledged", force.step(case)["holder"])


def agenda_is_readable(force: Force, desk: Page, case: str, run: str) -> None:
    """From the run's page to its agenda: what is awaited, and what happens if nobody acts."""
    desk.goto(f"{run}?tab=Artifacts")
    desk.get_by_text("Artifacts", exact=True).first.click()
    seen(desk, f"agenda-{case.lower()}")
    asked = {"artifacts": {"key": {"any_": [f"agenda-{case.lower()}"]}}, "sort": "CREATED_DESC", "limit": 1}
    (newest,) = force.stack.prefect("/artifacts/filter", asked)
    desk.goto(f"{run.partition('/runs/')[0]}/artifacts/artifact/{newest['id']}")
    seen(desk, AWAITING)
    seen(desk, "What happens if nobody acts")
    seen(desk.locator("table"), re.compile("is told$"))
    seen(desk.locator("table"), "FIM tells the LOI and the sergeant")


@pytest.mark.parametrize("ui", UIS)
def test_the_list_of_runs_names_cases_and_what_they_await(force: Force, desk: Page, camera: Camera, ui: str) -> None:
    """One line a case: reference, risk, age band, area, and what is awaited by when; nothing is advertised."""
    cases = {force.report(area, risk)["case"]: risk for area, risk in (("stoke", "medium"), ("cannock", "low"))}
    for case in cases:
        force.settled(case)
    desk.goto(f"{force.stack.up['prefect']}{UIS[ui]}/runs")
    for case, risk in cases.items():
        assert whole(seen(desk, re.compile(rf"^{case} · {risk} risk · ")))
    seen(desk, AWAITING).scroll_into_view_if_needed()
    text = desk.locator("body").inner_text()
    assert not re.search(r"upgrade|prefect cloud|join the community", text, re.IGNORECASE)
    if ui == "classic":
        desk.mouse.wheel(0, 600)
        force.pause(2.5)  # the numbers of task runs come in one by one
        camera.take(desk, "prefect-runs.png")
    for case in cases:
        force.fact(case, "acknowledged", force.step(case)["holder"])


@pytest.mark.parametrize("ui", UIS)
def test_a_supervisor_acknowledges_with_the_resume_button(force: Force, desk: Page, camera: Camera, ui: str) -> None:
    """Collar number and decision, typed and chosen in the browser: the ladder stops, the route is `prefect`."""
    area = {"classic": "stafford", "v2": "lichfield"}[ui]
    answer = force.report(area)
    case, inspector = answer["case"], f"insp-{area}"
    desk.goto(f"{force.stack.up['prefect']}{UIS[ui]}/runs/flow-run/{answer['flow_run_id']}")
    for attempt in range(5):  # at sixty times the speed a reminder may have the run when the button is pressed
        force.settled(case)
        form = FORMS[ui](desk)
        form.locator("textarea").fill(inspector)
        seen(form, "Vigil checks the collar number against the duty roster")
        if ui == "classic" and attempt == 0:
            camera.take(desk, "prefect-resume-form.png")
        form.get_by_role("button", name=re.compile("^(Submit|Resume)$")).click()
        if answered(force, case):
            break
        desk.reload()
    facts = [e for e in force.stack.ask(f"/cases/{case}/journal")["entries"] if e["kind"] == "fact"]
    assert [(e["by"], e["route"], e["body"]["fact"]) for e in facts] == [(inspector, "prefect", "acknowledged")]
    force.sink.wait_for(f"sgt-{area}", within_s=8, case=case, type="cancel")
    assert "LOI acknowledgement" not in force.settled(case)["state_name"]


def classic_form(desk: Page) -> Locator:
    """Open the form of the classic UI and choose the decision."""
    desk.get_by_role("button", name="Resume").click()
    form = desk.locator(".p-modal__card")
    form.locator(".p-select-button__icon").first.click()  # the list closes at once when its text is pressed: Prefect's
    desk.locator(".p-select-option", has_text="acknowledge").click()
    return form


def v2_form(desk: Page) -> Locator:
    """Open the form of V2, where Resume is a line of a menu, and choose the decision."""
    desk.get_by_role("button", name="Open menu").first.click()
    desk.get_by_role("menuitem", name="Resume").click()
    form = desk.get_by_role("dialog")
    form.get_by_label("Select Decision").click()
    desk.get_by_role("option", name="acknowledge").click()
    return form


FORMS = {"classic": classic_form, "v2": v2_form}


def answered(force: Force, case: str) -> bool:
    """Tell whether the notice is answered within a few seconds."""
    return any(force.step(case)["status"].startswith("done") for _ in force.ticks(within_s=10))


def test_an_inspector_acknowledges_on_a_phone(force: Force, phone: Page, camera: Camera) -> None:
    """What is asked, by when and one big button fit on the first screen; the inbox shows the same."""
    case = force.report("south_staffordshire", "high")["case"]
    told = force.sink.wait_for("insp-south_staffordshire", within_s=8, case=case, type="notify")[0]
    phone.goto(told.body["link"])
    seen(phone, "High risk")
    seen(phone, "Acknowledge that you have this case")
    seen(phone, re.compile(r"by \d\d:\d\d"))
    button = phone.get_by_role("button", name="Acknowledge")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"] * 0.75
    assert box["width"] >= PHONE["width"] * 0.85
    camera.take(phone, "acknowledge-phone.png")
    phone.get_by_role("link", name="All that is asked of you").click()
    expect(phone.locator("h1")).to_have_text("Inbox of insp-south_staffordshire")
    seen(phone.locator(".card", has_text=case), "High risk")
    camera.take(phone, "inbox-phone.png")
    phone.goto(told.body["link"])
    button.click()
    said = phone.get_by_role("status").inner_text()
    assert re.match(r"You acknowledged at \d\d:\d\d\.", said), said
    camera.take(phone, "acknowledged-phone.png")
    force.sink.wait_for("sgt-south_staffordshire", within_s=8, case=case, type="cancel")
    facts = [e for e in force.stack.ask(f"/cases/{case}/journal")["entries"] if e["kind"] == "fact"]
    assert [(e["by"], e["route"]) for e in facts] == [("insp-south_staffordshire", "link")]


def test_the_console_shows_cases_and_who_was_told(force: Force, desk: Page, camera: Camera) -> None:
    """Signed in: the list says what each case awaits; its page who was told, with the reminders folded away."""
    case, login = climbed(force, "cannock")["case"], force.stack.up["login"]
    desk.goto(force.stack.console)
    desk.get_by_label("User name").fill(login["user"])
    desk.get_by_label("Password").fill(login["password"])
    desk.get_by_role("button", name="Sign in").click()
    row = desk.locator("tr", has_text=case)
    seen(row, "LOI acknowledgement")
    camera.take(desk, "cases.png")
    row.get_by_role("link", name=case).click()
    seen(desk, AWAITING)
    seen(desk, "Escalation: Escalate to Force Incident Manager")
    assert not desk.get_by_text("Reminder: Remind LOI 1").is_visible()
    camera.take(desk, "case-page.png")
    desk.locator("summary", has_text="reminder").click()
    seen(desk, "Reminder: Remind LOI 1")
    desk.goto(f"{force.stack.console}/breaches")
    seen(desk.locator("tr", has_text=case), "FIM tells the LOI and the sergeant")
    camera.take(desk, "breaches.png")
    force.fact(case, "acknowledged", "insp-cannock")
