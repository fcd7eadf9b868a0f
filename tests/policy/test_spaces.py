"""The record of a search: each space on a line of its own, searched, or not searched and why (W39)."""

import pytest

from policy.errors import Invalid, Refused
from policy.pack import Evidence
from policy.spaces import Space, is_none, read
from policy.terms import Anchor, StepStatus
from tests.policy.night import Night, on, only, round_the_clock

SEARCH, VERIFY, REMAINING = "search_home", "search_verified", "search_remaining_spaces"
ALL = {
    "searched_by": "pc-1",
    "each_room": "Kitchen: searched\nBedroom 1: searched\n\nBedroom 2: searched, under the bed too",
    "loft": "Loft: searched",
    "outbuildings": [{"space": "Garage", "searched": True}],
    "vehicles": "none",
}


def night_of(*keys: str) -> Night:
    """Open the standard case at 19:00 under some steps alone, with officers there at 19:10."""
    people = round_the_clock(on("pc-1", "response_officer"), on("pc-2", "response_officer"))
    night = Night(people, only(*(keys or (SEARCH, VERIFY, REMAINING)))).report().until("19:10")
    return night.says("pc-1", "attended").until("19:30")


def searched(night: Night, by: str = "pc-1", **said: object) -> Night:
    """Record the search, all of it done unless told."""
    return night.says(by, "step_completed", step=SEARCH, **{**ALL, **said})


# --- what is read of a line ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "space"),
    [
        ("Kitchen: searched", Space("Kitchen", searched=True)),
        ("  Bedroom 2 - not  searched, locked ", Space("Bedroom 2", searched=False, why="locked")),
        ("Loft: SEARCHED; insulation lifted.", Space("Loft", searched=True, why="insulation lifted")),
        ({"space": " Shed ", "searched": False, "why": "no key"}, Space("Shed", searched=False, why="no key")),
        ({"space": "Red van", "searched": True}, Space("Red van", searched=True)),
    ],
)
def test_a_line_is_a_space(line: object, space: Space) -> None:
    """As a person writes it, or as a machine sends it."""
    said = read(line if isinstance(line, str) else [line])
    assert (said.spaces, said.wrong) == ((space,), ())


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("Kitchen", "line 1 says neither searched nor not searched"),
        ("Kitchen: searched\nShed: looked", "line 2 says neither searched nor not searched"),
        ("Kitchen: searched, cupboard not searched", "line 1 says searched more than once"),
        ("searched", "line 1 does not name the space"),
        ("House: searched", "line 1 names the whole home, not one space of it"),
        ("All rooms: searched", "line 1 names the whole home, not one space of it"),
        ("Shed: not searched", "line 1 does not say why the space was not searched"),
        ("Bedroom 2: searched\nbedroom-2: not searched, locked", "line 2 names a space for the second time"),
        ([{"space": "Shed", "searched": "no"}], "line 1 says neither searched nor not searched"),
        ([{"space": "Shed", "searched": False, "why": 3}], "line 1 does not say why the space was not searched"),
        ([7], "line 1 is neither a line of text nor a space with its answer"),
        ({"space": "Shed"}, "line 1 says neither searched nor not searched"),
    ],
)
def test_a_line_that_is_no_record_of_a_space(value: object, wrong: str) -> None:
    """The line is named, and what is wrong with it; nothing of what was typed is repeated."""
    assert read(value).wrong == (wrong,)


def test_nothing_of_the_sort() -> None:
    """A flat without a loft says so in one word."""
    assert is_none(" None. ")
    assert not is_none(["none"])
    assert (read("none").spaces, read("none").wrong) == ((), ())


# --- the search of the home ---------------------------------------------------------------------------------


def test_every_space_has_its_line() -> None:
    """Any officer records it; nothing is left to search, and a sergeant is asked to verify within two hours."""
    night = searched(night_of())
    step = night.step(SEARCH)
    assert (step.status, night.case.unsearched, night.case.step(REMAINING)) == (StepStatus.DONE, False, None)
    assert (night.dues(VERIFY), night.heard("sgt-s", VERIFY)) == (["10 21:30"], ["19:30 task"])


@pytest.mark.parametrize("field", ["each_room", "loft", "outbuildings", "vehicles"])
def test_house_searched_is_no_record(field: str) -> None:
    """A part without its line is missing by name; a tag for the whole of it is a fault with its remedy."""
    with pytest.raises(Refused) as refusal:
        searched(night_of(), **{field: ""})
    assert [lack.what for lack in refusal.value.missing] == [field]
    with pytest.raises(Invalid) as fault:
        searched(night_of(), **{field: "house searched by the family"})
    (found,) = fault.value.faults
    assert (found.field, found.remedy.startswith("write one space a line")) == (f"evidence.{field}", True)


