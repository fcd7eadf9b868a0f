"""The form of a search and of an instant that has passed, as machines are given it and as the console reads it."""

from datetime import UTC, datetime
from typing import Any

from console.evidence import filled
from console.packs import schema
from policy.pack import Evidence
from policy.spaces import read
from policy.terms import Anchor
from tests.policy.night import pack

NOW = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)


def test_the_schema_of_a_search_names_each_space() -> None:
    """Text with a line for each, or a list; its example is taken as it stands, and `none` is said where it is one."""
    form: dict[str, Any] = dict(schema(pack().steps["search_home"]))
    assert form["required"] == ["searched_by", "each_room", "loft", "outbuildings", "vehicles"]
    rooms, loft = form["properties"]["each_room"], form["properties"]["loft"]
    assert (rooms["type"], rooms["items"]["required"]) == (["string", "array"], ["space", "searched"])
    assert [read(example).wrong for example in rooms["examples"]] == [()]
    assert ("`none` alone" in rooms["description"], "`none` alone" in loft["description"]) == (False, True)


def test_a_time_at_which_something_came_is_the_last_one() -> None:
    """`20:15`, written at seven, is yesterday's where data came, and this evening's where a review is set."""
    came = Evidence("obtained_at", "When the data came", "instant", sets=Anchor.OBTAINED)
    comes = Evidence("review_at", "When it is reviewed", "instant", sets=Anchor.NEXT_REVIEW)
    assert filled.instant("20:15", NOW, ahead=False) == datetime(2026, 1, 9, 20, 15, tzinfo=UTC)
    assert [filled._value(one, "20:15", NOW, []) for one in (came, comes)] == [
        "2026-01-09T20:15:00Z",
        "2026-01-10T20:15:00Z",
    ]
