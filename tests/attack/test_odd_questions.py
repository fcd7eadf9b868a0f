"""Questions and facts that are wrong: refused as what they are, never `busy`, never taken for something else."""

import pytest

from policy.errors import Invalid
from policy.facts import read_fact
from store.roster_file import read_csv
from tests.console.world import START, World, roster


@pytest.mark.parametrize(
    "question",
    ["cases?limit=²", "cases/{}/journal?after=99999999999999999999", "cases/{}/owner?at=0001-01-01T00:00:00%2B14:00"],
)
def test_a_wrong_number_is_a_fault(world: World, question: str) -> None:
    """422 with the field, where 503 would have a machine try again for ever."""
    ref = world.report()
    answer = world.web.get("/api/v1/" + question.format(ref), headers=world.machine)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


@pytest.mark.parametrize("field", [{"at": 5}, {"at": -5.0}, {"by": "   "}])
def test_a_fact_of_the_wrong_type(field: dict[str, object]) -> None:
    """A number is no instant (it would be 1970), a blank is nobody."""
    with pytest.raises(Invalid) as refused:
        read_fact({"kind": "attended", "by": "pc-1", **field})
    assert [fault.field for fault in refused.value.faults] == list(field)


@pytest.mark.parametrize("name", ["vigil", "system"])
def test_nobody_on_the_roster_is_called_as_the_journal_calls_a_machine(name: str) -> None:
    """A feed speaks as `system`: a person of that id would lend it a rank, and it could lower a risk."""
    file = read_csv(roster().replace("insp-a", name), START, areas=["stoke", "newcastle"])
    assert [bad.field for bad in file.refused] == ["person"]
