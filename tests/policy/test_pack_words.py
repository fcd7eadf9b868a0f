"""The words of the main line in a pack: series, set times, steps asked each time, named ladders and forms, rest."""

import pytest

from policy.pack import Addressee, Evidence, Inactive
from policy.spans import Span
from policy.terms import Anchor, Rank, Risk, Role
from tests.policy.night import MAIN_LINE, PACKS, pack
from tests.policy.test_pack_grammar import HEAD, faults_of, read, task

LADDER = "[[ladders.up]]\nrole = 'duty_chief_inspector'\n[[ladders.up]]\nrole = 'chief_officer'\nrisks = ['high']\n"
REVIEW = "[[forms.look]]\nname = 'decision'\ntitle = 'Decision'\ntype = 'long'\n"
RUNGS = 'ladder = [{ role = "analyst" }]\n'
CHOICE = 'evidence = [{ name = "a", title = "A", type = "choice", choices = ["x", "y"] }]'


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        (task(more="at_anchor = true"), "search", "at_anchor is due at its anchor; take due, every and series out"),
        (task(without="due", more="at_anchor = true\n" + RUNGS), "search", "rung_every is missing"),
        (task(without="due", more='series = ["28d"]\n' + RUNGS), "search", "rung_every is missing"),
        (task(more='each_time = true\nevery = "1h"'), "search", "each_time and every do not go together"),
        (task(without="due", more='each_time = true\nseries = ["1h"]'), "search", "each_time and every do not go"),
        (task(more='every = { high = "1h" }'), "search", "due names levels that every has not"),
        (task(more='opens_before = "soon"'), "search.opens_before", "'soon' is not a span"),
        (task(more='rung_every = "never"'), "search.rung_every", "'never' is not a span"),
        (task(more="warn_at = [0]"), "search.warn_at", "greater than or equal"),
        (task(more='at_anchor = "yes please"'), "search.at_anchor", "valid boolean"),
        (task(more='each_time = "yes please"'), "search.each_time", "valid boolean"),
        (task(more='ladder = "up"'), "search.ladder", "there is no ladder 'up'"),
        (task(more='evidence = "look"'), "search.evidence", "there is no evidence 'look'"),
        (task(more=CHOICE.replace(', choices = ["x", "y"]', "")), "search.evidence", "choices and type = 'choice'"),
        (task(more=CHOICE.replace('"choice"', '"text"')), "search.evidence", "choices and type = 'choice'"),
        (task(more=CHOICE.replace('"choice"', '"tick"')), "search.evidence", "Input should be"),
        (
            task(more='evidence = [{ name = "a", title = "A", sets = "next_review" }]'),
            "search.evidence",
            "only an instant sets an anchor",
        ),
        (
            task(more='evidence = [{ name = "a", title = "A", type = "instant", sets = "noon" }]'),
            "search.evidence",
            "Input should be",
        ),
        (
            task(more='evidence = [{ name = "a", title = "A", role = "missing_officer" }]'),
            "search.evidence",
            "only a person holds a role",
        ),
        (
            task(more='evidence = [{ name = "a", title = "A", may_be_none = true }]'),
            "search.evidence",
            "only spaces may",
        ),
        (
            task(more='evidence = [{ name = "a", title = "A", yes = "counts_as_missing" }]'),
            "search.evidence",
            "only a yes brings something about",
        ),
        ("warn_at = [120]\n" + task(), "warn_at", "less than or equal"),
        ('[inactive]\nwithin = "soon"\n' + task(), "inactive.within", "'soon' is not a span"),
        ('[inactive]\nrank = "king"\n' + task(), "inactive.rank", "Input should be"),
        ('[inactive]\nsenior_when = "28d"\n' + task(), "inactive.senior_when", "not permitted"),
    ],
)
def test_each_fault_of_the_new_words_names_its_place(text: str, field: str, message: str) -> None:
    """File, step and field, what is wrong there and what to do."""
    found = faults_of(text)
    assert any(f.field.startswith("trial.toml") and field in f.field and message in f.message for f in found), found


