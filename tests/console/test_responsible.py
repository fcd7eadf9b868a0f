"""Who was responsible at any instant, and through whose hands the case went: a page to read and to print."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.hands import at_console, plain
from tests.console.test_shift import DUTIES, answer, owned
from tests.console.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A force whose inspector goes at 22:00."""
    with open_world(tmp_path / "home", people=DUTIES) as opened:
        yield opened


def three_hands(world: World) -> str:
    """A case of insp-a from 19:00, offered at 21:30, declined by nobody, accepted by insp-b at 21:41."""
    ref = owned(world)
    world.forward(150)
    world.forward(11)
    with at_console(world, "insp-b") as relief:
        assert answer(relief, ref, "accept")[0] == 200
    world.work(ref)
    return ref


def rows_of(page: str) -> list[str]:
    """The rows of the table, as a person reads them."""
    return [plain(row) for row in page.partition("<tbody>")[2].partition("</tbody>")[0].split("</tr>") if row.strip()]


def test_at_any_instant_one_named_person_for_the_case_and_for_each_action(world: World) -> None:
    """Before and after the handover, with how and since when; each row names somebody."""
    ref = three_hands(world)
    with at_console(world, "insp-b") as reader:
        before = reader.client.get(f"/cases/{ref}/responsible?at=21:35")
        after = reader.client.get(f"/cases/{ref}/responsible")
    first, *actions = rows_of(before.text)
    assert first.startswith("The case insp-a (LOI) Accepted it, since 19:00")
    assert rows_of(after.text)[0].startswith("The case insp-b (LOI) Accepted it, since 21:41, offered 21:30")
    assert len(actions) >= 3
    assert not [row for row in (*actions, *rows_of(after.text)) if "nobody was known" in row]
    assert [row for row in actions if row.startswith("Search of the home")] or "Officers attend" in " ".join(actions)


def test_the_chain_tells_each_offer_and_what_became_of_it(world: World) -> None:
    """Opened, offered, accepted, offered to the relief, accepted, actions passed on: in order."""
    ref = three_hands(world)
    with at_console(world, "insp-b") as reader:
        page = reader.client.get(f"/cases/{ref}/responsible").text
    chain = plain(page.partition("Through whose hands it went")[2].partition("</ol>")[0])
    told = ("Opened", "To insp-a (LOI)", "insp-a (LOI) owns the case", "To insp-b (LOI)", "insp-b (LOI) owns the case")
    places = [chain.find(one) for one in told]
    assert -1 not in places, chain
    assert places == sorted(places)
    assert "from insp-a to insp-b" in chain
    body = world.web.get(f"/api/v1/cases/{ref}/responsible?at=2026-01-10T21:35:00Z", headers=world.machine).json()
    assert body["case"]["person"] == "insp-a"
    assert {"Opened", "Offered", "Accepted", "Action passed on"} <= {link["what"] for link in body["chain"]}


def test_a_time_that_is_none_or_lies_ahead_is_asked_for_again(world: World) -> None:
    """422 with the fault at its field, what was typed kept, and the answer for now below."""
    ref = three_hands(world)
    with at_console(world, "insp-b") as reader:
        for typed, why in (("soon", "That is no time"), ("2026-02-01T10:00", "That lies ahead")):
            page = reader.client.get(f"/cases/{ref}/responsible", params={"at": typed})
            assert page.status_code == 422
            assert why in page.text
            assert 'aria-invalid="true"' in page.text
            assert f'value="{typed}"' in page.text
        assert reader.client.get(f"/cases/{ref}/responsible?at=2026-01-10T19:30:00%2B00:00").status_code == 200
        assert reader.client.get("/cases/MP-2026-999999/responsible").status_code == 404
    assert world.web.get(f"/cases/{ref}/responsible").status_code == 303
