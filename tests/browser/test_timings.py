"""An admin changes a timing in the real system: from the sign-in to the new time on the run's page in Prefect.

The pictures go into docs/screens with VIGIL_SCREENS=1 (`make screens`), otherwise into the test's own folder.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from policy.terms import Role
from tests.browser.hands import Mouse, approve, propose, say_the_change, sign_in
from tests.browser.stage import ADMIN, DESK, PHONE, SECOND
from tests.console.doorway import PASSWORD
from tests.console.everybody import CHECKS
from tests.console.world import STEP, World, open_world
from tests.live.force import Force
from tests.live.test_screens import Camera, camera, keep_inside, seen
from tests.support.sink import open_sink
from tests.support.stack import running

__all__ = ["camera"]  # a fixture
pytestmark = [pytest.mark.live, pytest.mark.long, pytest.mark.browser, pytest.mark.timeout(900)]
REASON = "After an inspection or a recommendation"
ANSWERED_AFTER = (4, 5, 6, 8, 8, 9, 9, 11, 13, 15)  # minutes: in some past cases seven would have been too few
SEARCH_MS = 300_000  # a preview plays past cases and searches; a minute of a core that is not alone
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def force(tmp_path: Path) -> Iterator[Force]:
    """A running Vigil whose home knows past cases; an admin and a superintendent have accounts."""
    home = tmp_path / "home"
    home.mkdir()
    for number, minutes in enumerate(ANSWERED_AFTER, start=1):
        with open_world(home, datetime(2026, 1, 2 + number, 3 * number % 24, tzinfo=UTC)) as world:
            past_case(world, number, minutes)
    let_in(home, ADMIN, Role.POLICY_ADMIN)
    let_in(home, SECOND, Role.ON_CALL_SUPERINTENDENT)
    with open_sink() as sink, running(home) as stack:
        opened = Force(stack, sink)
        opened.man()
        yield opened


def let_in(home: Path, user: str, role: Role) -> None:
    """Make an account as an administrator does."""
    command = [sys.executable, "-c", "import sys; from console.cli import main; sys.exit(main())", "user", "add", user]
    flags = ["--person", user, "--role", role, "--password-stdin", "--home", str(home)]
    subprocess.run([*command, *flags], input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)


def past_case(world: World, number: int, minutes: int) -> None:
    """A case of medium risk of which somebody heard after some minutes; the person was found dead, so it is closed."""
    at = world.clock.at.isoformat()
    adult = {"name": f"Person {number}", "date_of_birth": "1990-05-01"}
    ref = world.report(number, person=adult, reported_at=at, recorded_at=at)
    for _ in range(minutes):
        world.forward(1)
    world.fact(ref, "acknowledged", "insp-a")
    world.fact(ref, "accepted", "insp-a")
    world.fact(ref, "serial_entry", "fim-1", evidence={"recipient": "insp-a", "text": "told"})
    world.fact(ref, "risk_set", "fim-1", evidence={"level": "medium", "rationale": "confirmed"})
    world.fact(ref, "step_completed", "fim-1", step="system_research", evidence=dict.fromkeys(CHECKS, "fim-1"))
    review = {"review_at": (world.clock.at + timedelta(hours=4)).isoformat()}
    world.fact(ref, "step_completed", "fim-1", step="set_review_time", evidence=review)
    seen_dead = {"seen_by": "sgt-s", "where": "in the woods", "wellbeing": "deceased"}
    world.fact(ref, "verified_seen", "sgt-s", evidence=seen_dead)
    world.fact(ref, "contact_made", "sgt-s", evidence={"with": "mother"})
    world.fact(ref, "step_completed", "fim-1", step="cancel_circulation", evidence={"reference": "none made"})
    world.fact(ref, "closure_requested", "insp-a", evidence={"rationale": "found", "reason": "found"})
    world.fact(ref, "closure_signed", "fim-1", step="closure_sign_off", evidence={"rationale": "read"})


@contextmanager
def desk_of(browser: Browser, force: Force, user: str) -> Iterator[Page]:
    """The screen of somebody who has just signed in; nothing is asked of the world outside."""
    context = browser.new_context(viewport=DESK, base_url=force.stack.console, locale="en-GB", timezone_id=LONDON.key)
    context.set_default_timeout(30_000)
    asked = keep_inside(context)
    page = context.new_page()
    sign_in(Mouse(page), user)
    yield page
    context.close()
    assert asked == []


def both(camera: Camera, page: Page, name: str, at: str = "body") -> None:
    """Take a page, from a place on, as it is at a desk and on a phone."""
    for size, ends_in in ((PHONE, "-phone"), (DESK, "")):
        page.set_viewport_size(size)
        page.evaluate("at => document.querySelector(at).scrollIntoView()", at)
        camera.take(page, f"timings-{name}{ends_in}.png")


def test_an_admin_changes_a_timing(force: Force, browser: Browser, camera: Camera) -> None:
    """Ten minutes become seven: seen before, approved by a second person, and a live case and its run follow."""
    with desk_of(browser, force, ADMIN) as page:
        drafts(page, camera)
        case = force.report("stoke")["case"]  # a call comes in while the admin reads
        old, new = due(force, case), due(force, case) - timedelta(minutes=3)
        force.settled(case)
        page.reload()
        row = page.get_by_role("row", name=case)
        assert [old, new] == [local(row.locator("time").nth(n).get_attribute("datetime")) for n in (0, 1)]
        both(camera, page, "preview")
        both(camera, page, "plots", "figure")
        proposal = proposes(page, camera)
    with desk_of(browser, force, SECOND) as page:
        page.goto(proposal)
        expect(page.get_by_role("row", name=case).locator("time").nth(1)).to_have_text(f"{new:%H:%M}")
        seen(page, "10 recorded cases were played again")
        both(camera, page, "approval")
        approve(Mouse(page), REASON)
        seen(page, "Approved.")
        follows(force, page, case, new, camera)


def drafts(page: Page, camera: Camera) -> None:
    """From the menu to the preview, with its progress."""
    page.goto("/timings/staffordshire")
    both(camera, page, "pack")
    page.goto(f"/timings/staffordshire/{STEP}")
    both(camera, page, "step")
    page.goto("/")
    say_the_change(Mouse(page))
    seen(page, "No deadline of an open case would move.")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=SEARCH_MS)  # the page draws itself anew
    seen(page, "10 recorded cases were played again")
    breaches = page.locator("figure", has_text="Breaches: ")
    expect(breaches.locator("svg")).to_be_visible()
    expect(breaches.get_by_role("row", name="FIM tells the LOI and the sergeant")).to_contain_text("+4")
    seen(page, "What it makes impossible, contradictory or silly")
    page.get_by_role("link", name="Back to why and when").click()
    both(camera, page, "why")
    page.go_back()


def proposes(page: Page, camera: Camera) -> str:
    """Check the answers, and propose."""
    page.get_by_role("link", name="Go on to check your answers").first.click()
    both(camera, page, "check")
    page.go_back()
    address = propose(Mouse(page))
    seen(page, "It changes nothing until another person has approved it.")
    return address


def follows(force: Force, page: Page, case: str, new: datetime, camera: Camera) -> None:
    """The case's page has the new deadline and revision; so has its run: state, agenda and page, within a while."""
    for _ in force.ticks(within_s=60):
        if due(force, case) == new:
            break
    page.goto(f"/cases/{case}")
    seen(page, "Staffordshire Police, revision 2")
    expect(page.locator("tr", has_text="FIM tells the LOI and the sergeant").locator("time").first).to_have_text(
        f"{new:%H:%M}"
    )
    both(camera, page, "case")
    wanted = f"LOI acknowledgement by {new:%H:%M}"
    for _ in force.ticks(within_s=120):
        if wanted in force.run(case)["state_name"]:
            break
    assert wanted in force.settled(case)["state_name"]
    asked = {"artifacts": {"key": {"any_": [f"agenda-{case.lower()}"]}}, "sort": "CREATED_DESC", "limit": 1}
    (newest,) = force.stack.prefect("/artifacts/filter", asked)
    assert wanted in newest["data"].splitlines()[0]
    ui = f"{force.stack.up['prefect']}/v2"
    page.goto(f"{ui}/runs/flow-run/{force.run(case)['id']}")
    seen(page, f"Awaiting {wanted}")
    page.goto(f"{ui}/artifacts/artifact/{newest['id']}")
    seen(page, wanted)
    camera.take(page, "timings-prefect.png")


def due(force: Force, case: str) -> datetime:
    """Give when the inspector's acknowledgement is due, in local time."""
    return local(force.step(case)["due_at"])


def local(instant: str | None) -> datetime:
    """Read an instant, in local time."""
    assert instant
    return datetime.fromisoformat(instant).astimezone(LONDON)
