"""Whatever a record holds: if it names a person and has its ids, it opens a case; nothing but Invalid is raised."""

from hypothesis import given
from hypothesis import strategies as st

from policy import decide
from policy.errors import Invalid
from policy.record_terms import FIELDS
from policy.report import names_a_person, read_report
from policy.terms import StepStatus
from tests.policy.night import NOTIFY, REF, at, pack, staff

TEXT = st.text(max_size=12) | st.sampled_from(["high", "stoke", "2026-01-10T18:00:00Z", "0001-01-01T00:00:00+09:00"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)


def part(name: str) -> st.SearchStrategy[object]:
    """Draw an object whose known fields hold anything."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(FIELDS[name]), JSON))


PARTS = {name: part(name) | JSON for name in ("person", "last_seen", "reporter")}
RECORDS = st.fixed_dictionaries({}, optional={**dict.fromkeys(sorted(FIELDS[""]), JSON), **PARTS, "colour": JSON})
IDS = st.text(min_size=1, max_size=12).filter(str.strip) | st.integers()


@given(RECORDS, IDS, IDS, PARTS["person"].filter(names_a_person))
def test_any_record_that_names_a_person_opens_a_case(
    record: dict[str, object], source: object, source_id: object, person: object
) -> None:
    """Its first messages go out, and what could not be taken is listed with a remedy."""
    raw = {**record, "source": source, "source_id": source_id, "person": person}
    report = read_report(raw, at("19:00"), pack().areas)
    assert all(defect.remedy and defect.message for defect in report.defects)
    assert report.reported_at <= at("19:00")
    assert report.recorded_at <= at("19:00")
    case = decide.open_case(report, pack(), staff(), at("19:00"), REF).case
    notice = case.step(NOTIFY)
    assert notice
    assert notice.status in (StepStatus.OPEN, StepStatus.OVERDUE)
    assert notice.told
    assert (case.step("correct_record") is not None) == report.defective


@given(RECORDS | JSON)
def test_anything_else_is_invalid_and_says_why(raw: object) -> None:
    """Refused only without source, source id or a trace of a person."""
    try:
        read_report(raw, at("19:00"), pack().areas)
    except Invalid as refusal:
        fields = {fault.field for fault in refusal.faults}
    else:
        fields = set()
    assert fields <= {"body", "source", "source_id", "person"}
    assert ("person" in fields) <= (isinstance(raw, dict) and not names_a_person(raw.get("person")))
