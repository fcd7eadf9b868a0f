"""Two timelines side by side in a real browser: on a desk in two columns, on a phone one under the other.

The pictures go into docs/screens with VIGIL_SCREENS=1 (`make screens`), otherwise into the test's own folder.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from console.access import COOKIE
from runtime import against_replays
from tests.console.hands import at_console
from tests.console.test_what_if import late_answer
from tests.console.world import World, open_world
from tests.live.test_screens import Camera
from tests.support.house import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)
KINDS = {"desk": (DESK, ""), "phone": (PHONE, "-phone")}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force whose people are on duty."""
    with open_world(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def camera(tmp_path: Path) -> Camera:
    """The camera of a test."""
    return Camera(ROOT / "docs" / "screens" if os.environ.get("VIGIL_SCREENS") == "1" else tmp_path)


@pytest.fixture(params=KINDS)
def screen(request: pytest.FixtureRequest, browser: Browser, world: World) -> Iterator[tuple[Page, str]]:
    """A page without scripts of somebody who is signed in, and what its pictures' names end in."""
    size, ends_in = KINDS[request.param]
    context = browser.new_context(viewport=size, java_script_enabled=False, base_url=world.address, locale="en-GB")
    with at_console(world, "insp-a") as hand:
        secret = hand.client.cookies.get(COOKIE)
        context.add_cookies([{"name": COOKIE, "value": str(secret), "url": world.address}])
        yield context.new_page(), ends_in
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing is cut off at the right."""
    width = (page.viewport_size or DESK)["width"]
    boxes = [one.bounding_box() for one in page.locator("main *:visible").all()]
    return all(box is None or box["x"] + box["width"] <= width + 1 for box in boxes)


def are_beside(page: Page) -> bool:
    """Whether the first row with two sides has them in two columns."""
    sides = page.locator(".beside tr:not(.fold) td:not([colspan])")
    one, other = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    return one is not None and other is not None and one["x"] < other["x"]


def test_the_cases_that_the_iopc_looked_into(screen: tuple[Page, str], camera: Camera) -> None:
    """Each fits the screen: two columns on a desk, stacked on a phone, where each side names itself."""
    page, ends_in = screen
    for name in against_replays.ORDER:
        page.goto("/replays")
        page.get_by_role("link", name=against_replays.told(name).name, exact=True).click()
        assert fits(page)
        assert are_beside(page) is (not ends_in)
        page.goto(f"/replays/{name}#as-it-was")
        camera.take(page, f"replay-{name}{ends_in}.png".replace("_", "-"))


def test_what_if_without_a_mouse_or_a_script(world: World, screen: tuple[Page, str], camera: Camera) -> None:
    """By keyboard alone: open one of the four, type the minutes, send; the page answers at its result."""
    ref = late_answer(world)
    page, ends_in = screen
    page.goto(f"/cases/{ref}/what-if")
    page.locator("#change-told > summary").focus()
    page.keyboard.press("Enter")
    page.locator("#minutes").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("10")
    page.keyboard.press("Tab")
    page.keyboard.type("E")  # earlier
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Each answer 10 minutes earlier").wait_for()
    assert page.get_by_text("One breach fewer: FIM tells the LOI and the sergeant.").is_visible()
    assert fits(page)
    camera.take(page, f"what-if{ends_in}.png")
