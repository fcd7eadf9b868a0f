"""A force says only what differs: inheritance, its faults, and what a pack answers."""

import pytest

from policy.pack import CASE_AREA, NEIGHBOURS, Addressee
from policy.pack_parse import PackInvalid, parse
from policy.spans import Span
from policy.terms import Risk, Role
from tests.policy.night import NOTIFY, pack, texts


def fault_of(name: str, files: dict[str, str]) -> str:
    """Parse a pack that cannot be read; give its one fault as a line."""
    with pytest.raises(PackInvalid) as refusal:
        parse(name, files)
    (fault,) = refusal.value.faults
    return f"{fault.field}: {fault.message}; {fault.remedy}"


def test_a_child_changes_fields_and_keeps_the_rest() -> None:
    """A step is merged field by field; `due` is one field and is replaced as a whole."""
    base, force = pack("uk_app_baseline").steps[NOTIFY], pack().steps[NOTIFY]
    assert force.due[Risk.LOW] == Span.parse("15m")
    assert (force.tells, force.ladder, force.guidance) == (base.tells, base.ladder, base.guidance)
    changed = pack(more=f'[steps.{NOTIFY}]\ndue = {{ high = "2m" }}\n').steps[NOTIFY]
    assert changed.due == {Risk.HIGH: Span.parse("2m")}
    assert changed.title == force.title


def test_labels_areas_and_texts_are_merged_word_by_word() -> None:
    """A force's own word for one role leaves the others as they were."""
    trial = pack(more='[labels.roles]\nduty_inspector = "Duty Officer"\n[areas.stoke]\ntitle = "Stoke"\n')
    assert trial.label(Role.DUTY_INSPECTOR) == trial.short(Role.DUTY_INSPECTOR) == "Duty Officer"
    assert trial.label(Role.RESPONSE_SERGEANT) == "Area sergeant"
    assert (trial.area_title("stoke"), trial.area_title("stafford")) == ("Stoke", "Stafford")
    assert trial.areas["stoke"].neighbours == ("newcastle", "moorlands")
    assert trial.notification.who == pack().notification.who


def test_a_form_or_ladder_of_ones_own_leaves_the_others() -> None:
    """A form of the same name is replaced as a whole, any other of the parent's can still be named."""
    form = '[[forms.{}]]\nname = "only"\ntitle = "The only question"\n'
    trial = pack("uk_app_baseline", form.format("search") + '[[ladders.mine]]\nrole = "analyst"\n')
    assert [field.name for field in trial.steps["search_on_re_report"].evidence] == ["only"]
    assert trial.steps["inspector_review"].evidence == pack("uk_app_baseline").steps["inspector_review"].evidence
    assert trial.steps["inspector_review"].ladder == pack("uk_app_baseline").steps["inspector_review"].ladder


def test_a_new_step_stands_after_those_inherited() -> None:
    """The order of a pack is the order of its procedure."""
    more = (
        '[steps.extra]\ntitle = "Extra"\nstage = "review"\nkind = "task"\nanchor = "call_received"\ndue = "1d"\n'
        'actor = "analyst"\nbasis = { rule = "CHOSEN", time = "CHOSEN" }\n'
    )
    assert list(pack(more=more).steps) == [*pack().steps, "extra"]


def test_a_pack_knows_its_parent_by_name() -> None:
    """And its own name is that of its file."""
    assert (pack().name, pack().inherits) == ("staffordshire", "uk_app_baseline")
    assert pack("uk_app_baseline").inherits is None


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        ("stafordshire", {}, "stafordshire.toml: does not exist; did you mean staffordshire?"),
        ("xyz", {}, "use one of: derbyshire_mpt, metropolitan, staffordshire, uk_app_baseline"),
        ("a", {"a": 'inherits = "b"'}, "b.toml: does not exist (inherited by a)"),
        ("a", {"a": 'inherits = "a"'}, "a.toml: inherits: 'a' leads back to itself"),
        ("a", {"a": 'inherits = "b"', "b": 'inherits = "a"'}, "b.toml: inherits: 'a' leads back to itself"),
        ("a", {"a": "inherits = 5"}, "a.toml: inherits: 5 "),
        ("a", {"a": "due = = 5"}, "a.toml: is not TOML"),
        ("a", {"a": 'inherits = "b"', "b": "[[["}, "b.toml: is not TOML"),
        ("a", {"a": 'pack = "b"'}, "a.toml: pack: says 'b'"),
        (
            "a",
            {"a": 'inherits = "staffordshire"\n[steps.verify_sen]\ntitle = "x"'},
            "a.toml: steps.verify_sen: no step `verify_sen` in staffordshire; did you mean verify_seen?",
        ),
        (
            "a",
            {"a": 'inherits = "staffordshire"\n[steps.zzz]\ntitle = "x"'},
            "no step `zzz` in staffordshire; name a step of it, or write a whole one",
        ),
    ],
)
def test_what_cannot_be_inherited_is_explained(name: str, files: dict[str, str], said: str) -> None:
    """An unknown parent, a circle, a file that is not TOML or has another's name."""
    assert said in fault_of(name, {**texts(), **files})


def test_a_child_cannot_turn_a_parents_table_into_something_else() -> None:
    """`steps = 5` is a fault, not an empty procedure."""
    assert "holds no step" in fault_of("a", {**texts(), "a": 'inherits = "staffordshire"\nsteps = 5'})


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("Local Operations Inspector (LOI)", "LOI"),
        ("Duty Officer", "Duty Officer"),
        ("Inspector (acting) A", "Inspector (acting) A"),
        ("Inspector)", "Inspector)"),
    ],
)
def test_the_short_word_is_what_stands_in_brackets_at_the_end(label: str, short: str) -> None:
    """Where there is none the label is short enough."""
    assert pack(more=f'[labels.roles]\nduty_inspector = "{label}"\n').short(Role.DUTY_INSPECTOR) == short


def test_a_role_without_a_label_has_its_plain_name() -> None:
    """No role is ever shown as a key."""
    assert pack().label(Role.ANALYST) == "Analyst"


@pytest.mark.parametrize(
    ("to", "area", "areas"),
    [
        (CASE_AREA, "stoke", ("stoke",)),
        (CASE_AREA, None, ()),
        (NEIGHBOURS, "tamworth", ("lichfield",)),
        (NEIGHBOURS, "atlantis", ()),
        (NEIGHBOURS, None, ()),
        ("*", "stoke", ("*",)),
        ("cannock", "stoke", ("cannock",)),
    ],
)
def test_where_an_addressee_is_looked_for(to: str, area: str | None, areas: tuple[str, ...]) -> None:
    """The case's own area, its neighbours, force-wide, or one that the pack names."""
    assert pack().areas_for(Addressee(Role.DUTY_INSPECTOR, to), area) == areas


def test_an_area_that_is_not_known_says_so() -> None:
    """Nobody reads an empty cell."""
    assert pack().area_title(None) == pack().area_title("atlantis") == "area not known"


def test_a_pack_says_whom_it_must_find_on_duty() -> None:
    """Every role that some step or rung tells, in every area: a roster is checked against it."""
    needed = pack().needed()
    assert (Role.DUTY_INSPECTOR, "tamworth") in needed
    assert (Role.ON_CALL_SUPERINTENDENT, "stoke") in needed
    assert all(role is not Role.ANALYST for role, _ in needed)
