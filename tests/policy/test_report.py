"""A record that names a person is never refused for a fault in the rest (contract section 4)."""

import math

import pytest

from policy.errors import Invalid
from policy.record_terms import AgeBand, CallType, ReporterKind
from policy.report import MAX_TEXT, UNKNOWN_FIELD, Report, names_a_person, read_report
from policy.terms import Risk
from tests.policy.night import a_record, at

AREAS = ("stoke", "newcastle")


def read(**fields: object) -> Report:
    """Read the standard record with some fields changed, received at 19:05."""
    return read_report(a_record(**fields), at("19:05"), AREAS)


def person(**fields: object) -> dict[str, object]:
    """Give the part of a record that names somebody."""
    return {"name": "A Child", **fields}


def test_a_sound_record_has_no_defects() -> None:
    """What the procedure needs of it is taken, the rest is kept beside it."""
    report = read(serial="STORM-0456-100126", tagged_to="insp-a", flags=["child_in_care"], call_type="awol")
    assert report.defects == ()
    assert not report.defective
    assert (report.source, report.source_id, report.serial) == ("compact", "CMP-2026-004711", "STORM-0456-100126")
    assert (report.area, report.risk, report.tagged_to) == ("stoke", Risk.MEDIUM, "insp-a")
    assert (report.age_band, report.flags) == (AgeBand.B13_15, frozenset({"child_in_care"}))
    assert (report.call_type, report.reporter_kind) == (CallType.AWOL, ReporterKind.PARENT)
    assert (report.reported_at, report.recorded_at) == (at("19:00"), at("19:00"))


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"reported_at": "yesterday"}, "reported_at", "is not an instant"),
        ({"reported_at": "2026-01-10T19:00:00"}, "reported_at", "is not an instant"),
        ({"reported_at": "2026-01-10T19:06:00Z"}, "reported_at", "lies in the future"),
        ({"recorded_at": "0001-01-01T00:00:00+05:00"}, "recorded_at", "is not an instant"),
        ({"recorded_at": ["19:00"]}, "recorded_at", "is not a text"),
        ({"area": "atlantis"}, "area", "is not an area of this force"),
        ({"area": None}, "area", "is missing"),
        ({"risk": "enormous"}, "risk", "is not a level"),
        ({"risk": True}, "risk", "is not a text"),
        ({"tagged_to": {"person": "insp-a"}}, "tagged_to", "is not a text"),
        ({"serial": 3.5}, "serial", "is not a text"),
        ({"call_type": "lost"}, "call_type", "is not a word of the list"),
        ({"reporter": {"kind": "neighbour"}}, "reporter.kind", "is not a word of the list"),
        ({"reporter": "his mother"}, "reporter", "is not an object"),
        ({"reporter": {"phone": ["1", "2"]}}, "reporter.phone", "is not a text"),
        ({"last_seen": "at home"}, "last_seen", "is not an object"),
        ({"last_seen": {"at": "noon"}}, "last_seen.at", "is not an instant"),
        ({"last_seen": {"at": "2026-01-10T16:30:00"}}, "last_seen.at", "is not an instant"),
        ({"flags": {"awol": True}}, "flags", "is not a list of words"),
        ({"flags": ["awol", 5]}, "flags", "is not a list of words"),
        ({"person": person(date_of_birth="the first of May")}, "person.date_of_birth", "is not a date of birth"),
        ({"person": person(date_of_birth="2026-01-11")}, "person.date_of_birth", "is not a date of birth"),
        ({"person": person(date_of_birth="1812-05-01")}, "person.date_of_birth", "is not a date of birth"),
        ({"person": person(age=-1)}, "person.age", "is not an age in years"),
        ({"person": person(age=True)}, "person.age", "is not an age in years"),
        ({"person": person(age="thirteen")}, "person.age", "is not an age in years"),
        ({"person": person(age=126)}, "person.age", "is not an age in years"),
        ({"person": person(aliases="Charlie")}, "person.aliases", "is not a list of texts"),
        ({"person": person(aliases=[5])}, "person.aliases", "is not a list of texts"),
        ({"person": {"name": ["A", "Child"]}}, "person.name", "is not a text"),
        ({"person": "A Child"}, "person", "is not an object"),
        ({"person": [{"name": "A Child"}]}, "person", "is not an object"),
        ({"circumstances": {"text": "left school"}}, "circumstances", "is not a text"),
        ({"circumstances": "x" * (MAX_TEXT + 1)}, "circumstances", "is longer than"),
    ],
)
def test_a_bad_field_is_left_empty_and_listed(change: dict[str, object], field: str, message: str) -> None:
    """The case opens; the field, what was given, what is wrong and what to do stand in `defects`."""
    report = read(**change)
    (defect,) = report.defects
    assert defect.field == field
    assert message in defect.message
    assert defect.remedy
    assert report.defective
    assert set(defect.as_dict()) == {"field", "given", "message", "remedy"}


