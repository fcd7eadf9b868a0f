"""The pages of timings, the whole way: numbers, why and when, what it would do, proposed, a second person's word."""

import re
from html import unescape

import httpx
import pytest

from policy.terms import Role
from tests.console.drafting import PACK, UKMPU, drafter, fields
from tests.console.hands import plain
from tests.console.world import STEP, World

LIVE = {"applies_to": "live_and_new"}


def words(answer: httpx.Response | str) -> str:
    """Give a page's words."""
    return plain(answer if isinstance(answer, str) else answer.text)


def test_the_whole_way(world: World) -> None:
    """An admin changes ten minutes to seven and sees what it would do; a second person approves; it is in force."""
    ref = world.report()
    with drafter(world, "adm-1") as admin, drafter(world, "sup-1", Role.ON_CALL_SUPERINTENDENT) as second:
        assert "FIM tells the LOI and the sergeant" in words(admin.get(f"/timings/{PACK}"))
        assert "Now 10 minutes" in words(admin.get(f"/timings/{PACK}/{STEP}"))
        where = admin.previewed(due_medium="7", said=LIVE, wait=True)
        preview = admin.get(where)
        said = words(preview)
        assert re.search(rf"{ref} FIM tells the LOI and the sergeant 19:10 19:07 nobody", said)
        assert "1 recorded case was played again" in said
        assert preview.count("<svg") >= 2
        check = words(admin.get(f"{where}/check"))
        assert "10 minutes 7 minutes" in check
        assert "new cases, and those that are open" in check
        revision = admin.propose(where).headers["location"]
        assert "It changes nothing until another person has approved it" in words(admin.get(revision))
        revision = revision.partition("?")[0]
        assert "Change waits" in words(second.get(f"/timings/{PACK}"))
        seen = words(second.get(revision))
        assert f"{ref} FIM tells the LOI and the sergeant 19:10 19:07" in seen
        assert "Proposed by adm-1" in seen
        assert second.decide(revision, "approve").status_code == 303
        assert "In force" in words(second.get(revision))
        assert "Now 7 minutes" in words(admin.get(f"/timings/{PACK}/{STEP}"))
        assert "7 minutes 2 adm-1, approved by sup-1 Trial" in words(admin.get(f"/timings/{PACK}/{STEP}"))
        assert "10 minutes 7 minutes" in words(admin.get(f"/timings/{PACK}/diff?from=1&to=2"))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"due_medium": "0"}, "is not a span"),
        ({"due_medium": "-4"}, "lies before its beginning"),
        ({"due_medium": "999999", "due_medium__unit": "h"}, "longer than"),
        ({"due_medium": "soon"}, "is not a span"),
        ({"due_medium": "5 w"}, "is not a span"),
        ({"due_medium": ""}, "Nothing is written"),
    ],
)
def test_what_is_no_time_comes_back_beside_its_field(world: World, typed: dict[str, str], says: str) -> None:
    """422: the summary leads to the field, the fault and the remedy stand beside it, all that was typed stays."""
    with drafter(world, "adm-1") as admin:
        answer = admin.numbers(**typed, due_low="14")
    assert answer.status_code == 422
    assert 'href="#due-medium"' in answer.text
    error = re.search(r'id="due-medium-error">(.*?)</p>', answer.text)
    assert error is not None
    assert says in unescape(error[1])
    kept = fields(answer.text)
    assert (kept["due.medium"], kept["due.low"]) == (typed["due_medium"], "14")
    assert "<title>Error: " in answer.text


def test_a_ladder_behind_its_own_deadline(world: World) -> None:
    """What the grammar refuses stands beside the number that brings it about."""
    with drafter(world, "adm-1") as admin:
        answer = admin.numbers(retry_medium="30")
    assert answer.status_code == 422
    assert 'href="#retry-medium"' in answer.text