def test_a_home_without_rooms_is_none() -> None:
    """There may be no loft; there are always rooms."""
    night = night_of()
    with pytest.raises(Invalid) as fault:
        searched(night, each_room="none")
    assert [(f.field, f.message) for f in fault.value.faults] == [("evidence.each_room", "says that there is none")]
    assert searched(night, loft="none", outbuildings="None").step(SEARCH).status is StepStatus.DONE


def test_whoever_searched_does_not_verify() -> None:
    """Not the sergeant who recorded it, nor one who is named as having searched; another one does."""
    night = searched(night_of(), by="sgt-s", searched_by="pc-1 and crs-1").until("20:00")
    said = {"step": VERIFY, "how": "spoke to pc-1, saw the garage", "satisfied": True}
    for person in ("sgt-s", "crs-1"):
        with pytest.raises(Refused) as refusal:
            night.says(person, "step_completed", **said)
        assert [lack.what for lack in refusal.value.missing] == ["another person"]
    with pytest.raises(Refused, match="takes sergeant or above"):
        night.says("pc-2", "step_completed", **said)
    assert night.says("ds-1", "step_completed", **said).step(VERIFY).status is StepStatus.DONE


def test_a_search_that_nobody_did_bars_nobody() -> None:
    """Where the work was waived there is nobody whose own work it would be."""
    night = searched(night_of())
    night.case = night.case.with_step(night.step(SEARCH).__class__(SEARCH, status=StepStatus.WAITING))
    done = night.says("sgt-s", "step_completed", step=VERIFY, how="read it", satisfied="yes")
    assert done.step(VERIFY).done_by == "sgt-s"


# --- what was left out --------------------------------------------------------------------------------------


def left_out() -> Night:
    """Give a search of 19:30 that left a room and the garage out."""
    rooms, garage = "Kitchen: searched\nBedroom 2: not searched, locked", "Garage: not searched, no key"
    return searched(night_of(), each_room=rooms, outbuildings=garage)


def test_what_was_left_out_stays_an_open_action() -> None:
    """Until each space of it is answered; what is not named is asked for by name."""
    night = left_out()
    assert (night.case.unsearched, night.dues(REMAINING)) == (True, ["10 23:30"])
    with pytest.raises(Refused) as refusal:
        night.says("pc-2", "step_completed", step=REMAINING, searched_by="pc-2", spaces="Bedroom 2: searched")
    (lack,) = refusal.value.missing
    assert (lack.what, lack.why.startswith("Garage was left out (no key)")) == ("spaces", True)
    both = "bedroom 2: searched\ngarage: searched"
    night.says("pc-2", "step_completed", step=REMAINING, searched_by="pc-2", spaces=both)
    assert (night.case.unsearched, night.step(REMAINING).status) == (False, StepStatus.DONE)


def test_only_a_sergeant_leaves_a_space_unsearched() -> None:
    """With the reason; the case goes on saying that it was never searched."""
    night, spaces = left_out(), "Bedroom 2: searched\nGarage: not searched, landlord away until Monday"
    with pytest.raises(Refused) as refusal:
        night.says("pc-2", "step_completed", step=REMAINING, searched_by="pc-2", spaces=spaces)
    assert [lack.what for lack in refusal.value.missing] == ["a person of rank sergeant or above"]
    night.says("sgt-s", "step_completed", step=REMAINING, searched_by="pc-2", spaces=spaces)
    assert (night.case.unsearched, night.statuses(REMAINING)) == (True, ["done"])


def test_what_was_left_out_is_not_sought_once_the_person_is_seen() -> None:
    """Nobody opens a garage for somebody who is home."""
    night = left_out().says("sgt-s", "verified_seen", seen_by="pc-1", where="a park", wellbeing="safe")
    assert night.statuses(REMAINING) == ["not_required"]


def test_the_search_moves_its_anchor() -> None:
    """As of when it was done, not of when it was written down."""
    night = night_of().until("20:00")
    night.says("pc-1", "step_completed", when="19:45", step=SEARCH, **ALL)
    assert night.case.anchors[Anchor.SEARCHED].strftime("%H:%M") == "19:45"


def test_a_verdict_alone_is_that_of_its_field() -> None:
    """`searched` in the field of the loft is the loft; of the rooms each is named."""
    loft, room = Evidence("loft", "Loft", "spaces", may_be_none=True), Evidence("each_room", "Rooms", "spaces")
    (space,) = read("Searched", loft).spaces
    assert (space.name, space.searched) == ("loft", True)
    (space,) = read("not searched, no ladder", loft).spaces
    assert (space.name, space.searched, space.why) == ("loft", False, "no ladder")
    assert read("searched", room).wrong == ("line 1 does not name the space",)
