"""People before the sign-in page: with an account, a password, and a browser that keeps its cookies."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from policy.terms import Role
from store import accounts
from store.accounts import Account
from tests.console.hands import field_of
from tests.console.world import CHEAP, World

PASSWORD = "violet tractor umbrella"
_KEPT = CHEAP.hash(PASSWORD)


def account(world: World, user: str, person: str = "insp-a", *, break_glass: bool = False) -> Account:
    """Make an account whose password is PASSWORD."""
    made = Account(user, _KEPT, person, Role.DUTY_INSPECTOR, break_glass=break_glass)
    with world.app.sessions() as s:
        accounts.put(s, made)
    return made


@contextmanager
def browser(world: World) -> Iterator[httpx.Client]:
    """A browser of somebody's own."""
    with httpx.Client(base_url=world.address, trust_env=False, timeout=20) as client:
        yield client


def enter(client: httpx.Client, user: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """Fill the sign-in page in and send it."""
    shown = client.get("/sign-in")
    form = {"csrf": field_of(shown.text, "csrf"), "user": user, "password": password, **more}
    return client.post("/sign-in", data=form)


def signed_in(client: httpx.Client) -> bool:
    """Tell whether the browser is let in."""
    return client.get("/breaches").status_code == 200
