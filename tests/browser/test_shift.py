"""The change of shift and *who was responsible* in a real browser, at a desk and on a phone.

The pictures go into docs/screens with VIGIL_SCREENS=1 (`make screens`), otherwise into the test's own folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from console.access import COOKIE
from tests.browser.test_side_by_side import KINDS, fits
from tests.console.hands import at_console
from tests.console.test_shift import DUTIES, offered
from tests.console.world import World, open_world
from tests.live.test_screens import Camera
from tests.support.house import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An inspector whose shift ends at 22:00, and the relief."""
    with open_world(tmp_path / "home", people=DUTIES) as opened:
        yield opened


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    """The camera of a test."""
    return Camera(ROOT / "docs" / "screens" if os.environ.get("VIGIL_SCREENS") == "1" else tmp_path)


@pytest.fixture(params=KINDS)
def relief(request: pytest.FixtureRequest, browser: Browser, world: World) -> Iterator[tuple[Page, str, list[str]]]:
    """The relief's page without scripts at 21:30, what its pictures' names end in, and the cases offered."""
    refs = offered(world, 1)
    size, ends_in = KINDS[request.param]
    context = browser.new_context(viewport=size, java_script_enabled=False, base_url=world.address, locale="en-GB")
    with at_console(world, "insp-b") as hand:
        secret = hand.client.cookies.get(COOKIE)
        context.add_cookies([{"name": COOKIE, "value": str(secret), "url": world.address}])
        yield context.new_page(), ends_in, refs
    context.close()


def test_a_case_is_taken_over_with_its_brief(relief: tuple[Page, str, list[str]], camera: Camera) -> None:
    """The brief fits the screen, its button accepts; afterwards nothing is offered any more."""
    page, ends_in, (ref,) = relief
    page.goto("/shift")
    for part in ("Risk", "Plan", "Open actions", "Reporter", "Hazards"):
        assert page.get_by_text(part, exact=True).first.is_visible()
    assert fits(page)
    camera.take(page, f"shift{ends_in}.png")
    page.get_by_role("button", name=f"Accept {ref}").click()
    page.goto("/shift")
    assert page.get_by_role("button", name=f"Accept {ref}").count() == 0


def test_who_was_responsible(relief: tuple[Page, str, list[str]], camera: Camera) -> None:
    """One row for the case and one for each action, each with a name; it fits the screen."""
    page, ends_in, (ref,) = relief
    page.goto(f"/cases/{ref}/responsible?at=21:00")
    assert page.get_by_text("insp-a").first.is_visible()
    assert page.get_by_role("row").count() > 5
    assert fits(page)
    camera.take(page, f"responsible{ends_in}.png")