def test_a_ladder_or_a_form_that_is_named_and_not_there_lists_those_that_are() -> None:
    """The remedy is the pack's own list."""
    (ladder,) = faults_of(LADDER + task(more='ladder = "pu"'))
    (form,) = faults_of(task(more='evidence = "look"'))
    assert ladder.remedy == "write a [[ladders.pu]] table, or use one of: none, up"
    assert form.remedy == "write a [[forms.look]] table, or use one of: none there yet"


def test_a_step_climbs_a_ladder_and_asks_a_form_that_the_pack_names() -> None:
    """Written once, used by all that name it."""
    rule = read(LADDER + REVIEW + task(more='ladder = "up"\nevidence = "look"')).steps["search"]
    assert [to.role for to in rule.ladder] == [Role.DUTY_CHIEF_INSPECTOR, Role.CHIEF_OFFICER]
    assert [n for n, _ in rule.rungs(Risk.LOW)] == [1]
    assert rule.evidence == (Evidence("decision", "Decision", "long"),)


def test_the_new_words_are_read() -> None:
    """Each with its plain meaning."""
    more = 'opens_before = "10m"\nrung_every = { high = "5m", low = "-" }\noutlives_closure = true\nfirst = "30m"\n'
    field = 'evidence = [{ name = "review_at", title = "When", type = "instant", sets = "next_review" }]'
    rule = read(task(more=more + field)).steps["search"]
    assert (rule.opens_before, rule.first, rule.outlives_closure) == (Span.parse("10m"), Span.parse("30m"), True)
    assert rule.rung_every == {Risk.HIGH: Span.parse("5m")}
    assert rule.evidence[0].sets is Anchor.NEXT_REVIEW
    assert (rule.at_anchor, rule.each_time, rule.repeats) == (False, False, False)


def test_a_step_that_is_due_at_its_anchor_is_asked_for_at_every_level() -> None:
    """It has no numbers that a level could lack."""
    rule = read(task(without="due", more="at_anchor = true")).steps["search"]
    assert all(rule.applies(risk) for risk in Risk)


def test_a_step_asks_the_owner_first() -> None:
    """Whoever has accepted, else who holds the role."""
    rule = read(task(more='tells = [{ role = "duty_inspector", owner = true }]')).steps["search"]
    assert rule.tells == (Addressee(Role.DUTY_INSPECTOR, owner=True),)


@pytest.mark.parametrize(
    ("head", "step", "warns"),
    [
        ("", "", ()),
        ("warn_at = [80, 50]\n", "", (50, 80)),
        ("warn_at = [50]\n", "warn_at = []", ()),
        ("", "warn_at = [90]", (90,)),
    ],
)
def test_when_a_step_warns(head: str, step: str, warns: tuple[int, ...]) -> None:
    """The pack's word, or the step's own; none where neither says."""
    assert read(head + task(more=step)).steps["search"].warn_at == warns


@pytest.mark.parametrize("kind", ["notify", "watch", "periodic"])
def test_who_is_reminded_anyway_is_not_warned(kind: str) -> None:
    """Nor who is asked nothing until it lapses."""
    more = f'kind = "{kind}"\nretry = "3m"\ntells = [{{ role = "analyst" }}]\n'
    assert read("warn_at = [50]\n" + task(without="kind", more=more + RUNGS)).steps["search"].warn_at == ()


def test_when_a_case_may_rest() -> None:
    """What a pack leaves out is as the baseline has it; a dash takes the bound away."""
    assert read(task()).inactive == Inactive()
    own = read('[inactive]\nwithin = { low = "3d" }\nsenior_after = "7d"\nsenior_rank = "chief_inspector"\n' + task())
    assert own.inactive == Inactive(
        {Risk.LOW: Span.parse("3d")}, Rank.INSPECTOR, Span.parse("7d"), Rank.CHIEF_INSPECTOR
    )


