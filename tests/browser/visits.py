"""Every page of the console: at which route it stands, by which template it is drawn, and how somebody gets there."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from store.previews import FAILED, RUNNING
from tests.browser.stage import ADMIN, BY_THE_FORCE, INSPECTOR, NOBODY, SEALED, SECOND, Stage
from tests.console.doorway import PASSWORD

Way = Callable[[Page, Stage], None]


@dataclass(frozen=True)
class Visit:
    """One look at a page; `route` is that of its address, `then` what is done there before it is looked at."""

    route: str
    template: str
    address: str
    who: str = INSPECTOR
    then: Way | None = None

    def go(self, page: Page, stage: Stage) -> None:
        """Go there as the one who looks."""
        page.goto(self.address.format(**stage.names))
        if self.then:
            self.then(page, stage)


def sends(button: str, **typed: str) -> Way:
    """Fill fields in by their ids, and press a button."""

    def act(page: Page, _stage: Stage) -> None:
        for name, text in typed.items():
            unfold(page)
            page.locator(f"[id='{name}']").fill(text)
        unfold(page)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=button).first.click()

    return act


def unfold(page: Page) -> None:
    """Open all that is folded away: what is hidden is not looked at."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def chooses(*ids: str, button: str, **typed: str) -> Way:
    """Choose radio buttons, fill fields in, and press a button."""

    def act(page: Page, stage: Stage) -> None:
        for one in ids:
            page.locator(f"[id='{one}']").check()
        sends(button, **typed)(page, stage)

    return act


def signs_in(user: str, password: str = PASSWORD) -> Way:
    """Send the form of the sign-in page."""
    return sends("Sign in", user=user, password=password)


def breaks_glass(page: Page, stage: Stage) -> None:
    """Come to the second page of a sealed account, and give no reason."""
    signs_in(SEALED)(page, stage)
    page.evaluate("document.querySelector('#reason').required = false")
    sends("Open it")(page, stage)


def records(form: str, **typed: str) -> Way:
    """Send a form of a case's page."""

    def act(page: Page, _stage: Stage) -> None:
        unfold(page)
        for name, text in typed.items():
            page.locator(f"#{form}-{name}").fill(text)
        with page.expect_navigation():
            page.locator(f"#{form}").get_by_role("button").first.click()

    return act


def loses_session(page: Page, stage: Stage) -> None:
    """Write a note whose session is over when it is sent."""
    page.context.clear_cookies()
    records("say-note", text="Rang the school")(page, stage)


def comes_back(page: Page, stage: Stage) -> None:
    """The same, and sign in again as the same user."""
    cookies = page.context.cookies()
    loses_session(page, stage)
    page.context.add_cookies([{k: one[k] for k in ("name", "value", "domain", "path")} for one in cookies])  # type: ignore[misc]  # the same keys
    sends("I have signed in in another window")(page, stage)


def as_it_is(state: str) -> Way:
    """Look at a preview that is still being worked out, or that failed."""

    def act(page: Page, stage: Stage) -> None:
        page.route("**/progress", lambda route: route.abort())  # else its script draws the page anew meanwhile
        page.goto(stage.again("ready", state))

    return act


CASE, PACK, STEP = "/cases/{ref}", "/timings/{pack}", "/timings/{pack}/{step}"
WHY, SHOWN, CHECK = "/timings/preview/{key}/why", "/timings/preview/{key}", "/timings/preview/{key}/check"
CASES, REVISION, IMPORT = "/timings/preview/{key}/cases", "/timings/{pack}/revisions/{number}", "/timings/{pack}/import"
WHAT_IF, LINK, RESPONSIBLE = "/cases/{ref}/what-if", "/a/{token}", "/cases/{ref}/responsible"
A_STEP = "/timings/{pack}/notify_local_supervisor"

