"""The main line on a phone without scripts: from attendance to a closure that another hand signs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from console.passwords import hash_password
from policy.terms import Role
from store import accounts
from store.accounts import Account
from tests.browser.test_phone import LEAST_PX, PHONE, fits
from tests.console.world import World, open_world

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PASSWORD = "correct horse battery"
ADULT = {"name": "A Person", "date_of_birth": "1990-05-01"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force whose people are on duty, each with an account."""
    with open_world(tmp_path / "home") as opened:
        kept = hash_password(PASSWORD)
        with opened.app.sessions() as s:
            for person in ("insp-a", "sgt-s", "fim-1"):
                accounts.put(s, Account(person, kept, person, Role.DUTY_INSPECTOR))
        yield opened


@contextmanager
def phone_of(browser: Browser, world: World, person: str, *, scripts: bool = False) -> Iterator[Page]:
    """Somebody's phone, signed in."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts, base_url=world.address)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("User name").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


def write(page: Page, ref: str, form: str, **fields: str) -> None:
    """Open a form where it is folded away, fill it in and send it."""
    page.goto(f"/cases/{ref}")
    drawn = page.locator(f"#{form}")
    if not drawn.is_visible():
        page.locator(f"details:has(#{form}) > summary").first.click()
    for name, text in fields.items():
        field = page.locator(f"#{form}-{name}")
        if page.locator(f"select#{form}-{name}").count():
            field.select_option(text)
        else:
            field.fill(text)
    with page.expect_navigation():  # the answer's page, whole: a click alone waits for its beginning
        drawn.get_by_role("button").first.click()


def recorded(page: Page) -> bool:
    """Whether the page says that it was recorded."""
    return page.get_by_role("status").filter(has_text="Recorded:").is_visible()


def told_and_checked(ref: str, insp: Page, fim: Page) -> None:
    """The inspector acknowledges and owns the case; the Force Incident Manager confirms, records and researches."""
    write(insp, ref, "do-notify_local_supervisor-1-acknowledged")
    write(insp, ref, "do-named_owner_accepts-1-accepted")
    write(insp, ref, "say-contact_made", **{"with": "reporter"})
    write(fim, ref, "do-inspector_confirms_risk-1-risk_set", level="medium", rationale="Out of character")
    write(fim, ref, "do-log_notification_in_c_and_c-1-serial_entry")
    fim.goto(f"/cases/{ref}")
    research = "do-system_research-1-step_completed"
    named = [str(one.get_attribute("name"))[2:] for one in fim.locator(f"#{research} [aria-required]").all()]
    write(fim, ref, research, **dict.fromkeys(named, "fim-1: nothing found"))
    assert recorded(fim)


def refused_with_its_list(ref: str, insp: Page) -> None:
    """A closure on a belief: what is missing is listed and led to, what was typed is kept."""
    write(insp, ref, "say-closure_requested", reason="found", rationale="Somebody says she travels")
    assert insp.title().startswith("Error: ")
    assert "not located" in insp.get_by_role("alert").inner_text()
    assert fits(insp)
    assert insp.locator("#say-closure_requested-rationale").input_value() == "Somebody says she travels"
    insp.get_by_role("link", name="The person was seen").click()
    assert insp.url.endswith("#say-verified_seen")


def found_and_interviewed(world: World, ref: str, sgt: Page) -> None:
    """Found, seen, back; an interview that says nothing is refused field by field, then held."""
    write(sgt, ref, "say-found_reported", where="At a friend's")
    write(sgt, ref, "do-verify_seen-1-verified_seen", seen_by="sgt-s", where="At a friend's", wellbeing="safe")
    write(sgt, ref, "say-returned", at="2026-01-10T18:59")
    world.work(ref)
    interview = "do-prevention_interview-1-interview_held"
    write(sgt, ref, interview, interviewer="sgt-s")
    lacking = sgt.get_by_role("alert").get_by_role("link")
    assert lacking.count() >= 6
    lacking.first.click()
    sgt.locator(f"#{interview} :target").wait_for()
    rest = dict.fromkeys(("where", "method", "reasons", "harm", "where_been", "risk_next_time"), "As it was told")
    write(sgt, ref, interview, interviewer="sgt-s", when="2026-01-10T19:00", **rest)
    assert recorded(sgt)


def test_from_attendance_to_the_signed_closure(world: World, browser: Browser) -> None:
    """Attended, found, seen, interviewed; the closure refused with its list, then asked for and signed by another."""
    ref = world.report(1, person=ADULT)
    with (
        phone_of(browser, world, "insp-a") as insp,
        phone_of(browser, world, "sgt-s") as sgt,
        phone_of(browser, world, "fim-1") as fim,
    ):
        told_and_checked(ref, insp, fim)
        write(sgt, ref, "say-attended", who="sgt-s")
        assert recorded(sgt)
        refused_with_its_list(ref, insp)
        found_and_interviewed(world, ref, sgt)
        write(fim, ref, "do-cancel_circulation-1-step_completed", reference="none made")
        write(insp, ref, "say-closure_requested", reason="found", rationale="Seen, safe, interviewed")
        assert recorded(insp), insp.get_by_role("alert").inner_text()
        assert "another person signs" in (insp.locator("#step-closure_sign_off").text_content() or "")
        write(fim, ref, "do-closure_sign_off-1-closure_signed", rationale="Read")
        assert fim.get_by_text("CLOSED - no one is working on this").is_visible()
        assert fits(fim)
        write(fim, ref, "say-new_information", summary="Rang the school again", source="mother")
        assert recorded(fim)


def test_a_form_by_keyboard_alone(world: World, browser: Browser) -> None:
    """Enter unfolds it, Tab reaches each field and the button; what is wrong is reached first thing."""
    ref = world.report(1, person=ADULT)
    with phone_of(browser, world, "sgt-s") as page:
        page.goto(f"/cases/{ref}")
        page.locator("details:has(#say-note) > summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("   ")
        page.keyboard.press("Tab")
        page.keyboard.press("Control+Enter")  # nothing: the time stays blank
        page.locator("#say-note button").focus()
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()
        assert page.locator(":focus").get_attribute("role") == "alert", "the summary has the focus"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.type("Rang the school")
        page.locator("#say-note button").focus()
        page.keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="Recorded:").wait_for()
        for button in page.locator("main button:visible").all():
            box = button.bounding_box()
            assert box is None or box["height"] >= LEAST_PX


def test_the_text_to_paste_is_copied_or_selected(world: World, browser: Browser) -> None:
    """With scripts a button selects the text and says what to press where it may not copy; without, there is none."""
    ref = world.report(1, person=ADULT)
    world.fact(ref, "acknowledged", "insp-a")
    with phone_of(browser, world, "fim-1", scripts=True) as page:
        page.goto(f"/cases/{ref}")
        page.locator("#step-log_notification_in_c_and_c > summary").click()
        page.get_by_role("button", name="Copy for STORM").click()
        said = page.locator("#copied-1")
        said.filter(has_text="c").wait_for()
        assert said.inner_text() in ("Copied.", "Selected: press Ctrl and C to copy it.")
        length = page.locator("#paste-1").evaluate("text => text.selectionEnd - text.selectionStart")
        assert length == len(page.locator("#paste-1").input_value())
    with phone_of(browser, world, "fim-1") as page:
        page.goto(f"/cases/{ref}")
        page.locator("#step-log_notification_in_c_and_c > summary").click()
        assert page.get_by_role("button", name="Copy for STORM").is_hidden()
        assert page.locator("#paste-1").is_visible()


def test_the_case_prints_without_its_forms(world: World, browser: Browser) -> None:
    """On paper: the steps and the timeline; no form, no button."""
    ref = world.report(1, person=ADULT)
    with phone_of(browser, world, "fim-1") as page:
        page.goto(f"/cases/{ref}")
        page.emulate_media(media="print")
        assert page.locator("form:visible").count() == 0
        assert page.locator("#timeline").is_visible()
        assert page.get_by_text("Case opened").is_visible()