def test_what_a_bad_field_leaves_empty() -> None:
    """Nothing of a field that could not be read is guessed."""
    report = read(
        reported_at="x", recorded_at="x", area="x", risk="x", call_type="x", tagged_to=[], flags=5, person="?"
    )
    assert (report.reported_at, report.recorded_at) == (at("19:05"), at("19:05"))
    assert (report.area, report.risk, report.tagged_to, report.flags) == (None, None, None, frozenset())
    assert (report.call_type, report.age_band) == (CallType.MISSING, AgeBand.UNKNOWN)


def test_an_instant_in_the_future_counts_as_received_now() -> None:
    """No deadline starts from a time that has not come."""
    assert read(reported_at="2026-01-10T23:00:00Z").reported_at == at("19:05")


def test_a_record_without_times_counts_from_its_receipt() -> None:
    """`recorded_at` is the receipt unless given; `reported_at` is then the record."""
    assert (read(reported_at=None, recorded_at="").reported_at, read(recorded_at="").recorded_at) == (at("19:05"),) * 2
    assert read(reported_at=None).reported_at == at("19:00")


def test_unknown_fields_are_kept_and_listed_and_ask_nobody_to_correct_them() -> None:
    """A new field of a source system must not keep the Force Incident Manager busy."""
    report = read(colour="blue", person=person(shoe_size=38), last_seen={"by": "Tom"})
    assert {d.field for d in report.defects} == {"colour", "person.shoe_size", "last_seen.by"}
    assert {d.message for d in report.defects} == {UNKNOWN_FIELD}
    assert not report.defective


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (True, True),
        (3.5, 3.5),
        (math.inf, None),
        (math.nan, None),
        ("x" * 300, "x" * 200),
        (None, None),
        (["a"], "['a']"),
        ({"a": {"b": {}}}, "{'a': {'b': {}}}"),
    ],
)
def test_what_was_given_is_kept_as_far_as_it_can_be_written(given: object, kept: object) -> None:
    """Whoever corrects the record sees what stood there; JSON can hold it."""
    (defect,) = read(colour=given).defects
    assert defect.given == kept


