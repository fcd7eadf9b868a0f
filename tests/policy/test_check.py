"""The proof of a pack: sound packs pass it; each planted fault is caught, with a case that can be played again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

import policy
from policy import check_moves as moves
from policy import check_rules as rules
from policy.case import Case, Step
from policy.check import Checked, check
from policy.check_focus import Focus, focuses
from policy.check_moves import FELT, MOVED
from policy.check_search import Node, Search
from policy.conditions import LETS_GO
from policy.lint_scene import INSTANTS, Profile
from policy.lint_words import scene_words
from policy.pack import Pack
from policy.pack_parse import build, parse, read_raw
from policy.play import Played, play
from policy.record_terms import AgeBand
from policy.spans import Span
from policy.standing_roster import StandingRoster
from policy.terms import Anchor, CaseStatus, Condition, Risk, Role, StepStatus

PLANTED = Path(__file__).parent / "packs"
SHIPPED = sorted((Path(policy.__file__).parent / "packs").glob("*.toml"))
BOUND = 1_500  # the whole of it is behind the command
AT = INSTANTS[0]


@cache
def texts() -> dict[str, str]:
    """Give every pack as TOML, shipped and planted."""
    return {file.stem: file.read_text(encoding="utf-8") for file in (*SHIPPED, *PLANTED.glob("*.toml"))}


@pytest.mark.parametrize("name", [file.stem for file in SHIPPED])
def test_a_shipped_pack_is_sound(name: str) -> None:
    """Within a small bound no case is forgotten, silent, late beyond a ceiling, asked of nobody or closed unseen."""
    heard: list[tuple[int, int]] = []
    found = check(parse(name, texts()), BOUND, lambda done, of: heard.append((done, of)))
    assert found.faults == ()
    assert found.states >= BOUND
    assert found.depth >= 6
    assert heard[-1] == (found.searches, found.searches)
    assert f"of {found.searches} searches came to their end" in found.bound()


FAULTS = {
    "an_adult_at_rest_is_forgotten": ("forgotten", None, "no deadline to come", "the case is inactive, nothing is due"),
    "what_nothing_sets": ("never", "comms_data_analysed", "counts from `obtained`, which nothing", "in none of"),
    "a_neighbour_of_nobody": ("nobody", "notify_local_supervisor", "The Island has no neighbours", "rung 2 is told"),
    "late_by_its_hours": ("ceiling", "ukmpu_notification", "above its ceiling of 72 hours", "it is due at 06:00"),
    "closed_unseen": ("unseen", None, "closed though nobody has seen the person", "nobody has seen the person"),
    "an_offer_without_a_ladder": ("silent", "named_owner_accepts", "nobody but who was asked", "no rung is left"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(name: str) -> None:
    """It is the one fault that is found; its story, played again, ends where the example says."""
    kind, step, fault, example = FAULTS[name]
    bound = 2 * BOUND if kind == "unseen" else BOUND  # a closure is a long way
    (found,) = check(parse(name, texts()), bound).faults
    assert (found.kind, found.step) == (kind, step)
    assert fault in found.fault
    assert example in found.example
    if found.story is None or found.pack is None:
        assert kind == "never"  # of what never happens there is no story
        return
    played = play(found.story, found.pack, StandingRoster(tuple(found.pack.areas), tuple(found.pack.forces)))
    assert played.refused == []
    assert ENDS[kind](played)


def _is_told_to_nobody(played: Played) -> bool:
    return any(entry.kind == "chosen" and entry.body["chosen"] is None for _, entry in played.entries)


def _is_left(played: Played) -> bool:
    return any(step.status is StepStatus.OVERDUE and step.wakes_at is None for step in played.case.steps)


def _is_late(played: Played) -> bool:
    steps = [step for step in played.case.steps if step.key == "ukmpu_notification"]
    return any(s.due_at and s.anchor_at and s.due_at - s.anchor_at > timedelta(hours=72) for s in steps)


ENDS = {
    "forgotten": lambda played: not played.case.live_steps() and played.case.status is CaseStatus.INACTIVE,
    "nobody": _is_told_to_nobody,
    "ceiling": _is_late,
    "unseen": lambda played: played.case.closed and Anchor.VERIFIED_SEEN not in played.case.anchors,
    "silent": _is_left,
}


# --- a small pack, of which every state can be seen

SMALL = """
title = "Small"
[inactive]
within = { very_low = "28d", low = "7d", medium = "24h", high = "24h" }
[steps.tell]
title  = "Tell the inspector"
stage  = "notify"
kind   = "notify"
anchor = "cms_created"
due    = "10m"
retry  = "5m"
tells  = [{ role = "duty_inspector" }]
ladder = [{ role = "force_incident_manager" }]
basis  = { rule = "CHOSEN", time = "CHOSEN" }
[steps.look]
title  = "Look again"
stage  = "review"
kind   = "review"
anchor = "call_received"
every  = "4h"
actor  = "response_sergeant"
ladder = [{ role = "duty_inspector" }]
basis  = { rule = "CHOSEN", time = "CHOSEN" }
"""
STEP = """
[steps.odd]
title  = "An odd step"
stage  = "respond"
kind   = "task"
actor  = "response_sergeant"
ladder = [{ role = "duty_inspector" }]
basis  = { rule = "CHOSEN", time = "CHOSEN" }
"""


def small(*extra: str) -> Pack:
    """Give the small pack with more at its end."""
    name = "small"
    return build(name, read_raw(name, {name: SMALL + "".join(extra)}))


def found_in(*extra: str, states: int = 700) -> Checked:
    """Check the small pack with an odd step in it."""
    return check(small(STEP, *extra), states)


def test_a_search_that_came_to_its_end() -> None:
    """Where every state was seen the bound says so, and names nothing that it has left out."""
    assert Checked((), 90, 9, 3, (), ()).bound() == "3 of 3 searches came to their end."
    focus = next(focus for focus in focuses(small()) if focus.step == "tell")
    search = Search(focus, 2_000, StandingRoster(()))
    assert len(list(search.run())) == search.states < 2_000
    assert search.ended


def test_a_bound_says_what_it_has_ended() -> None:
    """A few searches are named, and the steps that none of their states asked for."""
    found = found_in('anchor = "next_review"\ndue = "1h"\nwhen = ["closed_case"]\n', states=60)
    assert "ended by the bound: " in found.bound()
    assert "asked for in no state within it: An odd step" in found.bound()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('anchor = "obtained"\ndue = "1h"\n', "it counts from `obtained`, which nothing in the pack sets"),
        (
            'anchor = "call_received"\ndue = "1h"\nwhen = ["under_18", "adult"]\n',
            "it asks for adult, which never holds",
        ),
    ],
)
def test_what_never_comes_due(words: str, said: str) -> None:
    """A step for which no state ever asks is found, with what it waits for in vain."""
    (found,) = found_in(words).faults
    assert (found.kind, found.step, found.story) == ("never", "odd", None)
    assert said in found.fault


def test_a_role_that_is_never_on_duty() -> None:
    """A rung of somebody who has no duties is a rung that nobody can hold; so is one in an area without anybody."""
    auditor = 'anchor = "call_received"\ndue = "1h"\n'
    pack = small(STEP.replace('"duty_inspector"', '"auditor"'), auditor)
    (found,) = check(pack, 400).faults
    assert found.fault == "Rung 1 of “An odd step” goes to nobody: no auditor is ever on duty."
    other = small(STEP.replace('role = "duty_inspector"', 'role = "duty_inspector", area = "other_force"'), auditor,
                  '[areas.north]\ntitle = "North"\n')  # fmt: skip
    assert "An odd step” goes to nobody: " in check(other, 400).faults[0].fault


def test_a_series_beyond_its_ceiling() -> None:
    """Of a series each occurrence counts from the one before; a named override lets it be."""
    words = 'anchor = "call_received"\nevery = "48h"\nfirst = "4h"\nceiling = "24h"\n'
    step = STEP.replace('"task"', '"review"')
    (found,) = check(small(step, words), 400).faults
    assert "can be due 48 hours after the one before, above its ceiling of 24 hours" in found.fault
    override = '[overrides.odd]\nby = "supt-1"\nreason = "Until the new unit is there"\n'
    assert check(small(step, words, override), 400).faults == ()


# --- its parts


def test_conditions_that_never_meet() -> None:
    """Where each of them holds at some time, all are named; a step without any is not asked for by its level."""
    rule = small(STEP, 'anchor = "call_received"\ndue = "1h"\nwhen = ["closed_case", "still_missing"]\n').steps["odd"]
    words = frozenset({Condition.CLOSED_CASE, Condition.STILL_MISSING})
    seen = rules.Reached(rule, anchored=True, held=words)
    assert seen.lacks() == "closed case and still missing never holds when it could be due"
    alone = rules.Reached(replace(rule, when=()), anchored=True)
    assert alone.lacks() == "its level never holds when it could be due"


def a_node(pack: Pack, case: Case) -> Node:
    """Give a state as a rule sees it."""
    profile = Profile(Risk.MEDIUM, AgeBand.B25_64, AT, AT)
    return Node(Focus(None, pack, (), ()), profile, None, Played(case), AT)


def test_a_live_step_without_a_deadline_is_silence() -> None:
    """Time brings nothing of it, so that nobody hears."""
    case = Case("MP-1", "small", 1, None, AgeBand.B25_64, steps=(Step("look"),))
    (hit,) = rules.silent(a_node(small(), case))
    assert hit.then == "no deadline, and no rung is left to be told"


def test_nobody_in_an_area() -> None:
    """Where neither the role nor the neighbours are to blame, the areas are named."""
    said = rules._why_nobody(Role.DUTY_INSPECTOR, ["north", "south"], small(), None)
    assert said == "no Duty inspector is on duty in north and south"


def test_somebody_reported_before() -> None:
    """A re-report is told as one."""
    profile = Profile(Risk.MEDIUM, AgeBand.B25_64, AT, AT, again=True)
    assert ", of whom there was a case before, reported at" in scene_words(profile, small())


def test_whatever_changes_in_a_case_is_played() -> None:
    """A condition or an anchor that a search cannot bring about would hide every step that waits for it."""
    of_the_record = {Condition.RE_REPORT, Condition.PHONE_KNOWN}
    assert set(LETS_GO) - of_the_record <= set(FELT)
    by_forms = {Anchor.OBTAINED, Anchor.SEARCHED}
    assert set(Anchor) - by_forms <= MOVED


def nodes(pack: Pack, step: str | None, states: int = 90) -> Iterator[Node]:
    """Search one step of a pack."""
    focus = next(focus for focus in focuses(pack) if focus.step == step)
    return Search(focus, states, StandingRoster(tuple(pack.areas), tuple(pack.forces))).run()


def test_each_state_is_told_once_and_can_be_played_again() -> None:
    """The story of a state leads to it."""
    pack = parse("staffordshire", texts())
    for step in (None, "closed_case_watch", "transfer_to_force", "search_remaining_spaces"):
        known = set()
        for node in nodes(pack, step):
            assert (node.profile.recorded_at, node.sign) not in known
            known.add((node.profile.recorded_at, node.sign))
            story = node.story()
            assert story.until == node.at
            if node.depth < 6:
                rosters = StandingRoster(tuple(pack.areas), tuple(pack.forces))
                assert play(story, node.focus.pack, rosters).case == node.case


def test_a_case_that_nobody_may_decide_is_left_alone() -> None:
    """Moves that make no sense in a state have no way: no force to take, no level above the highest."""
    pack = small()
    case = Case("MP-1", "small", 1, None, AgeBand.B25_64, risk=Risk.HIGH)
    here = moves.Here(case, pack, StandingRoster(()), AT)
    assert moves.LIFE["take"](here) == ()
    assert moves.LIFE["offer"](here) == ()
    assert moves.LIFE["raise"](here) == ()
    assert moves.LIFE["rest"](replace(here, pack=replace(pack, inactive=replace(pack.inactive, within={}))))
    assert Span.parse("12h") == moves.REST
