"""A story played through by policy alone: what was said until its end, and nothing for ever."""

from datetime import timedelta

import pytest

from policy import decide as deciding
from policy import play as playing
from policy.case import Case
from policy.facts import read_fact
from policy.intents import Outcome
from policy.pack import Pack
from policy.play import Said, Story, play
from policy.report import read_report
from policy.roster import Roster
from tests.policy.night import NOTIFY, a_record, at, pack, staff


def story(*said: Said, minutes: int = 60) -> Story:
    """Tell the standard evening, with what was said, for so long."""
    report = read_report(a_record(), at("19:00"), pack().areas)
    return Story("MP-2026-000001", report, at("19:00"), said, at("19:00") + timedelta(minutes=minutes))


def said(when: str, kind: str, by: str, **evidence: object) -> Said:
    """Say something."""
    return Said(at(when), (read_fact({"kind": kind, "by": by, "evidence": evidence}),))


def test_what_was_said_after_the_end_is_left_out() -> None:
    """The case stands as it stood at the end of the story; what is refused is put down as refused."""
    heard = play(story(said("19:05", "acknowledged", "insp-a"), said("21:00", "accepted", "insp-a")), pack(), _staff)
    assert heard.case.owner is None
    assert heard.case.step(NOTIFY) is not None
    refused = play(story(said("19:05", "acknowledged", "nobody-1")), pack(), _staff)
    assert [str(error) for _, error in refused.refused] == ["nobody-1 is not on the roster"]
    assert [at_ for at_, tell in refused.tells if tell.rung == 1 and tell.step == NOTIFY] == [at("19:20")]


def test_a_case_that_would_be_woken_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a decision to leave the wake where it is, a year of cases would still be played to its end."""

    def nothing(case: Case, _pack: Pack, _roster: Roster, _now: object) -> Outcome:
        return Outcome(case, changed=False)

    monkeypatch.setattr(playing, "decide", nothing)
    assert play(story(), pack(), _staff).case.step(NOTIFY) is not None
    assert deciding.decide is not nothing


def _staff(_at: object) -> Roster:
    return staff()