def test_a_pack_changes_one_number_of_its_parents_rest() -> None:
    """The others stay."""
    within = pack(more='[inactive]\nwithin = { high = "12h" }\n').inactive.within
    assert (str(within[Risk.HIGH]), str(within[Risk.MEDIUM])) == ("12h", "1d")


def test_a_broken_head_does_not_blame_the_named_parts() -> None:
    """A form that could not be read is not one that is missing."""
    found = faults_of(task(more='evidence = "look"'), HEAD + "[[forms.look]]\nname = 'a'\ntitle = 'A'\ntype = 'tick'\n")
    assert {fault.field for fault in found} == {"trial.toml.forms.look.0.type"}


# The main line's numbers, `VL L M H`, as domain 8.2 has them; reviews and watches by their interval.
@pytest.mark.parametrize("name", MAIN_LINE)
@pytest.mark.parametrize(
    ("key", "anchor", "word", "spans"),
    [
        ("set_review_time", "risk_set", "due", "15m 15m 15m 15m"),
        ("deploy_and_attend", "risk_set", "due", "- 8h 1h 15m"),
        ("unresourced_reassessment", "risk_set", "every", "- 4h 1h 15m"),
        ("no_activity_watch", "last_investigative_entry", "due", "1d 12h 4h 1h"),
        ("search_home", "attended", "due", "- 12h 4h 1h"),
        ("search_verified", "searched", "due", "2h 2h 2h 2h"),
        ("create_case_record", "call_received", "due", "1h 1h 30m 15m"),
        ("media_and_cra_decision", "risk_set", "due", "- - 12h 1h"),
        ("comms_data_analysed", "obtained", "due", "- - 1d 4h"),
        ("national_circulation", "call_received", "due", "1d 12h 4h 1h"),
        ("identification_samples", "call_received", "due", "28d 28d 7d 2d"),
        ("chief_officer_briefed", "call_received", "due", "- - 14d 3d"),
        ("supervisor_first_review", "cms_created", "due", "8h 4h 2h 1h"),
        ("update_reporter", "last_contact", "due", "1d 1d 12h 4h"),
        ("reassess_on_new_information", "new_info", "due", "4h 2h 1h 15m"),
        ("sergeant_review", "call_received", "every", "1d 1d 8h 4h"),
        ("inspector_review", "call_received", "every", "3d 1d 12h 8h"),
        ("detective_review", "risk_set", "due", "- 7d 1d 4h"),
        ("detective_review", "risk_set", "every", "- 7d 2d 1d"),
        ("superintendent_review", "call_received", "due", "- 14d 3d 1d"),
        ("superintendent_review", "call_received", "every", "- 28d 7d 2d"),
        ("verify_seen", "found_reported", "due", "1d 12h 4h 1h"),
        ("prevention_interview", "returned", "due", "2d 1d 1d 4h"),
        ("rhi_request", "returned", "due", "4h 4h 4h 4h"),
        ("rhi_outcome", "returned", "due", "3d 3d 3d 3d"),
        ("cancel_circulation", "verified_seen", "due", "1h 1h 1h 1h"),
        ("closure_sign_off", "prevention_interview_done", "due", "1d 1d 1d 1d"),
        ("closed_case_watch", "closed_case_contact", "due", "30m 30m 30m 30m"),
    ],
)
def test_the_numbers_of_the_main_line(name: str, key: str, anchor: str, word: str, spans: str) -> None:
    """Anchor and span per level."""
    rule = pack(name).steps[key]
    asked = dict(zip(Risk, spans.split(), strict=True))
    assert rule.anchor == anchor
    assert {risk: str(span) for risk, span in getattr(rule, word).items()} == {
        risk: span for risk, span in asked.items() if span != "-"
    }


@pytest.mark.parametrize("name", PACKS)
def test_the_statutory_ceiling_of_the_return_home_interview(name: str) -> None:
    """72 hours, whatever a force writes (W23)."""
    rule = pack(name).steps["rhi_outcome"]
    assert (str(rule.ceiling), rule.outlives_closure) == ("3d", True)
