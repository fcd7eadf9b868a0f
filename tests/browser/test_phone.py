"""An inspector's phone: the page behind a link, the inbox, the case page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.console.world import STEP, World, open_world

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PHONE = ViewportSize(width=360, height=740)
LEAST_PX = 44  # of anything that a thumb must hit


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force whose people are on duty and receive what is sent to them."""
    with open_world(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def phone(browser: Browser, world: World) -> Iterator[Page]:
    """A phone without scripts."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, base_url=world.address)
    yield context.new_page()
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing is cut off at the right: measured by what is laid out, for scripts are off."""
    wide = page.locator("main *:visible").all()
    return all((box := one.bounding_box()) is None or box["x"] + box["width"] <= PHONE["width"] + 1 for one in wide)


def test_acknowledge_and_accept_with_a_thumb(world: World, phone: Page) -> None:
    """Everything fits on 360 px, the buttons are big, and what was answered is said back."""
    ref = world.report()
    phone.goto(world.link("insp-a"))
    assert phone.locator("h1").inner_text() == ref
    assert phone.get_by_text("Medium risk").is_visible()
    assert fits(phone)
    for button in phone.get_by_role("button").all():
        box = button.bounding_box()
        assert box is None or box["height"] >= LEAST_PX
    phone.get_by_role("button", name="Acknowledge").click()
    assert phone.get_by_role("status").inner_text().startswith("You acknowledged at 19:00.")
    phone.get_by_role("button", name="Accept the case").click()
    assert "You accepted at 19:00." in phone.get_by_role("status").inner_text()
    case = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    assert case["owner"] == "insp-a"


def test_decline_by_keyboard_alone(world: World, phone: Page) -> None:
    """Tab and Enter reach the reason and send it; the first stop leads to the content."""
    ref = world.report()
    phone.goto(world.link("insp-a"))
    phone.keyboard.press("Tab")
    assert phone.locator(":focus").inner_text() == "Go to the content"
    for _ in range(3):
        phone.keyboard.press("Tab")
    assert "I cannot take it" in phone.locator(":focus").inner_text()
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    phone.keyboard.type("At another scene")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.get_by_role("status").wait_for()
    assert "You declined at 19:00." in phone.get_by_role("status").inner_text()
    world.work(ref)
    assert world.received[-1].payload["to"]["person"] == "fim-1"


def test_the_inbox_answers_too(world: World, phone: Page) -> None:
    """From the link to the inbox, where the most pressing case stands first and is answered."""
    world.report(1, risk="low")
    high = world.report(2, risk="high")
    phone.goto(world.link("insp-a"))
    phone.get_by_role("link", name="All that is asked of you").click()
    assert fits(phone)
    first = phone.locator(".card").first
    assert high in first.inner_text()
    first.get_by_role("button", name="Acknowledge").click()
    assert f"{high}: You acknowledged at 19:00." in phone.get_by_role("status").first.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_list_and_case_page(world: World, browser: Browser, scheme: str) -> None:
    """Signed in: the overdue case stands in the list, and its page tells who was told and what is overdue."""
    ref = world.report()
    world.forward(21)
    assert scheme in ("light", "dark")
    context = browser.new_context(
        viewport=PHONE,
        java_script_enabled=False,
        base_url=world.address,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page, login = context.new_page(), world.app.keys.first_login
    page.goto("/")
    page.get_by_label("User name").fill(login.user)
    page.get_by_label("Password").fill(login.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=ref).click()
    page.get_by_label("Looking after this system").check()  # an admin is on duty nowhere, and says why
    page.get_by_role("button", name="See the case").click()
    assert page.locator("h1").inner_text() == ref
    assert fits(page)
    text = page.locator("main").inner_text()
    for shown in ("Responsible", "fim-1", "Overdue", "Escalation: Escalate to Force Incident Manager", "insp-a (LOI)"):
        assert shown in text
    assert world.app.packs["staffordshire"].steps[STEP].title in text
    context.close()


def test_a_link_prints_on_one_page(world: World, phone: Page) -> None:
    """On paper: what is asked, without buttons."""
    world.report()
    phone.goto(world.link("insp-a"))
    phone.emulate_media(media="print")
    assert phone.get_by_role("button", name="Acknowledge").is_hidden()
    assert phone.get_by_text("Acknowledge that you have this case").is_visible()
    assert phone.pdf(format="A4").count(b"/Type /Page\n") <= 1
