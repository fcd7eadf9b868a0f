"""The grammar of packs: every fault at once, each with file, step, reason and remedy; inheritance; ceilings."""

import pytest

from policy.errors import Fault
from policy.pack import Addressee, Pack
from policy.pack_parse import PackInvalid, case_steps, parse
from policy.spans import Span
from policy.terms import FactKind, Risk, Role
from tests.policy.night import texts

HEAD = 'pack = "trial"\ntitle = "Trial"\n'
TASK = """
[steps.{key}]
title = "A task"
stage = "respond"
kind = "task"
anchor = "call_received"
due = "1h"
actor = "response_sergeant"
basis = {{ rule = "SOURCED(W5)", time = "CHOSEN" }}
"""


def task(key: str = "search", more: str = "", *, without: str = "") -> str:
    """Write a sound task, with more lines, or without one of its own."""
    lines = TASK.format(key=key).splitlines()
    return "\n".join([*(line for line in lines if not without or not line.startswith(without)), more, ""])


def read(text: str, head: str = HEAD) -> Pack:
    """Parse a pack that inherits from nobody unless it says so."""
    return parse("trial", {**texts(), "trial": head + text})


def faults_of(text: str, head: str = HEAD) -> list[Fault]:
    """Parse a pack that has faults, and give them."""
    with pytest.raises(PackInvalid) as refusal:
        read(text, head)
    assert all(fault.remedy for fault in refusal.value.faults)
    return list(refusal.value.faults)


def test_a_sound_task_is_read() -> None:
    """What is left out has its plain meaning."""
    rule = read(task()).steps["search"]
    assert (rule.act, rule.awaits, rule.ask) == ("A task", "a task", "A task")
    assert rule.due == dict.fromkeys(Risk, Span.parse("1h"))
    assert rule.actor == dict.fromkeys(Risk, Role.RESPONSE_SERGEANT)
    assert (rule.done_by, rule.ladder, rule.waivable) == ((FactKind.STEP_COMPLETED,), (), True)


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        (task(without="title"), "search.title", "Field required"),
        (task(without="basis"), "search.basis", "Field required"),
        (task(without="due"), "search", "say by when"),
        (task(without="actor"), "search", "a step belongs to a role"),
        (task(more='dew = "1h"'), "search.dew", "not permitted"),
        (task(without="due", more="due = 10"), "search.due", "valid dictionary"),
        (task(without="due", more='due = "soon"'), "search.due.medium", "'soon' is not a span"),
        (task(without="due", more="due = { medium = 5 }"), "search.due.medium", "'5' is not a span"),
        (task(without="due", more='due = { huge = "5m" }'), "search.due.huge", "Input should be"),
        (task(without="due", more='due = "-"'), "search", "say by when"),
        (task(without="stage", more='stage = "lunch"'), "search.stage", "Input should be"),
        (task(without="anchor", more='anchor = "whenever"'), "search.anchor", "Input should be"),
        (task(without="kind", more='kind = "chore"'), "search.kind", "Input should be"),
        (task(without="actor", more='actor = "duty_wizard"'), "search.actor", "Input should be"),
        (task(more='when = ["full_moon"]'), "search.when", "Input should be"),
        (task(more='gate = ["pearly"]'), "search.gate", "Input should be"),
        (task(more='done_by = ["wished"]'), "search.done_by", "Input should be"),
        (task(more='guidance_link = "http://unsafe.example"'), "search.guidance_link", "should match pattern"),
        (task(more='at_local = "25:00"'), "search.at_local", "should match pattern"),
        (task(more="warn_at = [100]"), "search.warn_at", "less than or equal"),
        (task(more='then_every = "1mo"'), "search", "then_every needs a series"),
        (task(more='ceiling = "30m"'), "search", "is above the ceiling 30m"),
        (task(more='ladder = "default"'), "search.ladder", "there is no ladder 'default'"),
        (task(more='ladder = [{ role = "analyst", area = "mars" }]'), "search", "tells area 'mars'"),
        (task(more='ladder = [{ role = "analyst", risks = [] }]'), "search.ladder", "at least 1 item"),
        (task(more='evidence = [{ name = "Who?", title = "Who" }]'), "search.evidence", "should match pattern"),
        (task(without="basis", more='basis = { rule = "GUESSED", time = "CHOSEN" }'), "basis.rule", "is no basis"),
        (task(without="kind", more='kind = "notify"'), "search", "needs tells and retry"),
        (task(without="kind", more='kind = "notify"'), "search", "needs a ladder"),
        (
            task(without="kind", more='kind = "review"'),
            "search",
            "a review needs every, series, at_anchor or each_time",
        ),
        ('[areas.a]\ntitle = "A"\nneighbours = ["b"]' + task(), "areas.a.neighbours", "'b' is not an area"),
        ("[labels.roles]\nking = 'King'" + task(), "labels.roles.king", "Input should be"),
        ("colour = 'blue'" + task(), "colour", "not permitted"),
        ("", "steps", "holds no step"),
        ("steps = 5", "steps", "holds no step"),
        ("[[steps]]\ntitle = 'One of a list'", "steps", "holds no step"),
        ("[steps]\nsearch = 5", "steps.search", "valid dictionary"),
    ],
)
def test_each_kind_of_fault_names_its_place(text: str, field: str, message: str) -> None:
    """File, step and field, and what is wrong there."""
    found = faults_of(text)
    assert any(f.field.startswith("trial.toml") and field in f.field and message in f.message for f in found), found


