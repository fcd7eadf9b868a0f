"""An owner whom the new roster leaves out: the answer to the import says so, and so does the page of the case."""

from tests.console.hands import at_console
from tests.console.world import World, roster


def test_the_page_and_the_answer_say_that_the_owner_left(world: World) -> None:
    """By HTTP, as a force's own system and an inspector see it."""
    ref = world.report(1)
    accepted = {"kind": "accepted", "by": "insp-a"}
    answer = world.web.post(f"/api/v1/cases/{ref}/facts", json=accepted, headers=world.machine)
    assert answer.status_code == 200, answer.text
    rows = [row for row in roster().splitlines() if not row.startswith("insp-a,")]
    put = world.web.put("/api/v1/roster", content="\n".join(rows), headers=world.machine)
    assert put.json()["owners_gone"] == [{"case": ref, "owner": "insp-a"}]
    world.work(ref)
    with at_console(world, "fim-1") as fim:
        assert "insp-a <strong>(left the roster)</strong>" in fim.page(ref)