OUTSIDE = {
    "sign in": Visit("/sign-in", "sign_in.html", "/sign-in", NOBODY),
    "sign in, wrong": Visit("/sign-in", "sign_in.html", "/sign-in", NOBODY, signs_in("insp-a", "guess")),
    "sign in, a form kept": Visit(CASE, "sign_in.html", "/cases/{open}", INSPECTOR, loses_session),
    "send it now": Visit("/sign-in/go-on", "send_now.html", "/cases/{open}", INSPECTOR, comes_back),
    "break the glass": Visit("/sign-in", "break_glass.html", "/sign-in", NOBODY, signs_in(SEALED)),
    "break the glass, wrong": Visit("/sign-in/break-glass", "break_glass.html", "/sign-in", NOBODY, breaks_glass),
    "not signed in": Visit("/sign-in/oidc/back", "not_signed_in.html", "/sign-in/oidc/back?state=x&code=y", NOBODY),
    "signed out": Visit("/sign-out", "signed_out.html", "/inbox", BY_THE_FORCE, lambda page, _: signs_out(page)),
    "a link": Visit(LINK, "answer.html", "{link}", NOBODY),
    "a link that hands over": Visit(LINK, "answer.html", "{handover_link}", NOBODY),
    "a link, answered": Visit(LINK, "answer.html", "{answered_link}", NOBODY),
    "a link, nothing said": Visit(LINK, "problem.html", "{link}", NOBODY, lambda page, _: declines_blank(page)),
    "a link, over": Visit("/inbox", "problem.html", "/inbox?t={over}", NOBODY),
    "a case by a link": Visit(CASE, "case.html", "/cases/{open}?t={personal}", NOBODY),
    "an inbox by a link": Visit("/inbox", "inbox.html", "/inbox?t={personal}", NOBODY),
    "the API": Visit("/api/docs", "docs.html", "/api/docs", NOBODY),
    "a kind of refusal": Visit("/problems/{slug}", "problem_slug.html", "/problems/refused", NOBODY),
    "nothing there": Visit("", "problem.html", "/nothing", INSPECTOR),
}


def signs_out(page: Page) -> None:
    """Sign out of Vigil; the page that leads on stays, for the force's service is not there."""
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()