def test_every_fault_is_reported_at_once() -> None:
    """Nobody mends a pack one error at a time."""
    broken = (
        task("one", without="title")
        + task("two", more='dew = "5m"\nceiling = "30m"')
        + task("three", without="due", more='due = { low = "x", high = "y" }')
        + '\n[areas.a]\ntitle = "A"\nneighbours = ["b"]'
        + "\n[labels.roles]\nking = 'King'"
    )
    places = {fault.field for fault in faults_of(broken)}
    assert {
        "trial.toml: steps.one.title",
        "trial.toml: steps.two.dew",
        "trial.toml: steps.three.due.low",
        "trial.toml: steps.three.due.high",
    } <= places
    assert any("labels.roles.king" in place for place in places)


def test_one_step_tells_all_its_contradictions() -> None:
    """Faults that only show when a step is seen as a whole stand in one message."""
    (fault,) = faults_of(task(without="due", more='then_every = "1d"'))
    assert "say by when" in fault.message
    assert "then_every" in fault.message


def test_a_broken_head_does_not_blame_the_steps() -> None:
    """A default ladder that could not be read is not a ladder that is missing."""
    found = faults_of(task(more='ladder = "default"'), HEAD + "[[ladders.default]]\nrole = 'duty_wizard'\n")
    assert {fault.field for fault in found} == {"trial.toml.ladders.default.0.role"}


@pytest.mark.parametrize(
    ("word", "remedy"), [("retri", "did you mean retry?"), ("zzz", "take it out; a pack holds only known words")]
)
def test_an_unknown_word_is_guessed(word: str, remedy: str) -> None:
    """Where a known word is near, the remedy names it."""
    (fault,) = faults_of(task(more=f'{word} = "5m"'))
    assert fault.remedy == remedy


@pytest.mark.parametrize("ceiling", ["1h", "60m", "2h"])
def test_a_number_may_reach_its_ceiling(ceiling: str) -> None:
    """Only what is above it is refused."""
    assert read(task(more=f'ceiling = "{ceiling}"')).steps["search"].ceiling == Span.parse(ceiling)


def test_a_dash_takes_a_level_out() -> None:
    """`-` is not required; the others stay."""
    rule = read(task(without="due", more='due = { very_low = "-", low = "-", medium = "1h", high = "15m" }')).steps[
        "search"
    ]
    assert [rule.applies(risk) for risk in Risk] == [False, False, True, True]


def test_the_default_ladder_is_the_packs_own() -> None:
    """A step that says `default` climbs what the pack says once for all; `none` climbs nothing."""
    ladders = """
[[ladders.default]]
role = "force_incident_manager"
ask = "Call"
[[ladders.default]]
role = "chief_officer"
risks = ["high"]
"""
    pack = read(task(more='ladder = "default"') + task("other", more='ladder = "none"'), HEAD + ladders)
    fim = Addressee(Role.FORCE_INCIDENT_MANAGER, "case", "Call")
    assert pack.steps["search"].rungs(Risk.LOW) == ((1, fim),)
    assert [number for number, _ in pack.steps["search"].rungs(Risk.HIGH)] == [1, 2]
    assert pack.steps["other"].ladder == ()


@pytest.mark.parametrize("key", ["notify_local_supervisor", "verify_seen", "prevention_interview"])
def test_some_steps_are_never_waived_whatever_a_pack_says(key: str) -> None:
    """No pack can take out what this system exists for."""
    assert not read(task(key, more="waivable = true")).steps[key].waivable


def test_periodic_steps_belong_to_the_force_and_not_to_a_case() -> None:
    """A briefing at 08:30 is no step of anybody's case."""
    periodic = task("briefing", without="kind", more='kind = "periodic"\nat_local = "08:30"')
    assert [rule.key for rule in case_steps(read(task() + periodic))] == ["search"]
