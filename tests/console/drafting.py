"""People who change timings: an admin who drafts, a superintendent who approves, each signed in as themselves."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from console.access import COOKIE, Access
from policy.terms import Role
from runtime import preview
from store import accounts
from store.accounts import Account
from store.previews import RUNNING
from tests.console.hands import field_of, plain
from tests.console.world import STEP, World

PACK = "staffordshire"
UKMPU = "ukmpu_notification"


@dataclass
class Drafter:
    """Somebody at the pages of timings."""

    world: World
    client: httpx.Client
    person: str
    said: list[str] = field(default_factory=list)

    def get(self, path: str) -> str:
        """Read a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, plain(answer.text)
        return answer.text

    def send(self, path: str, *, via: str = "", **typed: str) -> httpx.Response:
        """Fill the form of a page in, leave the rest as it is, and send it."""
        shown = self.client.get(via or path)
        assert shown.status_code == 200, plain(shown.text)
        return self.client.post(path, data={**fields(shown.text), **typed})

    def numbers(self, step: str = STEP, **typed: str) -> httpx.Response:
        """Change numbers of a step; `due_medium` is `due.medium`."""
        named = {name.replace("__", ".").replace("_", ".", 1): value for name, value in typed.items()}
        return self.send(f"/timings/{PACK}/{step}", **named)

    def draft(self, step: str = STEP, **typed: str) -> str:
        """Change numbers that are sound, and give the address of the draft."""
        answer = self.numbers(step, **typed)
        assert answer.status_code == 303, plain(answer.text)
        return answer.headers["location"].removesuffix("/why")

    def why(self, draft: str, **typed: str) -> httpx.Response:
        """Say why and when."""
        return self.send(f"{draft}/why", **{"reason": "Trial", "when": "approval", "applies_to": "new", **typed})

    def previewed(
        self, step: str = STEP, *, said: dict[str, str] | None = None, wait: bool = False, **typed: str
    ) -> str:
        """Go as far as the preview, wait until it is worked out if that is asked for, and give its address."""
        answer = self.why(self.draft(step, **typed), **(said or {}))
        assert answer.status_code == 303, plain(answer.text)
        where = answer.headers["location"]
        if wait:
            wait_for(self.world, where.rpartition("/")[2])
        return str(where)

    def propose(self, where: str) -> httpx.Response:
        """Propose what a preview shows."""
        return self.send(f"{where}/propose", via=f"{where}/check")

    def proposed(self, step: str = STEP, *, said: dict[str, str] | None = None, **typed: str) -> str:
        """Go all the way, and give the page of the revision."""
        answer = self.propose(self.previewed(step, said=said, wait=False, **typed))
        assert answer.status_code == 303, plain(answer.text)
        return answer.headers["location"].partition("?")[0]

    def decide(self, revision: str, decision: str, **typed: str) -> httpx.Response:
        """Approve or withdraw a revision."""
        return self.send(revision, decision=decision, **typed)


def wait_for(world: World, key: str) -> None:
    """Wait until a preview is worked out; its thread runs in real time."""
    pause = threading.Event()
    for _ in range(4_000):
        if preview.look(world.app, key).state != RUNNING:
            return
        pause.wait(0.05)
    raise AssertionError("the preview did not end")


def fields(page: str) -> dict[str, str]:
    """Give what the main form of a page holds as it stands."""
    form = page.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    inputs += re.findall(r'<input id="[^"]+" name="([^"]+)"(?: type="datetime-local")? value="([^"]*)"', form)
    inputs += re.findall(r'<textarea id="[^"]+" name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    for name, inside in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        inputs.append((name, chosen[1] if chosen else ""))
    return dict(inputs)


@contextmanager
def drafter(world: World, person: str, role: Role = Role.POLICY_ADMIN, *, recorded: bool = True) -> Iterator[Drafter]:
    """Sign somebody in whose account has a role; a case is `recorded`, so that no preview simulates a whole year."""
    if recorded and not world.cases:
        world.report(99)
    account = Account(person, "no password", person, role)
    with world.app.sessions() as s:
        accounts.put(s, account)
    cookies = {COOKIE: Access(world.app).begin(account)}
    with httpx.Client(base_url=world.address, trust_env=False, timeout=60, cookies=cookies) as client:
        field_of(client.get("/timings").text, "csrf")
        yield Drafter(world, client, person)
