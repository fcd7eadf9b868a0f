"""Where an adult is, who asked that nobody be told, comes out by no side door (W121)."""

import re
from typing import Any

import pytest

from console.passwords import hash_password
from policy.terms import Role
from store import accounts
from store.accounts import Account
from tests.console.world import NAME, World

WHERE = "Flat 7, Hollyhock Mews"
ADULT = {"name": NAME, "date_of_birth": "1980-05-01"}
PASSWORD = "a long enough password"


def signed_in(world: World) -> None:
    """Sign an inspector in, who is no admin."""
    with world.app.sessions() as s:
        accounts.put(s, Account("ann", hash_password(PASSWORD), "insp-a", Role.DUTY_INSPECTOR))
    found = re.search(r'name="csrf"[^>]*value="([^"]+)"', world.web.get("/sign-in").text)
    assert found is not None
    said = {"user": "ann", "password": PASSWORD, "csrf": found.group(1)}
    assert world.web.post("/sign-in", data=said, follow_redirects=False).status_code == 303


def seen(world: World, ref: str, by: str = "sgt-s") -> None:
    """Say that the person was seen, and asks that nobody be told where."""
    told = {"seen_by": "PC 1", "where": WHERE, "wellbeing": "safe", "do_not_disclose": "yes"}
    world.fact(ref, "verified_seen", by, evidence=told)


def shown(world: World, ref: str) -> list[str]:
    """Give the pages and answers that show the place to somebody signed in."""
    paths = ("", "/journal", "/messages", "/owner")
    asked = [f"/cases/{ref}", "/inbox", "/", *(f"/api/v1/cases/{ref}{path}" for path in paths)]
    return [path for path in asked if WHERE in world.web.get(path).text]


def test_no_page_and_no_answer_shows_the_place(world: World) -> None:
    """Neither to a session nor by a message."""
    signed_in(world)
    ref = world.report(person=ADULT)
    seen(world, ref)
    assert shown(world, ref) == []
    assert not [m for m in world.received if WHERE in str(m.payload)]


def test_a_reopening_does_not_uncover_it(world: World) -> None:
    """Anybody may say that a case is to be opened again: that is no way to read where she was."""
    signed_in(world)
    ref = world.report(person=ADULT)
    seen(world, ref)
    world.fact(ref, "reopened", "a stranger", evidence={"reason": "curious"})
    assert shown(world, ref) == []


@pytest.mark.parametrize(("person", "by"), [({"name": NAME}, "sgt-s"), (ADULT, "a doctor")])
def test_the_request_stands_whoever_passes_it_on(world: World, person: dict[str, Any], by: str) -> None:
    """Neither an age that nobody entered nor a voice that is on no roster takes the request away."""
    signed_in(world)
    ref = world.report(person=person)
    seen(world, ref, by)
    assert shown(world, ref) == []


def test_the_name_of_somebody_unknown_reaches_no_telephone(world: World) -> None:
    """A program may say who rang, in words: a stand-down names roster ids only (contract section 3: no name)."""
    ref = world.report(risk="high")
    world.forward(40)
    caller = "Mrs Quillfeather, mother"
    for kind, said in (("attended", {"who": caller}), ("contact_made", {"with": caller})):
        world.fact(ref, kind, caller, evidence=said)
        world.forward(1)
    assert [m.payload["ask"] for m in world.received if "Quillfeather" in str(m.payload)] == []
