"""Every page of the console, in every state that looks otherwise, keeps WCAG 2.2 AA as far as axe-core can tell."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from fastapi.routing import APIRoute
from jinja2 import Template
from playwright.sync_api import Browser, Page
from starlette.routing import Match

from console import templating
from console.api import docs
from console.server import PAGES
from tests.browser.stage import PHONE, Stage, open_stage
from tests.browser.visits import NO_PAGES, VISITS, unfold

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RULES = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
NOT_WHOLE = {
    "base.html",
    "timings_base.html",
    "parts.html",
    "forms.html",
    "timings_parts.html",
    "side_by_side.html",
    "brief_parts.html",
}
ROUTES = [one for router in (*PAGES, docs.router) for one in router.routes if isinstance(one, APIRoute)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One force for all looks."""
    with open_stage(tmp_path_factory.mktemp("stage") / "home") as opened:
        yield opened


@pytest.mark.parametrize("name", VISITS)
def test_nothing_that_wcag_forbids(stage: Stage, browser: Browser, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a desk by day and on a phone at night, with everything unfolded; the page is the one that is meant."""
    visit = VISITS[name]
    drawn = record_templates(monkeypatch)
    with stage.seen_by(browser, visit.who) as page:
        visit.go(page, stage)
        assert (route_of(page), drawn[-1]) == (visit.route, visit.template), page.locator("main").inner_text()
        unfold(page)
        assert faults(page) == []
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="dark")
        assert faults(page) == []


def test_no_page_is_left_out() -> None:
    """Each address that is read, and each template of a whole page, has its look: a new page needs one here."""
    reads = {route.path for route in ROUTES if "GET" in (route.methods or ())}
    assert reads - NO_PAGES == {visit.route for visit in VISITS.values()} & reads
    whole = {path.name for path in (templating.HERE / "templates").iterdir()} - NOT_WHOLE
    assert whole == {visit.template for visit in VISITS.values()}


def record_templates(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the whole pages that are asked for, which grow."""
    drawn: list[str] = []
    known = templating.environment()
    asked = known.get_template

    def recorded(name: str, *rest: Any) -> Template:
        if name not in NOT_WHOLE:
            drawn.append(name)
        return asked(name, *rest)

    monkeypatch.setattr(known, "get_template", recorded)
    return drawn


def route_of(page: Page) -> str:
    """Give the path, as the console's routes name it, of the page's address; empty where there is none to read."""
    path = page.url.partition("//")[2].partition("/")[2].partition("?")[0].partition("#")[0]
    for method in ("GET", "POST"):
        scope = {"type": "http", "method": method, "path": f"/{path}", "root_path": ""}
        for route in ROUTES:
            if route.matches(scope)[0] is Match.FULL:
                return route.path
    return ""


def faults(page: Page) -> list[str]:
    """Ask axe-core; give each fault with the place where it is and why it is one."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]} ({node['failureSummary']})" for fault in found for node in fault["nodes"]
    ]
