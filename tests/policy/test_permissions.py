"""The table of permissions in the procedure: which post lets what take effect, and how a refusal explains itself."""

from dataclasses import replace

import pytest

from policy.errors import Refused
from policy.permissions import TABLE, Deed, Post, Word, may, words_of
from policy.roster import Roster
from policy.terms import Rank, Risk, Role
from tests.policy.night import Night, on, staff


def with_posts(*posts: tuple[str, str]) -> Roster:
    """The night's staff and one person more, on all of these duties."""
    known = staff()
    duties = tuple(on(person, role, "stoke") for person, role in posts)
    return replace(known, duties=known.duties + duties, known={**known.known, **{d.person: d.rank for d in duties}})


def test_of_several_posts_the_most_permissive_counts() -> None:
    """A constable who covers as sergeant may own at medium; without a post nobody may anything."""
    both = (Post(Role.RESPONSE_OFFICER, Rank.PC), Post(Role.RESPONSE_SERGEANT, Rank.SERGEANT))
    assert [may(Deed.OWN, posts, Risk.MEDIUM) for posts in (both[:1], both[1:], both, ())] == [False, True, True, False]
    assert not may(Deed.OWN, both, Risk.HIGH)


def test_a_rank_counts_whatever_its_holder_is_on_duty_as_but_not_outside_the_police() -> None:
    """An inspector at the sergeant's desk lowers; an auditor of high rank does not."""
    assert may(Deed.LOWER_RISK, (Post(Role.RESPONSE_SERGEANT, Rank.INSPECTOR),))
    assert not may(Deed.LOWER_RISK, (Post(Role.AUDITOR, Rank.SUPERINTENDENT),))
    assert may(Deed.APPROVE_PACK, (Post(Role.CHIEF_OFFICER, Rank.ACC),))
    assert not may(Deed.APPROVE_PACK, (Post(Role.ON_CALL_SUPERINTENDENT, Rank.SUPERINTENDENT),))


def test_an_account_gives_policy_and_reading_and_nothing_of_a_case() -> None:
    """An account of an inspector's role, off duty, owns and closes nothing."""
    account = (Post(Role.DUTY_INSPECTOR, Rank.INSPECTOR, account=True),)
    acts = [deed for deed in Deed if words_of(deed, account) - {Word.NO}]
    assert acts == [Deed.READ_CASE]


def test_every_row_has_a_cell_for_every_deed() -> None:
    """A row that is too short or too long would shift every cell behind it."""
    assert {row.role: len(row.cells.split()) for row in TABLE.values()} == dict.fromkeys(Role, len(Deed))


def test_a_sergeant_does_not_own_a_high_risk_case() -> None:
    """Acknowledging is theirs; accepting is refused with the rule, and names inspectors."""
    night = Night().report(risk="high").says("sgt-s", "acknowledged")
    with pytest.raises(Refused) as refusal:
        night.says("sgt-s", "accepted")
    assert refusal.value.rule == "permission"
    assert "insp-a" in refusal.value.who_may
    assert "sgt-s" not in refusal.value.who_may
    assert night.says("insp-a", "accepted").case.owner is not None


def test_nobody_is_offered_what_they_may_not_accept() -> None:
    """A constable is given tasks, not cases."""
    night = Night(with_posts(("off-9", "response_officer"))).report()
    with pytest.raises(Refused, match="off-9 is on duty as response officer") as refusal:
        night.says("insp-a", "delegated", to="off-9", reason="at court")
    assert refusal.value.rule == "permission"


def test_a_constables_raise_takes_effect_and_stays_to_be_confirmed() -> None:
    """Nothing waits for a rank where somebody may be in danger; that it is to be confirmed stands on the record."""
    night = Night(with_posts(("off-9", "response_officer"))).report().forget()
    night.says("off-9", "risk_set", level="high", rationale="no medication")
    assert night.case.risk is Risk.HIGH
    (line,) = [entry for entry in night.entries if entry.kind == "risk"]
    assert line.body["to_confirm"] is True
    with pytest.raises(Refused) as refusal:
        night.says("off-9", "risk_set", level="medium", rationale="found")
    assert refusal.value.rule == "downgrade_rank", "where a rank lacks, the rank is named"


def test_the_first_risk_below_what_the_timers_run_as_takes_a_role() -> None:
    """A constable's low is refused while nobody has set it; a call handler's stands, provisionally."""
    night = Night(with_posts(("off-9", "response_officer"), ("ch-9", "call_handler"))).report(risk=None)
    night.forget()
    with pytest.raises(Refused) as refusal:
        night.says("off-9", "risk_set", level="low", rationale="often late")
    assert refusal.value.rule == "permission"
    assert night.says("ch-9", "risk_set", level="low", rationale="often late").case.risk in (Risk.LOW, Risk.MEDIUM)
