"""A pack of the force's own that reads as sound and would tell nobody, close on nothing, or rest for years."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from policy.errors import Refused
from policy.pack import Pack
from policy.pack_parse import PackInvalid
from store.packs import load_packs
from tests.policy.night import Night, round_the_clock, texts


def pack_of(home: Path, text: str) -> Pack:
    """Put a pack into a home and load it as Vigil does at its start; raises PackInvalid."""
    (home / "packs").mkdir()
    (home / "packs" / "own.toml").write_text(text, encoding="utf-8")
    return load_packs(home)["own"]


def changed(step: str, words: str) -> str:
    """Give a pack that inherits from Staffordshire's and changes one step."""
    return f'pack = "own"\ninherits = "staffordshire"\ntitle = "Own"\n[steps.{step}]\n{words}\n'


def without(table: str) -> str:
    """Give a pack that inherits from none: the baseline, with one of its tables left out."""
    text = texts()["uk_app_baseline"].replace('pack    = "uk_app_baseline"', 'pack    = "own"')
    kept = re.sub(rf"^\[{re.escape(table)}\]\n(?:(?!\[).*\n)*", "", text, flags=re.M)
    assert kept != text
    return kept + '\n[areas.stoke]\ntitle = "Stoke"\n'


@pytest.mark.parametrize("gate", ["[]", '["rationale"]'])
def test_no_pack_closes_on_less_than_seen_and_another_hand(tmp_path: Path, gate: str) -> None:
    """Located, well-being, not the hand that asked: whatever a pack's gate leaves out (contract section 5, S4)."""
    try:
        rules = pack_of(tmp_path, changed("closure_sign_off", f"gate = {gate}"))
        night = Night(round_the_clock(), rules).report().until("20:00")
        night.says("sgt-s", "closure_requested", rationale="no more to do")
        night.says("sgt-s", "closure_signed", rationale="no more to do")
    except (PackInvalid, Refused):
        return
    pytest.fail("closed while nobody had seen the person, by the hand that asked")


@pytest.mark.parametrize(
    "step", ["notify_local_supervisor", "named_owner_accepts", "closure_sign_off", "review_at_set_time"]
)
def test_a_pack_that_cannot_tell_own_rest_or_close_is_refused(tmp_path: Path, step: str) -> None:
    """A force that writes its own pack hears at the start what it has forgotten, not when somebody is missing."""
    with pytest.raises(PackInvalid):
        pack_of(tmp_path, without(f"steps.{step}"))


def test_a_pack_without_its_bounds_of_rest_lets_no_case_rest_for_years(tmp_path: Path) -> None:
    """`[inactive]` left out is no permission to look again in twenty years."""
    try:
        night = Night(round_the_clock(), pack_of(tmp_path, without("inactive"))).report().until("20:00")
        review_at = night.now + timedelta(days=7_000)
        night.says("insp-a", "inactive_requested", rationale="no lines left", next_review_at=review_at.isoformat())
    except (PackInvalid, Refused):
        return
    pytest.fail("the case rests for twenty years")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("shift_handover", 'due = "60m"'),  # it would be offered when its owner has gone
        ("notify_local_supervisor", 'done_by = ["note"]'),  # anybody's note would acknowledge it
        ("notify_local_supervisor", 'kind = "periodic"'),  # no case would have it
        ("notify_local_supervisor", 'anchor = "closed"'),  # nobody would be told before it is closed
        ("notify_local_supervisor", 'due = { high = "5m" }'),  # nobody would be told of the other levels
        ("notify_local_supervisor", 'ladder = [{ role = "force_incident_manager", risks = ["low"] }]'),
        ("supervisor_first_review", 'due = "-"\nat_local = "08:30"\nkind = "task"'),  # would never be asked for
        ("sergeant_review", 'every = "1s"'),
        ("sergeant_review", 'ladder = "none"'),
    ],
)
def test_a_step_that_would_keep_silent_or_flood_is_refused(tmp_path: Path, step: str, words: str) -> None:
    """Each of these reads as a sound step, and would tell nobody, or somebody each second."""
    with pytest.raises(PackInvalid):
        pack_of(tmp_path, changed(step, words))