def declines_blank(page: Page) -> None:
    """Decline without a word, by a browser that lets it pass."""
    page.evaluate("document.querySelectorAll('[required]').forEach(one => { one.required = false })")
    unfold(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Decline and pass on").first.click()


def compares(**typed: str) -> Way:
    """Send the first form of *What if*."""
    return sends("Compare", **typed)


ASKS_TO_CLOSE = records("say-closure_requested", rationale="Somebody says she is back")
CASES_OF_OURS = {
    "cases": Visit("/", "cases.html", "/"),
    "closed cases": Visit("/", "cases.html", "/?status=closed"),
    "inbox": Visit("/inbox", "inbox.html", "/inbox"),
    "shift": Visit("/shift", "shift.html", "/shift"),
    "shift, declined without a word": Visit(
        "/shift", "shift.html", "/shift", INSPECTOR, lambda p, _: declines_blank(p)
    ),
    "who was responsible": Visit(RESPONSIBLE, "responsible.html", "/cases/{late}/responsible"),
    "who was responsible, no time": Visit(
        RESPONSIBLE, "responsible.html", "/cases/{late}/responsible", INSPECTOR, sends("Show", at="soon")
    ),
    "a case": Visit(CASE, "case.html", "/cases/{open}"),
    "a case, overdue, just recorded": Visit(CASE, "case.html", "/cases/{late}?said=note"),
    "a case, closed": Visit(CASE, "case.html", "/cases/{closed}"),
    "a case, refused": Visit(CASE, "case.html", "/cases/{open}", INSPECTOR, ASKS_TO_CLOSE),
    "why": Visit("/cases/{ref}/why", "why.html", "/cases/{late}/why"),
    "what if": Visit(WHAT_IF, "what_if.html", "/cases/{late}/what-if"),
    "what if, wrong": Visit(WHAT_IF, "what_if.html", "/cases/{late}/what-if", INSPECTOR, compares(minutes="few")),
    "what if, compared": Visit(WHAT_IF, "what_if.html", "/cases/{answered}/what-if", INSPECTOR, compares(minutes="5")),
    "a reason": Visit(CASE, "reason.html", "/cases/{far}"),
    "a reason, none": Visit("/cases/{ref}/reason", "reason.html", "/cases/{far}", INSPECTOR, sends("See the case")),
    "replays": Visit("/replays", "replays.html", "/replays"),
    "a replay": Visit("/replays/{name}", "replay.html", "/replays/met_ix_68_18"),
    "alarms": Visit("/alarms", "alarms.html", "/alarms"),
    "breaches": Visit("/breaches", "breaches.html", "/breaches"),
    "permissions": Visit("/permissions", "permissions.html", "/permissions"),
    "role cards": Visit("/packs/{pack}/roles", "role_cards.html", "/packs/{pack}/roles"),
    "a role card": Visit("/packs/{pack}/roles/{role}", "role_card.html", "/packs/{pack}/roles/duty_inspector"),
    "cover": Visit("/cover", "cover.html", "/cover"),
    "cover, wrong": Visit("/cover", "cover.html", "/cover", INSPECTOR, sends("Grant cover")),
}


HISTORY = "/timings/{pack}/history"
TIMINGS = {
    "timings": Visit("/timings", "timings.html", "/timings", ADMIN),
    "a pack": Visit(PACK, "timings_pack.html", "/timings/{pack}", ADMIN),
    "a step": Visit(STEP, "timings_step.html", A_STEP, ADMIN),
    "a step, only to look": Visit(STEP, "timings_step.html", A_STEP),
    "a step, wrong": Visit(
        STEP, "timings_step.html", A_STEP, ADMIN, sends("Go on to why", **{"due-medium": "soon", "due-low": "0"})
    ),
    "a step above its ceiling": Visit(STEP, "timings_step.html", "/timings/{pack}/ukmpu_notification", ADMIN),
    "the pack as a whole": Visit(STEP, "timings_step.html", "/timings/{pack}/pack", ADMIN),
    "why and when": Visit(WHY, "timings_why.html", "/timings/preview/{draft}/why", ADMIN),
    "why and when, wrong": Visit(
        WHY, "timings_why.html", "/timings/preview/{draft}/why", ADMIN,
        chooses("reason-other", "when-at", button="See what it would do"),
    ),
    "why and when, above a ceiling": Visit(
        WHY, "timings_why.html", "/timings/preview/{over_ceiling}/why", ADMIN,
        chooses("reason-other", button="See what it would do", words="Agreed"),
    ),
    "what it would do": Visit(SHOWN, "timings_preview.html", "/timings/preview/{ready}", ADMIN),
    "what it would do, on the way": Visit(SHOWN, "timings_preview.html", "/timings", ADMIN, as_it_is(RUNNING)),
    "what it would do, failed": Visit(SHOWN, "timings_preview.html", "/timings", ADMIN, as_it_is(FAILED)),
    "what it would do, stale": Visit(SHOWN, "timings_preview.html", "/timings/preview/{stale}", ADMIN),
    "the cases of a figure": Visit(
        CASES, "timings_cases.html", "/timings/preview/{ready}/cases?figure=differing", ADMIN
    ),
    "check your answers": Visit(CHECK, "timings_check.html", "/timings/preview/{ready}/check", ADMIN),
    "check your answers, stale": Visit(
        "/timings/preview/{key}/propose", "timings_check.html", "/timings/preview/{stale}/check", ADMIN,
        sends("Propose the change"),
    ),
    "a revision that waits": Visit(REVISION, "timings_revision.html", "/timings/{pack}/revisions/{waiting}", SECOND),
    "a revision, refused": Visit(
        REVISION, "timings_revision.html", "/timings/{pack}/revisions/{waiting}", SECOND, sends("Withdraw")
    ),
    "a revision in force": Visit(REVISION, "timings_revision.html", "/timings/{pack}/revisions/{approved}", ADMIN),
    "a revision, withdrawn": Visit(REVISION, "timings_revision.html", "/timings/{pack}/revisions/{withdrawn}", ADMIN),
    "history": Visit(HISTORY, "timings_history.html", HISTORY, ADMIN),
    "what differs": Visit("/timings/{pack}/diff", "timings_diff.html", "/timings/{pack}/diff?from=1&to=2", ADMIN),
    "the whole pack": Visit(IMPORT, "timings_import.html", IMPORT, ADMIN),
    "the whole pack, wrong": Visit(IMPORT, "timings_import.html", IMPORT, ADMIN, sends("Go on to why", text="pack =")),
}  # fmt: skip
VISITS = {**OUTSIDE, **CASES_OF_OURS, **TIMINGS}
NO_PAGES = {  # addresses that lead on, or give a file or a figure
    "/sign-in/oidc", "/timings/{pack}/export", "/timings/preview/{key}/progress",
}  # fmt: skip
