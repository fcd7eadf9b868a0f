"""Two timelines of one night side by side: as it is, and with one thing changed (`vigil rehearse --against`).

Nothing is stored and nobody is told: both sides are played on stores in memory.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from policy.pack_parse import read_raw
from runtime import against_number, against_words, rehearse
from runtime.against_story import of_scenario, timeline_of
from runtime.against_timeline import Entry, Row, Timeline, of_seen, of_was, side_by_side
from runtime.against_what import (
    ANSWERS,
    Kind,
    What,
    find_pack,
    in_words,
    read_file,
    read_rows,
    read_what,
    with_areas_of,
    wrong,
)
from runtime.rehearse_file import read
from runtime.rehearse_scenario import Act, DutyLine, Scenario, Source
from runtime.rehearse_show import Played
from store.packs import pack_texts
from store.roster_row import Row as RosterRow

AS_IT_IS = "As it is"
AS_VIGIL = "As Vigil would have had it"


@dataclass(frozen=True)
class Comparison:
    """Two timelines side by side; what differs is said in words first."""

    name: str
    about: str
    against: str
    left: Timeline
    right: Timeline
    rows: tuple[Row, ...]
    summary: tuple[str, ...]
    left_out: str = ""
    sources: tuple[Source, ...] = ()
    expected: str = ""

    @property
    def is_was(self) -> bool:
        """Tell whether the left is what really was: then nothing is marked, for everything differs."""
        return self.against == Kind.WAS


def compare(file: Path, against: str) -> Comparison:
    """Play a rehearsal and the same with one thing changed; raise Invalid when either cannot be."""
    what, scenario = read_what(against), read(file)
    if what.kind is Kind.WAS:
        return compare_was(scenario)
    other, title = changed(scenario, what)
    length = max(scenario.ends_at - scenario.start, other.ends_at - other.start)
    here = rehearse.simulate(replace(scenario, at_least_until=scenario.start + length))
    there = rehearse.simulate(replace(other, at_least_until=other.start + length))
    left = of_seen(f"{AS_IT_IS}: {scenario.rules.title}", scenario.start, here.seen, scenario.rules)
    right = of_seen(title, other.start, there.seen, other.rules)
    found = laid(scenario.name, against, left, right)
    apart = "" if left.start == right.start else " The two begin on other days: start is laid beside start."
    return replace(
        found, about=scenario.about, expected=_expected(here, there), left_out=f"{found.left_out}{apart}".strip()
    )


def compare_was(scenario: Scenario) -> Comparison:
    """Lay what is known of the real night beside the one that is played; raise Invalid when nothing is known."""
    if not scenario.was:
        remedy = "tell it in [[was]] tables: at, text, source; or change something else"
        raise wrong(f"{scenario.file.name} does not tell how it was", remedy)
    left, right = of_was(scenario), timeline_of(AS_VIGIL, of_scenario(scenario))
    rows, left, right = side_by_side(left, right)
    said = tuple(against_words.as_played(right))
    out = against_words.kept_back(left, right)
    return Comparison(scenario.name, scenario.about, Kind.WAS, left, right, rows, said, out, scenario.sources)


def laid(name: str, against: str, left: Timeline, right: Timeline) -> Comparison:
    """Lay two timelines side by side and say what differs."""
    rows, left, right = side_by_side(left, right)
    said = tuple(against_words.differences(left, right))
    return Comparison(name, "", against, left, right, rows, said, against_words.kept_back(left, right))


def _expected(here: Played, there: Played) -> str:
    count = len(here.verdicts)
    if there.scenario.expectations != here.scenario.expectations or not count:
        return ""
    kept, so = count - here.broken, count - there.broken
    return f"Of the {count} things that the file expects, {kept} hold as it is and {so} with the change."


# --- one thing changed ----------------------------------------------------------------------------


def changed(scenario: Scenario, what: What) -> tuple[Scenario, str]:
    """Give the rehearsal with one thing changed, and how it is called; raise Invalid when it cannot be changed so."""
    if what.kind is Kind.FILE:
        other = read(Path(what.value))
        return other, other.name
    if what.kind is Kind.PACK:
        name = find_pack(what.value, scenario.packs)
        pack = with_areas_of(scenario.packs[name], scenario.rules)
        return replace(scenario, pack=name, packs={**scenario.packs, name: pack}), in_words(what, lambda _: pack.title)
    if what.kind is Kind.TOLD:
        return _answered_later(scenario, what), in_words(what)
    if what.kind is Kind.ROSTER:
        rows = read_rows(read_file(Path(what.value)), what.value, scenario.rules).rows
        return replace(scenario, duties=tuple(_duty(row) for row in rows)), in_words(what)
    raw = read_raw(scenario.pack, {**pack_texts(None)[0], **scenario.own_packs})
    rules = against_number.changed(scenario.rules, raw, what)
    title = in_words(what, lambda step: rules.steps[step].title if step in rules.steps else step)
    return replace(scenario, packs={**scenario.packs, scenario.pack: rules}), title


def _answered_later(scenario: Scenario, what: What) -> Scenario:
    acts = tuple(_later(act, what) for act in scenario.acts)
    if acts == scenario.acts:
        raise wrong("nobody answers in this rehearsal", "change something else")
    reported = {act.case: act.at for act in acts if act.kind == "report"}
    if any(act.at < reported[act.case] for act in acts if act.kind == "fact"):
        raise wrong(f"told={what.value} lets somebody answer before the report", "write a shorter time")
    return replace(scenario, acts=tuple(sorted(acts, key=lambda act: act.at)))


def _later(act: Act, what: What) -> Act:
    answers = act.kind == "fact" and act.body["kind"] in set(ANSWERS)
    return replace(act, at=act.at + what.later) if answers else act


def _duty(row: RosterRow) -> DutyLine:
    cells = {
        "person": row.person, "name": row.name, "rank": row.rank, "role": row.role, "area": row.area,
        "email": row.email or "", "webhook": row.webhook or "", "phone": row.phone or "", "sms": row.sms or "",
    }  # fmt: skip
    return DutyLine(cells, row.from_at, row.to_at)


# --- as data --------------------------------------------------------------------------------------


def as_data(found: Comparison) -> dict[str, object]:
    """Give the same as data."""
    return {
        "name": found.name,
        "about": found.about or None,
        "against": found.against,
        "summary": list(found.summary),
        "expected": found.expected or None,
        "sources": [{"code": s.code, "title": s.title, "link": s.link} for s in found.sources],
        "left": _timeline(found.left),
        "right": _timeline(found.right),
    }


def _timeline(timeline: Timeline) -> dict[str, object]:
    return {
        "title": timeline.title,
        "start": _iso(timeline.start),
        "lines": [_entry(entry) for entry in timeline.entries],
        "reminders_left_out": timeline.reminders,
    }


def _entry(entry: Entry) -> dict[str, object]:
    known: dict[str, object] = {"at": _iso(entry.at), "kind": entry.kind, "text": entry.text}
    if entry.kind == "was":
        return {**known, "source": entry.note.partition(",")[0], "time_published": entry.timed, "note": entry.note}
    return {**known, "mark": entry.mark, "note": entry.note or None}


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
