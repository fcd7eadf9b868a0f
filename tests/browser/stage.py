"""A force with something on every page: cases in each state, links, alarms, drafts of timings, revisions."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from playwright.sync_api import Browser, BrowserContext, Page, Route, ViewportSize

from console.access import COOKIE, Access
from policy.signing_in import How
from policy.terms import Role
from runtime import preview
from store import accounts, previews
from store.accounts import Account
from tests.console.doorway import account
from tests.console.drafting import PACK, UKMPU, Drafter, drafter
from tests.console.hands import at_console
from tests.console.test_case_forms import ADULT, INTERVIEW, People, found_and_seen
from tests.console.tiny_provider import Force, open_force
from tests.console.world import World

DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=375, height=740)
NOBODY, ADMIN, SECOND, INSPECTOR = "", "adm-1", "sup-1", "insp-a"
BY_THE_FORCE, SEALED = "far-1", "sealed"
ROLES = {ADMIN: Role.POLICY_ADMIN, SECOND: Role.ON_CALL_SUPERINTENDENT, INSPECTOR: Role.DUTY_INSPECTOR}
FOUND = {
    "lint": [{"fault": "A reminder comes after its own deadline", "example": "A child waits 71 minutes."}],
    "searched": "Searched: 1,000 states of 24 cases.",
}
OPEN_CASES = {"applies_to": "live_and_new"}


@dataclass
class Stage:
    """The force, and by name what an address may ask for: `{open}` is a case that is open."""

    force: Force
    names: dict[str, str] = field(default_factory=dict)

    @property
    def world(self) -> World:
        """Give the force in one process."""
        return self.force.world

    @contextmanager
    def seen_by(self, browser: Browser, person: str) -> Iterator[Page]:
        """Give a page of somebody who is signed in, or of nobody; what leads elsewhere leads nowhere."""
        context = browser.new_context(viewport=DESK, base_url=self.world.address, locale="en-GB")
        context.route(lambda url: not url.startswith(self.world.address), _nowhere)
        if person:
            self._sign_in(context, person)
        yield context.new_page()
        context.close()

    def _sign_in(self, context: BrowserContext, person: str) -> None:
        how = How.OIDC if person == BY_THE_FORCE else How.PASSWORD
        held = Account(person, "no password", person, ROLES.get(person, Role.DUTY_INSPECTOR))
        with self.world.app.sessions() as s:
            accounts.put(s, held)
        secret = Access(self.world.app).begin(held, how)
        context.add_cookies([{"name": COOKIE, "value": secret, "url": self.world.address}])

    def again(self, name: str, state: str) -> str:
        """Keep the draft `name` once more in another state, and give its address."""
        kept = preview.look(self.world.app, self.names[name])
        key = f"{name}-{state}"
        with self.world.app.sessions() as s:
            previews.put(s, replace(kept, id=key, state=state, share=0.4))
        return f"/timings/preview/{key}"


def _nowhere(route: Route) -> None:
    route.fulfill(status=204)


@contextmanager
def open_stage(home: Path) -> Iterator[Stage]:
    """Open such a force on a fresh home."""
    with open_force(home) as force:
        stage = Stage(force)
        _cases(stage)
        _links(stage)
        account(force.world, SEALED, "desk-1", break_glass=True)
        with patch.object(preview, "searched_apart", lambda *_: FOUND):  # the search itself is tested elsewhere
            with drafter(force.world, ADMIN) as admin, drafter(force.world, SECOND, ROLES[SECOND]) as second:
                _timings(stage, admin, second)
            yield stage


def _cases(stage: Stage) -> None:
    """A closed case, one that nobody answers, one that is answered, one that is asked, one of another area."""
    world = stage.world
    closed = world.report(1, person=ADULT)
    with ExitStack() as stack:
        people = People(*(stack.enter_context(at_console(world, who)) for who in ("insp-a", "sgt-s", "fim-1")))
        found_and_seen(world, people, closed)
        people.sgt.did(closed, "do-prevention_interview-1-interview_held", **INTERVIEW)
        people.fim.did(closed, "do-cancel_circulation-1-step_completed", reference="none made")
        people.insp.did(closed, "say-closure_requested", reason="found", rationale="Seen, safe, interviewed")
        world.work(closed)
        people.fim.did(closed, "do-closure_sign_off-1-closure_signed", rationale="Read: it is all there")
    late = world.report(2, person=child(2))
    world.forward(21)
    world.web.post("/api/v1/reports", content=b"{", headers=world.machine)  # rings
    now = {"reported_at": world.clock.at.isoformat(), "recorded_at": world.clock.at.isoformat()}
    stage.names |= {"pack": PACK, "closed": closed, "late": late}
    stage.names["answered"] = world.report(3, person=child(3), **now)
    stage.names["answered_link"] = world.link(INSPECTOR)
    world.fact(stage.names["answered"], "acknowledged", INSPECTOR)
    stage.names["open"] = world.report(4, person=child(4), **now)
    stage.names["link"] = world.link(INSPECTOR)
    handed = world.report(6, person=child(6), **now)
    world.fact(handed, "accepted", "sgt-s")
    world.fact(handed, "handover_offered", "sgt-s", evidence={"to": INSPECTOR})
    stage.names["handover_link"] = world.link(INSPECTOR, "handover")
    stage.names["far"] = world.report(5, person=child(5), area="newcastle", **now)


def child(number: int) -> dict[str, str]:
    """Somebody else each time: what is said of one case says nothing of another."""
    return {"name": f"Child {number}", "date_of_birth": f"2012-05-0{number}"}


def _links(stage: Stage) -> None:
    """A personal inbox, a link that is over, and a case by a personal link."""
    links, now = stage.world.app.links, stage.world.clock.at
    personal = links.make(f"inbox/{INSPECTOR}", INSPECTOR, now + timedelta(hours=12))
    over = links.make(f"inbox/{INSPECTOR}", INSPECTOR, now - timedelta(hours=1))
    stage.names |= {"personal": personal, "over": over}


def _timings(stage: Stage, admin: Drafter, second: Drafter) -> None:
    """Revisions in each state, and drafts at each page of the way there."""
    stale = admin.previewed(due_medium="9m")
    approved = admin.proposed(due_medium="8m")
    assert second.decide(approved, "approve").status_code == 303
    withdrawn = admin.proposed(due_low="14m")
    assert admin.decide(withdrawn, "withdraw", reason="Proposed by mistake").status_code == 303
    over = admin.draft(UKMPU, due_medium="96h")
    named = {**OPEN_CASES, "override_by": SECOND, "override_reason": "Agreed with the UK Missing Persons Unit"}
    waiting = admin.proposed(UKMPU, said=named, due_medium="96h")
    draft = admin.draft(due_medium="7m")
    ready = admin.previewed(said=OPEN_CASES, due_medium="7m", due_high="4m")
    paths = {"approved": approved, "withdrawn": withdrawn, "waiting": waiting, "stale": stale, "over_ceiling": over}
    paths |= {"draft": draft, "ready": ready}
    stage.names |= {name: path.rpartition("/")[2] for name, path in paths.items()}
