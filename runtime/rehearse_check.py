"""What a grammar cannot see: whether the people, steps, cases and times of a rehearsal fit together."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from policy.pack import Pack
from policy.terms import FactKind, Role
from runtime.rehearse_scenario import ROLE, Act, DutyLine, Expectation, Outage, Was, roster_csv
from runtime.rehearse_text import (
    ALWAYS,
    BESIDE,
    HAPPENS,
    HOLDS,
    ActText,
    DutyText,
    ExpectText,
    FactText,
    Moment,
    ProposeText,
    WasText,
    is_offset,
    plain,
    read_moment,
)
from store.roster_file import read_csv

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LIVE_OUTAGES = ("channel:webhook", "channel:sms")  # the phones are the rehearsal's own
REFUSABLE = ("report", "fact", "propose")
TIMES = frozenset({"at", "when"})  # and whatever ends in _at: these may be offsets inside a report or a fact


class Faults(Protocol):
    """Where faults are noted."""

    def add(self, place: str, message: str, remedy: str) -> None:
        """Note one fault."""

    def place(self, table: str, number: int, name: str = "") -> str:
        """Name a place of the file."""


@dataclass
class Checked:
    """Makes duties, acts and expectations of their texts, and notes what does not fit."""

    start: datetime
    pack: Pack
    faults: Faults
    live: bool = False
    people: set[str] = field(default_factory=set)
    reports: dict[int, datetime] = field(default_factory=dict)

    def _fault(self, table: str, number: int, name: str, message: str, remedy: str) -> None:
        self.faults.add(self.faults.place(table, number, name), message, remedy)

    def _on(self, moment: Moment | None) -> datetime | None:
        return moment.on(self.start).astimezone(UTC) if moment else None

    # --- duties

    def duties(self, texts: Sequence[tuple[int, DutyText]]) -> tuple[DutyLine, ...]:
        """Give the duties, read as a roster is read."""
        lines = []
        for _, text in texts:
            cells = text.model_dump(exclude={"from_", "to"})
            lines.append(DutyLine(cells, text.from_.on(self.start), text.to.on(self.start)))
        read = read_csv(roster_csv(lines), self.start, areas=self.pack.areas, forces=self.pack.forces)
        for bad in read.refused:
            self._fault("duty", texts[bad.row - 2][0], bad.field, bad.message, bad.remedy)
        self.people = {line.person for line in lines}
        return tuple(lines)

    # --- acts

    def acts(self, texts: Sequence[tuple[int, ActText]]) -> tuple[Act, ...]:
        """Give the acts in the order in which they happen; equal instants keep the file's order."""
        found = [act for number, text in texts if (act := self._act(number, text)) is not None]
        for act in found:
            told_at = self.reports.get(act.case)
            if act.kind == "fact" and told_at is None:
                said = f"there is no report {act.case}"
                self._fault("act", act.number, "case", said, f"count the reports from 1 to {len(self.reports)}")
            elif act.kind == "fact" and told_at is not None and act.at < told_at:
                self._fault("act", act.number, "at", f"lies before report {act.case}", "let the report come first")
        return tuple(sorted(found, key=lambda act: act.at))

    def _act(self, number: int, text: ActText) -> Act | None:
        given = [name for name in HAPPENS if getattr(text, name) is not None]
        if len(given) != 1:
            said = f"says {' and '.join(given)}" if given else "says nothing that happens"
            self._fault("act", number, "", said, "write one of: " + ", ".join(HAPPENS))
            return None
        at, kind = text.at.on(self.start).astimezone(UTC), given[0]
        if text.case is not None and kind != "fact":
            self._fault("act", number, "case", f"does not belong to {kind}", "leave it out")
        if text.report is not None:
            return self._report(number, at, text.report)
        if text.fact is not None:
            case = text.fact.case or text.case or 1
            return Act(number, at, kind, case, self._fact(text.fact))
        return self._other(number, at, kind, text)

    def _report(self, number: int, at: datetime, given: dict[str, object]) -> Act:
        nth = len(self.reports) + 1
        self.reports[nth] = at
        body = self._body(given)
        stamp = at.isoformat()
        defaults = {"source": "rehearsal", "source_id": str(nth), "reported_at": stamp, "recorded_at": stamp}
        reporter = body.get("reporter", {})
        if isinstance(reporter, dict):
            body["reporter"] = {"kind": "other", **reporter}
        return Act(number, at, "report", nth, {**defaults, **body})

    def _fact(self, text: FactText) -> dict[str, object]:
        said: dict[str, object] = {"kind": text.kind.value, "by": text.by}
        said |= text.model_dump(include={"step", "occurrence", "revision"}, exclude_none=True)
        at = self._on(text.at)
        said |= {"at": at.isoformat()} if at else {}
        return said | ({"evidence": self._body(text.evidence)} if text.evidence else {})

    def _body(self, given: dict[str, object]) -> dict[str, object]:
        """Give a report or a piece of evidence as JSON holds it, with offsets as instants."""
        said = plain(given)
        assert isinstance(said, dict)
        return {name: self._timed(name, value) for name, value in said.items()}

    def _timed(self, name: str, value: object) -> object:
        if isinstance(value, dict):
            return {inner: self._timed(inner, below) for inner, below in value.items()}
        if is_offset(value) and (name in TIMES or name.endswith("_at")):
            return read_moment(value).on(self.start).isoformat()
        return value

    def _other(self, number: int, at: datetime, kind: str, text: ActText) -> Act | None:
        if text.propose is not None:
            return self._proposal(number, at, text.propose)
        if self.live and (text.clock is not None or (text.outage and text.outage.of not in LIVE_OUTAGES)):
            said = "cannot be rehearsed live: all parts share one clock and stand or fall together here"
            self._fault("act", number, kind, said, "leave --live out, or give the act a rehearsal of its own")
        if text.outage is not None:
            outage = Outage(text.outage.of, text.outage.until.on(self.start).astimezone(UTC))
            if outage.until <= at:
                self._fault("act", number, "outage.until", "is not after at", "let the outage end after it begins")
            return Act(number, at, kind, outage=outage)
        if text.absent is not None:
            self._known("act", number, "absent", text.absent)
            return Act(number, at, kind, person=text.absent)
        assert text.clock is not None
        return Act(number, at, kind, drift=text.clock.drift)

    def _proposal(self, number: int, at: datetime, text: ProposeText) -> Act:
        for name in ("by", "approver"):
            self._known("act", number, f"propose.{name}", getattr(text, name))
        if (text.changes is None) == (text.pack is None):
            said = "and pack: exactly one of them says what changes"
            self._fault("act", number, "propose.changes", said, "give changes of numbers, or pack with the tables")
        if self.live and text.pack is not None:
            said = "cannot be rehearsed live: the API takes a whole pack as its text"
            self._fault("act", number, "propose.pack", said, "leave --live out")
        body = text.model_dump(exclude={"effective_from"}, exclude_none=True)
        since = self._on(text.effective_from)
        return Act(number, at, "propose", body=body | ({"effective_from": since.isoformat()} if since else {}))

    # --- expectations

    def expectations(self, texts: Iterable[tuple[int, ExpectText]], acts: Sequence[Act]) -> tuple[Expectation, ...]:
        """Give the expectations in the order of the file."""
        found = [made for number, text in texts if (made := self._expectation(number, text)) is not None]
        for made in found:
            self._refusable(made, acts)
        return tuple(found)

    def _expectation(self, number: int, text: ExpectText) -> Expectation | None:
        given = {info.alias or name for name, info in ExpectText.model_fields.items() if name in text.model_fields_set}
        subjects = [name for name in HOLDS if name in given]
        if len(subjects) != 1:
            said = f"says {' and '.join(subjects)}" if subjects else "says nothing that should hold"
            self._fault("expect", number, "", said, "write one of: " + ", ".join(HOLDS))
            return None
        subject = subjects[0]
        beside = BESIDE.get(subject, frozenset()) | ALWAYS | {subject}
        for name in sorted(given - beside):
            self._fault("expect", number, name, f"does not belong to {subject}", "leave it out")
        if subject in ("step", "count") and text.is_ is None:
            self._fault("expect", number, "is", "is missing", f"say what {subject} should be")
        if subject == "due" and text.at is None:
            self._fault("expect", number, "at", "is missing", "say when the step should be due")
        made = Expectation(
            number, subject, getattr(text, subject), text.is_, tuple(text.about), text.type, text.times,
            text.occurrence, tuple(text.missing), text.to,
            self._on(text.at), self._on(text.after), self._on(text.by), self._on(text.until), text.case,
        )  # fmt: skip
        self._times_fit(made)
        self._words_are_known(made)
        return made

    # --- as it was

    def was(self, texts: Iterable[tuple[int, WasText]], codes: Sequence[str]) -> tuple[Was, ...]:
        """Give what is known of the real night, in order of time; each names one of the file's sources."""
        found = []
        for number, text in texts:
            self._word("was", number, "source", text.source, codes, "is no [[source]] of this file")
            gives: Literal["time", "day", "nothing"] = "time" if text.published else "nothing"
            gives = "day" if text.published == "day" else gives
            at = text.at.on(self.start).astimezone(UTC)
            found.append(Was(at, text.text, text.source, gives))
        return tuple(sorted(found, key=lambda was: was.at))

    def _times_fit(self, made: Expectation) -> None:
        named = [name for name in ("at", "by", "until") if getattr(made, name) is not None]
        if len(named) > 1 or (made.at is not None and made.after is not None):
            said = "has " + " and ".join([*named, *(["after"] if made.after else [])])
            self._fault("expect", made.number, "", said, "write at alone, or after with by or until")
        end = made.by or made.until
        if made.after and end and end < made.after:
            self._fault("expect", made.number, "after", "lies after the end", "let after come before by or until")

    def _words_are_known(self, made: Expectation) -> None:
        value, number = str(made.value), made.number
        if value.startswith(ROLE) and made.subject in ("told", "not_told"):
            self._word("expect", number, made.subject, value.removeprefix(ROLE), list(Role))
        elif (person := made.person()) is not None:
            self._known("expect", number, made.subject, person)
        if made.to is not None:
            self._known("expect", number, "to", made.to)
            if made.subject == "count" and value == "runs":
                self._fault("expect", number, "to", "does not belong to runs", "leave it out: a run is nobody's")
        steps = [("about", key) for key in made.about]
        steps += [(made.subject, value)] if made.subject in ("step", "due") else []
        for name, key in steps:
            self._word("expect", number, name, key, list(self.pack.steps))
        if made.case is not None and made.case not in self.reports:
            said = f"there is no report {made.case}"
            self._fault("expect", number, "case", said, f"count the reports from 1 to {len(self.reports)}")

    def _refusable(self, made: Expectation, acts: Sequence[Act]) -> None:
        if made.subject != "refused":
            return
        numbers = [act.number for act in acts if act.kind in REFUSABLE]
        if isinstance(made.value, int) and made.value not in numbers:
            said = f"act {made.value} is no report, no fact and no proposal"
            self._fault("expect", made.number, "refused", said, "name the number of an act, counted from 1")
        elif isinstance(made.value, str):
            self._word("expect", made.number, "refused", made.value, ["report", *FactKind])

    def _known(self, table: str, number: int, name: str, person: str) -> None:
        if person not in self.people:
            self._word(table, number, name, person, sorted(self.people), "is on no duty of this file")

    def _word(
        self, table: str, number: int, name: str, word: str, known: Sequence[str], message: str = "is not known"
    ) -> None:
        if word in known:
            return
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
        remedy = f"did you mean {near[0]}?" if near else "use one of: " + (", ".join(known) or "(there is none)")
        self._fault(table, number, name, f"{word!r} {message}", remedy)
