"""Forms drawn from the words of a pack: a search space by space, a yes and what it means, who checks, transfers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console.hands import Hand, at_console, plain, said
from tests.console.test_shift import DUTIES
from tests.console.world import World, open_world

OTHERS = (
    "gmp-1,Gia More,,force_incident_manager,{force},2026-01-10T14:00:00Z,2026-01-11T06:00:00Z,,http://127.0.0.1:9/g,\n"
)
FORCE = "greater_manchester"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force with the control room of another on its roster."""
    with open_world(tmp_path / "home", people=DUTIES + OTHERS.format(force=FORCE)) as opened:
        yield opened


def form_of(hand: Hand, ref: str, form: str) -> str:
    """The form as it is drawn."""
    drawn = hand.client.get(f"/cases/{ref}").text.partition(f'id="{form}"')[2].partition("</form>")[0]
    assert drawn, f"the page has no form {form}"
    return drawn


def spaces_of(form: str) -> list[str]:
    """The fields of a form that take spaces: those with the example of a space."""
    return [name for name in re.findall(r'<textarea id="[^"]*" name="f-(\w+)"', form) if name != "own_words"]


def searched(world: World) -> tuple[str, str]:
    """A case whose home is to be searched, and the form of it."""
    ref = world.report()
    world.fact(ref, "attended", "sgt-s")
    return ref, "do-search_home-1-step_completed"


def test_a_search_is_written_space_by_space_and_each_wrong_line_is_named(world: World) -> None:
    """Scenario 13: lines without a verdict, without a reason, of the whole house: each named, nothing lost."""
    ref, form = searched(world)
    with at_console(world, "sgt-s") as sergeant:
        drawn = form_of(sergeant, ref, form)
        first, *others = spaces_of(drawn)
        assert '<span class="example">' in drawn
        typed = "Kitchen: searched\nBathroom\nBedroom 2: not searched\nHouse: searched"
        rest = dict.fromkeys(others, "Shed: searched")
        answer = sergeant.send(ref, form, searched_by="sgt-s", **{first: typed}, **rest)
        assert answer.status_code == 422
        for fault in ("line 2 says neither", "line 3 does not say why", "line 4 names the whole home"):
            assert fault in said(answer), fault
        assert typed in answer.text
        saved = sergeant.send(ref, form, button="keep", **{first: typed})
        assert saved.status_code == 303, "what is not complete may be saved"
        right = "Kitchen: searched\nBedroom 2: not searched, locked"
        sergeant.did(ref, form, searched_by="sgt-s", **{first: right}, **rest)
        page = plain(sergeant.client.get(f"/cases/{ref}").text)
        assert "Not searched: Bedroom 2 (locked)." in page


def test_what_was_left_out_begins_a_line_each(world: World) -> None:
    """The form for the spaces left out has a line for each; unanswered, it is said which."""
    ref, form = searched(world)
    with at_console(world, "sgt-s") as sergeant:
        first, *others = spaces_of(form_of(sergeant, ref, form))
        rest = dict.fromkeys(others, "Shed: searched")
        lines = "Kitchen: searched\nBedroom 2: not searched, locked\nStudy: not searched, no key"
        sergeant.did(ref, form, searched_by="sgt-s", **{first: lines}, **rest)
        world.work(ref)
        remaining = "do-search_remaining_spaces-1-step_completed"
        assert "Bedroom 2: \nStudy: \n" in form_of(sergeant, ref, remaining)
        answer = sergeant.send(ref, remaining, searched_by="sgt-s", spaces="Bedroom 2: searched\nStudy: ")
        assert "line 2 says neither searched nor not searched" in said(answer)


def test_who_searched_does_not_verify(world: World) -> None:
    """The step says whose work it checks; the form is not drawn for whoever did that."""
    ref, form = searched(world)
    with at_console(world, "sgt-s") as sergeant, at_console(world, "insp-a") as inspector:
        first, *others = spaces_of(form_of(sergeant, ref, form))
        sergeant.did(ref, form, searched_by="sgt-s", **dict.fromkeys((first, *others), "Kitchen: searched"))
        world.work(ref)
        verify = next(
            key for key, rule in world.app.packs["staffordshire"].steps.items() if rule.checks == "search_home"
        )
        page = plain(sergeant.client.get(f"/cases/{ref}").text)
        assert "Checks Search of the home, done by sgt-s: another person does this." in page
        assert "You did what this checks." in page
        assert f'id="do-{verify}-1-step_completed"' not in sergeant.client.get(f"/cases/{ref}").text
        assert f'id="do-{verify}-1-step_completed"' in inspector.client.get(f"/cases/{ref}").text


def test_a_yes_says_what_it_brings_about(world: World) -> None:
    """The question of a concern says that a yes makes the person count as missing; the page says what is undecided."""
    ref = world.report(1, call_type="concern_for_welfare")
    with at_console(world, "fim-1") as manager:
        page = plain(manager.client.get(f"/cases/{ref}").text)
        assert "Not called missing yet." in page
        key = next(k for k, r in world.app.packs["staffordshire"].steps.items() if any(f.yes for f in r.evidence))
        world.forward(1)
        page = plain(manager.client.get(f"/cases/{ref}").text)
        assert key in {step["key"] for step in case_of(world, ref)["steps"]}
        assert "Yes: the person counts as missing from then on" in page


def test_a_case_is_offered_to_another_force_and_comes_back(world: World) -> None:
    """A force of the list, a named person there, how they said so, and never an e-mail; sent back it is ours."""
    ref = world.report()
    world.fact(ref, "accepted", "insp-a")
    with at_console(world, "insp-a") as owner:
        drawn = form_of(owner, ref, "say-transfer_offered")
        assert f'<option value="{FORCE}">Greater Manchester Police</option>' in drawn
        assert owner.send(ref, "say-transfer_offered", force="narnia").status_code == 422
        owner.did(ref, "say-transfer_offered", force=FORCE)
        world.work(ref)
        page = plain(owner.client.get(f"/cases/{ref}").text)
        assert "Offered to Greater Manchester Police at 19:00. It stays ours" in page
        accept = "do-transfer_to_force-1-transfer_accepted"
        drawn = form_of(owner, ref, accept)
        assert "mail" not in "".join(re.findall(r"<option.*?</option>", drawn)).lower()
        owner.did(ref, "do-transfer_to_force-1-transfer_bounced", reason="They say that he is from here")
        assert "It has come back once." in plain(owner.client.get(f"/cases/{ref}").text)
        assert case_of(world, ref)["owner"] == "insp-a"
        owner.did(ref, "say-transfer_offered", force=FORCE, once="again")
        world.work(ref)
        second = re.findall(
            r'id="(do-transfer_to_force-\d+-transfer_accepted)"', owner.client.get(f"/cases/{ref}").text
        )
        owner.did(ref, second[-1], person="gmp-1", how="telephone")
        assert "With Greater Manchester Police. gmp-1 accepted it at 19:00." in plain(
            owner.client.get(f"/cases/{ref}").text
        )


def case_of(world: World, ref: str) -> dict[str, Any]:
    """The case as the API has it."""
    body: dict[str, Any] = world.web.get(f"/api/v1/cases/{ref}", headers=world.machine).json()
    return body
