"""Signing in at a real OpenID Provider: in the browser against the whole of Vigil, and form by form without one."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from playwright.sync_api import Page

from runtime.clock import WallClock
from runtime.rehearse_process import free_port
from tests.browser.test_phone import PHONE
from tests.console.hands import field_of
from tests.console.world import open_world, record
from tests.oidc.force_accounts import PASSWORD, force_accounts
from tests.support.browser import open_browser
from tests.support.stack import Stack, duty

pytestmark = [pytest.mark.oidc, pytest.mark.timeout(300)]
PEOPLE = {"insp-a": PASSWORD, "stranger": PASSWORD}


def fill(browser: httpx.Client, page: httpx.Response, **typed: str) -> httpx.Response:
    """Send the first form of a page as a browser does, with what a person types."""
    form = page.text.partition("<form")[2].partition("</form>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    action = re.search(r'action="([^"]*)"', form)
    address = urljoin(str(page.url), html.unescape(action[1]) if action and action[1] else "")
    fields = {name: html.unescape(value) for name, value in hidden} | typed
    return browser.post(address, data=fields, headers={"referer": str(page.url)})


def follow(browser: httpx.Client, answer: httpx.Response, ours: tuple[str, str]) -> httpx.Response:
    """Go where an answer leads; Vigil's public address is answered by the one of this test."""
    while answer.is_redirect:
        address = urljoin(str(answer.url), answer.headers["location"])
        answer = browser.get(address.replace(*ours))
    return answer


def test_form_by_form(tmp_path: Path) -> None:
    """Discovery, PKCE, their sign-in page, a signed token: whoever is on the roster is in, and can leave both."""
    home = tmp_path / "home"
    with force_accounts(tmp_path / "provider", "http://127.0.0.1:8600", PEOPLE) as service:
        text = "".join(f'{name.removeprefix("VIGIL_").lower()} = "{value}"\n' for name, value in service.items())
        home.mkdir()
        (home / "vigil.toml").write_text(text)
        with open_world(home) as world, httpx.Client(trust_env=False, timeout=20) as browser:
            world.clock.at = WallClock().wall()  # a real provider signs at the real time
            ours = (world.app.settings.console_address, world.address)
            theirs = follow(browser, browser.get(f"{world.address}/sign-in/oidc?next=/inbox"), ours)
            assert str(theirs.url).startswith(service["VIGIL_OIDC_ISSUER"].removesuffix("/o"))
            wrong = fill(browser, theirs, username="insp-a", password="wrong")
            assert wrong.status_code == 200
            inside = follow(browser, fill(browser, wrong, username="insp-a", password=PASSWORD), ours)
            assert inside.url.path == "/inbox"
            assert "Sign out insp-a" in inside.text
            left = browser.post(f"{world.address}/sign-out", data={"csrf": field_of(inside.text, "csrf")})
            confirm = browser.get(left.headers["refresh"].partition("url=")[2])
            out = follow(browser, fill(browser, confirm, allow="Logout"), ours)
            assert str(out.url) == f"{world.address}/sign-in"
            again = follow(browser, browser.get(f"{world.address}/sign-in/oidc"), ours)
            assert 'name="password"' in again.text, "the service still knows them"


def sign_in(page: Page, console: str, person: str) -> None:
    """Come to Vigil and sign in at the force's own page."""
    page.goto(f"{console}/sign-in")
    page.get_by_role("link", name="Sign in with your force account").click()
    page.get_by_label("Username").fill(person)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.live
@pytest.mark.browser
def test_in_the_browser(tmp_path: Path) -> None:
    """Vigil, the provider and Chromium as processes: a person sees their case, leaves both, a stranger is refused."""
    settings: dict[str, str] = {}
    stack = Stack(tmp_path / "home", ("--port", str(free_port())), settings)
    vigil = f"http://127.0.0.1:{stack.args[1]}"
    with force_accounts(tmp_path / "provider", vigil, PEOPLE) as service, closing_stack(stack):
        settings.update(service)
        stack.start()
        stack.put_roster([duty("insp-a", "duty_inspector", "stoke"), duty("fim-1", "force_incident_manager")])
        at = stack.now().isoformat()
        case = stack.post("/reports", record(reported_at=at, recorded_at=at), expect=201)["case"]
        with open_browser() as browser:
            context = browser.new_context(viewport=PHONE, java_script_enabled=False)
            page = context.new_page()
            sign_in(page, stack.console, "insp-a")
            page.get_by_role("link", name=case).first.click()
            assert page.locator("h1").inner_text() == case
            page.get_by_role("button", name="Sign out insp-a").click()
            page.get_by_role("button", name="Logout").click()
            page.get_by_role("link", name="Sign in with your force account").wait_for()
            page.goto(f"{stack.console}/cases/{case}")
            assert page.get_by_role("link", name="Sign in with your force account").is_visible()
            sign_in(page, stack.console, "stranger")
            assert "You are not signed in" in page.locator("h1").inner_text()
            assert "not on the force's roster" in page.locator("main").inner_text()
            context.close()


@contextmanager
def closing_stack(stack: Stack) -> Iterator[None]:
    """Stop it in the end."""
    try:
        yield
    finally:
        stack.stop()