def test_a_value_nested_a_thousand_deep_is_kept_short() -> None:
    """Nobody brings the intake down with brackets."""
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    (defect,) = read(circumstances=deep).defects
    assert defect.given == "[[[[[[[...]]]]]]]"


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (["awol", " no_phone ", "likes_trains"], {"awol", "no_phone", "likes_trains"}),
        ("awol; no_phone,", {"awol", "no_phone"}),
        ("", set()),
        (None, set()),
        (["awol", 5, ""], {"awol"}),
    ],
)
def test_flags_come_as_a_list_or_as_text(given: object, flags: set[str]) -> None:
    """Unknown words are kept; one bad word does not lose the others."""
    assert read(flags=given).flags == flags


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("high", Risk.HIGH),
        ("H", Risk.HIGH),
        ("Medium", Risk.MEDIUM),
        ("l", Risk.LOW),
        ("very_low", Risk.VERY_LOW),
        ("Very-Low", Risk.VERY_LOW),
        ("VL", Risk.VERY_LOW),
        ("NAR", Risk.VERY_LOW),
        ("absent", Risk.VERY_LOW),
        ("no apparent  risk", Risk.VERY_LOW),
        ("no_apparent_risk", Risk.VERY_LOW),
        ("", None),
        (None, None),
    ],
)
def test_the_level_is_read_under_any_of_its_names(word: object, level: Risk | None) -> None:
    """Old forms survive a change of policy; a level that is missing is no defect."""
    report = read(risk=word)
    assert report.risk is level
    assert report.defects == ()


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"age": 0}, AgeBand.B0_4),
        ({"age": "9"}, AgeBand.B5_9),
        ({"age": 12}, AgeBand.B10_12),
        ({"date_of_birth": "2012-05-01"}, AgeBand.B13_15),
        ({"date_of_birth": "2008-01-11"}, AgeBand.B16_17),
        ({"date_of_birth": "2008-01-10"}, AgeBand.B18_24),
        ({"date_of_birth": "1990-01-01T00:00:00Z"}, AgeBand.B25_64),
        ({"date_of_birth": "1901-01-10"}, AgeBand.B65),
        ({"age": 125}, AgeBand.B65),
        ({"age": 40, "date_of_birth": "2012-05-01"}, AgeBand.B13_15),
        ({"age": 40, "date_of_birth": "unknown"}, AgeBand.B25_64),
        ({"age": ""}, AgeBand.UNKNOWN),
        ({}, AgeBand.UNKNOWN),
    ],
)
def test_the_age_band_is_that_of_the_day_of_the_report(given: dict[str, object], band: AgeBand) -> None:
    """The date of birth goes before the age; what cannot be read is unknown, and unknown counts as a child."""
    report = read(person=person(**given))
    assert report.age_band is band
    assert report.age_band.is_child == (band not in {AgeBand.B18_24, AgeBand.B25_64, AgeBand.B65})


@pytest.mark.parametrize(
    "trace",
    [
        {"name": "A Child"},
        {"aliases": ["Charlie"]},
        {"age": 0},
        {"person_ref": 4711},
        {"nickname": "Charlie"},
        "A Child",
        [{"name": "A Child"}],
    ],
)
def test_any_trace_of_a_person_is_enough(trace: object) -> None:
    """However it is wrapped, a name or a number is somebody to look for."""
    assert names_a_person(trace)
    assert read(person=trace).source_id == "CMP-2026-004711"


@pytest.mark.parametrize("nothing", [None, {}, [], "", "  ", {"name": "", "aliases": [" "], "age": None}, True, [{}]])
def test_without_a_trace_of_a_person_it_is_refused(nothing: object) -> None:
    """Blanks name nobody."""
    with pytest.raises(Invalid) as refusal:
        read(person=nothing)
    assert [fault.field for fault in refusal.value.faults] == ["person"]


def test_every_missing_identity_is_named_at_once() -> None:
    """Source, source id and person: each fault with its remedy."""
    with pytest.raises(Invalid) as refusal:
        read_report({"source": " ", "risk": "high"}, at("19:05"), AREAS)
    assert [fault.field for fault in refusal.value.faults] == ["source", "source_id", "person"]
    assert all(fault.remedy for fault in refusal.value.faults)


@pytest.mark.parametrize("body", [None, [], "text", 5, [{"source": "compact"}]])
def test_what_is_no_record_is_refused(body: object) -> None:
    """One JSON object is one record."""
    with pytest.raises(Invalid, match="is not an object"):
        read_report(body, at("19:05"), AREAS)


def test_numbers_are_taken_as_their_digits() -> None:
    """A source that sends its ids as numbers is understood; `example` is true only when it says so."""
    assert read(source_id=4711).source_id == "4711"
    assert read(example=True).example
    assert not read(example="true").example
