"""What cannot wait works by keyboard alone and without JavaScript, and so does a change of a timing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from playwright.sync_api import Browser, Page

from console.passwords import hash_password
from policy.terms import Role
from runtime import preview
from runtime.settle import Settling
from store import accounts
from store.accounts import Account
from tests.browser.hands import Hand, Keys, Mouse, approve, propose, say_the_change, sign_in
from tests.browser.stage import ADMIN, DESK, FOUND, INSPECTOR, ROLES, SECOND
from tests.console.doorway import PASSWORD
from tests.console.drafting import wait_for
from tests.console.test_case_forms import ADULT
from tests.console.world import STEP, World, open_world

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
Way = Callable[[Page], Hand]
BOTH = pytest.mark.parametrize("way", [Keys, Mouse])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force with a case; the inspector, an admin and a superintendent have accounts."""
    with open_world(tmp_path / "home") as opened:
        kept = hash_password(PASSWORD)
        with opened.app.sessions() as s:
            for person in (INSPECTOR, ADMIN, SECOND):
                accounts.put(s, Account(person, kept, person, ROLES.get(person, Role.DUTY_INSPECTOR)))
        opened.report(1, person=ADULT)
        yield opened


@contextmanager
def without_scripts(browser: Browser, world: World, way: Way) -> Iterator[Hand]:
    """Give a page of a browser that runs no script."""
    context = browser.new_context(viewport=DESK, java_script_enabled=False, base_url=world.address, locale="en-GB")
    yield way(context.new_page())
    context.close()


@BOTH
def test_acknowledge_and_accept_by_the_link(world: World, browser: Browser, way: Way) -> None:
    """From the message alone, with no password."""
    with without_scripts(browser, world, way) as hand:
        hand.page.goto(world.link(INSPECTOR))
        hand.press("Acknowledge")
        assert "You acknowledged at 19:00." in hand.page.get_by_role("status").inner_text()
        hand.press("Accept the case")
        assert "You accepted at 19:00." in hand.page.get_by_role("status").inner_text()
    assert answered(world)["owner"] == INSPECTOR


@BOTH
def test_decline_with_a_reason(world: World, browser: Browser, way: Way) -> None:
    """The next in the ladder is told."""
    with without_scripts(browser, world, way) as hand:
        hand.page.goto(world.link(INSPECTOR))
        hand.unfold("I cannot take it")
        hand.write(hand.page.get_by_label("Why can you not take it?"), "At another scene")
        hand.press("Decline and pass on")
        assert "You declined at 19:00." in hand.page.get_by_role("status").inner_text()
    world.work(world.cases[0])
    assert world.received[-1].payload["to"]["person"] == "fim-1"


@BOTH
def test_sign_in_and_record_a_fact(world: World, browser: Browser, way: Way) -> None:
    """From the sign-in page to the case, and what was heard is on record."""
    ref = world.cases[0]
    with without_scripts(browser, world, way) as hand:
        sign_in(hand, INSPECTOR)
        hand.follow(ref)
        hand.unfold("New information")
        hand.write(hand.page.locator("#say-new_information-summary"), "He was seen at the station")
        hand.write(hand.page.locator("#say-new_information-source"), "station staff")
        button = str(hand.page.locator("#say-new_information button").first.text_content()).strip()
        hand.press(button)
        assert "Recorded:" in hand.page.get_by_role("status").first.inner_text()
    journal = world.web.get(f"/api/v1/cases/{ref}/journal", headers=world.machine).json()["entries"]
    assert [e["by"] for e in journal if e["body"].get("fact") == "new_information"] == [INSPECTOR]


@BOTH
def test_a_timing_from_the_sign_in_to_the_second_persons_word(world: World, browser: Browser, way: Way) -> None:
    """The admin drafts, looks and proposes; the superintendent approves; the open case's deadline moves."""
    assert due(world).endswith("19:10:00Z")
    with patch.object(preview, "searched_apart", lambda *_: FOUND):
        with without_scripts(browser, world, way) as hand:
            sign_in(hand, ADMIN)
            say_the_change(hand)
            wait_for(world, hand.page.url.rpartition("/")[2])
            hand.page.reload()
            assert hand.page.get_by_role("row", name=world.cases[0]).get_by_text("19:07").is_visible()
            propose(hand)
        with without_scripts(browser, world, way) as hand:
            sign_in(hand, SECOND)
            approve(hand, "After an inspection or a recommendation")
            assert hand.page.get_by_role("status").first.inner_text().startswith("Approved.")
    Settling(world.app).look()  # what the timer's process does at once
    assert due(world).endswith("19:07:00Z")


def answered(world: World) -> dict[str, object]:
    """Give the case as the API answers it."""
    found: dict[str, object] = world.web.get(f"/api/v1/cases/{world.cases[0]}", headers=world.machine).json()
    return found


def due(world: World) -> str:
    """Give when the inspector's acknowledgement is due."""
    steps = answered(world)["steps"]
    assert isinstance(steps, list)
    return str(next(step["due_at"] for step in steps if step["key"] == STEP))