def test_no_change_and_a_page_as_it_was(world: World) -> None:
    """Sent as it stands, the page says that nothing changes."""
    with drafter(world, "adm-1") as admin:
        answer = admin.numbers()
    assert answer.status_code == 422
    assert "Every number is as it was: change one" in words(answer)


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"reason": ""}, "reason-after-an-incident-or-a-complaint", "say in some words why"),
        ({"reason": "other", "words": "x"}, "words", "say in some words why"),
        ({"when": "at", "at": "2026-01-09T08:00"}, "at", "lies in the past"),
        ({"when": "at", "at": ""}, "at", "offset"),
        ({"applies_to": "all"}, "applies_to", "use one of: new, live_and_new"),
    ],
)
def test_why_and_when_is_refused_with_all_that_was_typed(
    world: World, typed: dict[str, str], field: str, says: str
) -> None:
    """Each fault leads to its field; what was typed stays."""
    with drafter(world, "adm-1") as admin:
        answer = admin.why(admin.draft(due_medium="7"), **typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert says in words(answer)
    if typed.get("words"):
        assert fields(answer.text)["words"] == typed["words"]
    if typed.get("at"):
        assert fields(answer.text)["at"] == typed["at"]


def test_an_instant_to_come(world: World) -> None:
    """Local time on the page, in force from then on, and shown so."""
    with drafter(world, "adm-1") as admin:
        revision = admin.proposed(due_medium="7", said={"when": "at", "at": "2026-02-01T08:00"})
        assert "In force from 08:00 on 1 Feb" in words(admin.get(revision))


def test_two_admins_at_once(world: World) -> None:
    """The second sees that the first's change waits; once that stands, theirs is stale and what they typed is kept."""
    with (
        drafter(world, "adm-1") as one,
        drafter(world, "adm-2") as two,
        drafter(world, "sup-1", Role.ON_CALL_SUPERINTENDENT) as second,
    ):
        first = one.proposed(due_medium="7")
        assert "Revision 2 by adm-1" in words(two.get(f"/timings/{PACK}/{STEP}"))
        where = two.previewed(due_medium="6", due_low="12")
        assert "Revision 2 by adm-1" in words(two.get(where))
        open_page = two.get(f"/timings/{PACK}/{STEP}")
        assert second.decide(first, "approve").status_code == 303
        stale = two.propose(where)
        assert stale.status_code == 409
        back = re.search(r'href="(/timings/[^"]+draft=[^"]+)"', stale.text)
        assert back is not None
        again = two.get(back[1])
        assert "Now 7 minutes" in words(again)
        kept = fields(again)
        assert (kept["due.medium"], kept["due.low"], kept["base"]) == ("6", "12", "2")
        late = two.client.post(f"/timings/{PACK}/{STEP}", data={**fields(open_page), "due.medium": "5"})
        assert late.status_code == 409
        assert "Revision 2 was approved since you began" in words(late)
        assert fields(late.text)["due.medium"] == "5"


def test_the_second_person(world: World) -> None:
    """Nobody approves their own change, nor of too low a rank, nor what stands on something old: each said in words."""
    with (
        drafter(world, "adm-1") as admin,
        drafter(world, "adm-2") as other,
        drafter(world, "sgt-s", Role.RESPONSE_SERGEANT) as sergeant,
    ):
        revision, older = admin.proposed(due_medium="7"), admin.proposed(due_low="12")
        own = admin.decide(revision, "approve")
        assert own.status_code == 409
        assert "adm-1 has proposed it" in words(own).casefold().replace("adm-1", "adm-1")
        low = sergeant.decide(revision, "approve")
        assert low.status_code == 409
        assert "Who may: policy admin, superintendent or above" in words(low)
        assert other.decide(revision, "approve").status_code == 303
        stale = other.decide(older, "approve")
        assert stale.status_code == 409
        assert "ook at the preview again" in words(stale)
        blank = other.decide(revision, "withdraw", reason=" ")
        assert blank.status_code == 422
        assert 'href="#reason"' in blank.text
        assert other.decide(revision, "withdraw", reason="It told people twice").status_code == 303
        assert "Withdrawn by adm-2" in words(other.get(revision))


def test_above_a_national_ceiling(world: World) -> None:
    """Ninety-six hours for the UKMPU: refused without a superintendent's name, taken with it, shown everywhere."""
    with drafter(world, "adm-1") as admin, drafter(world, "sup-1", Role.ON_CALL_SUPERINTENDENT) as second:
        draft = admin.draft(UKMPU, due_medium="96")
        assert "Above a national ceiling" in words(admin.get(f"{draft}/why"))
        plainly = admin.why(draft)
        assert plainly.status_code == 409
        assert 'href="#override_by"' in plainly.text
        low = admin.why(draft, override_by="sgt-s", override_reason="It is quiet")
        assert low.status_code == 409
        assert fields(low.text)["override_by"] == "sgt-s"
        named = {"override_by": "sup-1", "override_reason": "Agreed with the unit"}
        revision = admin.proposed(UKMPU, due_medium="96", said=named)
        assert second.decide(revision, "approve").status_code == 303
        shown = "Above the national ceiling let by sup-1: Agreed with the unit"
        for page in ("/timings", f"/timings/{PACK}", f"/timings/{PACK}/{UKMPU}"):
            assert shown in words(second.get(page)), page
        ref = world.report()
        world.fact(ref, "acknowledged", "insp-a", step=STEP)
        case = words(second.get(f"/cases/{ref}"))
        assert "Tell the UK Missing Persons Unit Above the national ceiling let by sup-1" in case


def test_a_case_shows_to_which_revision_it_is_pinned(world: World) -> None:
    """A badge on the page of a case whose revision is not the one in force."""
    ref = world.report()
    with drafter(world, "adm-1") as admin, drafter(world, "sup-1", Role.ON_CALL_SUPERINTENDENT) as second:
        assert "Pinned to revision" not in words(second.get(f"/cases/{ref}"))
        second.decide(admin.proposed(due_medium="7"), "approve")
        assert "Pinned to revision 1; 2 is in force" in words(second.get(f"/cases/{ref}"))
