"""People at the case page: signed in as themselves, filling in a form and sending it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

import httpx

from console.access import COOKIE, Access
from policy.terms import Role
from store import accounts
from store.accounts import Account
from tests.console.world import World


@dataclass(frozen=True)
class Hand:
    """One person at the console."""

    client: httpx.Client
    csrf: str

    def page(self, ref: str) -> str:
        """Read a case's page; outside their own area they say why."""
        answer = self.client.get(f"/cases/{ref}")
        if answer.status_code == 403 and f"/cases/{ref}/reason" in answer.text:
            why = {"csrf": self.csrf, "reason": "information", "next": f"/cases/{ref}"}
            assert self.client.post(f"/cases/{ref}/reason", data=why).status_code == 303
            answer = self.client.get(f"/cases/{ref}")
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    def send(self, ref: str, form: str, button: str = "done", **fields: str) -> httpx.Response:
        """Send one form of the page; `at` and `by` are its own fields, the others are evidence."""
        ours = ("by", "once", "csrf") if form == "say-returned" else ("at", "by", "once", "csrf")
        own = {name: fields.pop(name) for name in ours if name in fields}
        posted = {"form": form, "csrf": self.csrf, "button": button, **own}
        return self.client.post(f"/cases/{ref}", data=posted | {f"f-{name}": text for name, text in fields.items()})

    def did(self, ref: str, form: str, **fields: str) -> None:
        """Send a form that is taken."""
        answer = self.send(ref, form, **fields)
        assert answer.status_code == 303, said(answer)

    def fill(self, ref: str, form: str, text: str, **fields: str) -> None:
        """Send a form with all that it says is required: `text` where nothing else is given."""
        drawn = self.page(ref).partition(f'id="{form}"')[2].partition("</form>")[0]
        required = re.findall(r'name="f-(\w+)" aria-required="true"', drawn)
        self.did(ref, form, **{**dict.fromkeys(required, text), **fields})


@contextmanager
def at_console(world: World, person: str) -> Iterator[Hand]:
    """Sign a person in as themselves; the sign-in page itself is tested elsewhere."""
    account = Account(person, "no password", person, Role.DUTY_INSPECTOR)
    with world.app.sessions() as s:
        accounts.put(s, account)
    cookies = {COOKIE: Access(world.app).begin(account)}
    with httpx.Client(base_url=world.address, trust_env=False, timeout=20, cookies=cookies) as client:
        yield Hand(client, field_of(client.get("/breaches").text, "csrf"))


def field_of(page: str, name: str) -> str:
    """Give the first hidden field of that name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return found[1]


def said(answer: httpx.Response) -> str:
    """What the summary at the top of a refused form says, as a person reads it."""
    found = re.search(r'<div class="summary".*?</div>', answer.text, re.DOTALL)
    return plain(found[0] if found else answer.text[:2000])


def plain(html: str) -> str:
    """Text without its markup."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()
