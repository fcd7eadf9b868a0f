"""Role cards: every role that the procedure asks for has one, in the force's own words."""

import pytest

from policy.pack import Pack
from policy.pack_parse import PackInvalid
from policy.terms import Role
from store.packs import load_packs
from tests.policy.night import pack

LONGEST = 150  # characters of a line that is read on a phone
OWN = """
[cards.duty_inspector]
must = ["Ring the {response_sergeant}, then write it into {case} for {analyst}."]
"""


def asked(of: Pack) -> set[Role]:
    """Give every role that some step of a case asks, tells or climbs to."""
    found = set()
    for rule in of.case_steps:
        for to in (*rule.tells, *rule.ladder):
            found |= {to.role, *([to.otherwise] if to.otherwise else [])}
        found |= {*rule.actor.values(), *(field.role for field in rule.evidence if field.role)}
    return found


@pytest.mark.parametrize("name", sorted(load_packs(None)))
def test_every_role_of_every_pack_has_a_card(name: str) -> None:
    """Must, may, must not and calls; short lines, each a sentence; no key of ours is left in any."""
    found = load_packs(None)[name]
    assert asked(found) - set(found.cards) == set()
    for role in found.cards:
        card = found.card(role)
        for lines in (card.must, card.may, card.must_not, card.calls):
            assert lines, role
            assert [line for line in lines if len(line) > LONGEST or line[-1] not in ".?" or "{" in line] == []


def test_a_card_speaks_in_the_forces_words() -> None:
    """A role in braces is the short word for it, a system the force's; a role without a label its plain name."""
    card = pack(more=OWN).card(Role.DUTY_INSPECTOR)
    assert card.must == ("Ring the Area sergeant, then write it into COMPACT for Analyst.",)


def test_a_card_is_inherited_list_by_list() -> None:
    """What a force says anew takes the place of that list alone."""
    assert pack(more=OWN).card(Role.DUTY_INSPECTOR).may == pack().card(Role.DUTY_INSPECTOR).may != ()


def test_a_role_without_a_card_has_an_empty_one() -> None:
    """An auditor has no part in the procedure; nothing breaks."""
    card = pack().card(Role.AUDITOR)
    assert (card.must, card.may, card.must_not, card.calls) == ((), (), (), ())


def test_a_system_without_a_word_is_said_plainly() -> None:
    """A pack of its own, without labels, still reads."""
    own = pack(more=OWN)
    bare = Pack("bare", "Bare", None, {}, {}, cards=own.cards)
    assert bare.card(Role.DUTY_INSPECTOR).must == ("Ring the Response sergeant, then write it into case for Analyst.",)


def test_a_card_that_names_nobody_is_a_fault() -> None:
    """With the card, the list, the word and what to write."""
    with pytest.raises(PackInvalid) as refusal:
        pack(more='[cards.duty_inspector]\nmust = ["Ring the {loi}."]\n')
    (fault,) = refusal.value.faults
    assert fault.field.endswith("cards.duty_inspector.must")
    assert "{loi} names no role" in fault.message
