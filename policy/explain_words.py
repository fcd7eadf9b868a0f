"""The words in which a step is explained: anchors, spans, levels, bases, instants, and what a case lacks for a step."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.case import ACCEPTED_ELSEWHERE, DECEASED, Case
from policy.conditions import LETS_GO, MEANS
from policy.pack import NEIGHBOURS, OTHER_FORCE, WHOSE, Addressee, Pack, StepRule
from policy.record_terms import AgeBand
from policy.roster import FORCE_WIDE, Roster
from policy.spans import LOCAL, Span, local_time
from policy.terms import Anchor, CaseStatus, Condition, Risk

# From what a time is counted: as it happened ("10 minutes after ..."), and as what is waited for ("until ...").
ASKED_FROM = "asked_from"  # the moment from which the step has been asked for
_BASES: Mapping[str, tuple[str, str]] = {
    Anchor.CALL_RECEIVED: ("the call was received", "the call has been received"),
    Anchor.CMS_CREATED: ("the record was made", "the record has been made"),
    Anchor.RISK_SET: ("the risk was set", "the risk has been set"),
    Anchor.ACKNOWLEDGED: ("the case was acknowledged", "somebody has acknowledged the case"),
    Anchor.OWNER_ASSIGNED: ("an owner accepted the case", "an owner has accepted the case"),
    Anchor.SHIFT_START: ("the shift began", "the shift has begun"),
    Anchor.SHIFT_END: ("the end of the shift", "the shift has ended"),
    Anchor.ATTENDED: ("officers attended", "officers have attended"),
    Anchor.NEW_INFO: ("new information came in", "new information has come in"),
    Anchor.LAST_CONTACT: ("whoever reported was spoken to", "whoever reported has been spoken to"),
    Anchor.LAST_INVESTIGATIVE_ENTRY: ("the last line of enquiry was recorded", "a line of enquiry has been recorded"),
    Anchor.OBTAINED: ("the information was obtained", "the information has been obtained"),
    Anchor.FOUND_REPORTED: ("the person was reported found", "the person has been reported found"),
    Anchor.VERIFIED_SEEN: ("the person was seen", "the person has been seen"),
    Anchor.RETURNED: ("the person came back", "the person has come back"),
    Anchor.PREVENTION_INTERVIEW_DONE: (
        "the prevention interview was held or fell away",
        "the prevention interview has been held or has fallen away",
    ),
    Anchor.TRANSFER_OFFERED: ("the case was offered to another force", "the case has been offered to another force"),
    Anchor.NEXT_REVIEW: ("the time that was set for the next review", "a time has been set for the next review"),
    Anchor.REOPENED: ("the case was opened again", "the case has been opened again"),
    Anchor.CLOSED_CASE_CONTACT: (
        "somebody was in touch about the closed case",
        "somebody has been in touch about the closed case",
    ),
    Anchor.SEARCHED: ("a search was recorded", "a search has been recorded"),
    Anchor.RISK_RAISED: (
        "the risk was raised by somebody below a sergeant",
        "the risk has been raised by somebody below a sergeant",
    ),
    Anchor.LAST_SUPERVISOR_ENTRY: (
        "a sergeant or above last recorded anything",
        "a sergeant or above has recorded anything",
    ),
    Anchor.TRANSFER_ACCEPTED: ("another force accepted the case", "another force has accepted the case"),
    Anchor.CLOSED: ("the case was closed", "the case has been closed"),
    ASKED_FROM: ("it began to be asked for", "it is asked for"),
}
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_SOURCED = re.compile(r"^SOURCED\((.*)\)$")


def happened(base: str) -> str:
    """Say from what a time is counted: `the record was made`."""
    return _BASES[base][0] if base in _BASES else base.replace("_", " ")


def awaited(base: str) -> str:
    """Say what a step waits for: `officers have attended`."""
    return _BASES[base][1] if base in _BASES else base.replace("_", " ")


def span_words(span: Span) -> str:
    """Say a span in whole units: `90 minutes`, `24 hours`, `28 days`, `3 months`; a day or two is said in hours."""
    if span.months and not span.elapsed:
        return _counted(span.months, "month")
    seconds = int(span.elapsed.total_seconds())
    size, unit = next((s, u) for s, u in _UNITS if seconds % s == 0 and (u != "day" or seconds > 3 * s))
    said = _counted(seconds // size, unit)
    return f"{_counted(span.months, 'month')} and {said}" if span.months else said


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("s" if number != 1 else "")


def moment(at: datetime, now: datetime, *, exact: bool = False) -> str:
    """Say an instant in local time, with its date where that is not today; `exact` adds the seconds."""
    said = local_time(at, now)
    return f"{said[:5]}:{at.astimezone(LOCAL):%S}{said[5:]}" if exact else said


def clocks_change(start: datetime, end: datetime) -> bool:
    """Tell whether the local clocks are put forward or back between two instants."""
    return start.astimezone(LOCAL).utcoffset() != end.astimezone(LOCAL).utcoffset()


def risk_word(risk: Risk) -> str:
    """Say a level: `very low risk`."""
    return f"{risk.replace('_', ' ')} risk"


def level_words(risk: Risk, given: Risk | None, *, floor: bool = False) -> str:
    """Say the level that the timers run as, and why where it is not the one that was given.

    `floor` says that it is the floor of the case: of what the record says of the person, or of an earlier case.
    """
    if given is risk:
        return risk_word(risk)
    whose = "a floor of the record or of an earlier case," if floor else "a child"
    why = "the risk is not set" if given is None else f"{whose} given {risk_word(given)}"
    return f"{risk_word(risk)} (timed so: {why})"


def basis_words(rule: str, time: str) -> str:
    """Say what stands behind a step and its number: `rule from S0 and W26, time chosen`."""
    return f"rule {_basis(rule)}, time {_basis(time)}"


def _basis(basis: str) -> str:
    sourced = _SOURCED.match(basis)
    return f"from {listed(sourced[1].split(','))}" if sourced else basis.replace("CHOSEN", "chosen")


def listed(parts: Iterable[str]) -> str:
    """Write parts as people do: `a, b and c`."""
    *most, last = [part.strip() for part in parts] or [""]
    return f"{', '.join(most)} and {last}" if most else last


@dataclass(frozen=True)
class Scene:
    """What an explanation looks at: a case, its pack, the roster, and the instant."""

    case: Case
    pack: Pack
    roster: Roster
    now: datetime

    @property
    def risk(self) -> Risk:
        """Give the level that the timers run as."""
        return self.case.timer_risk(self.pack.child_floor)

    def at(self, at: datetime) -> str:
        """Say an instant."""
        return moment(at, self.now)

    def role(self, to: Addressee) -> str:
        """Say whom a step is for: `the LOI`, `the neighbouring LOI`."""
        return f"the {WHOSE.get(to.area, '')}{self.pack.short(to.role)}"

    def place(self, to: Addressee) -> str:
        """Say where an addressee is looked for: `in Stoke-on-Trent or force-wide`."""
        if to.area == OTHER_FORCE:
            return f"in {self.pack.force_title(self.case.force)}"
        areas = [self.pack.area_title(a) for a in self.pack.areas_for(to, self.case.area) if a != FORCE_WIDE]
        if to.area == NEIGHBOURS:  # cover of the whole force is no neighbour
            return f"in {listed(areas)}" if areas else "in any neighbouring area"
        return f"in {listed(areas)} or force-wide" if areas else "force-wide"


def lacks(case: Case, pack: Pack, rule: StepRule) -> tuple[str, ...]:
    """Give everything that keeps a step from being asked for, in words; empty when it is asked for."""
    found = []
    if case.closed and not rule.outlives_closure:
        found.append("the case is closed")
    found += [_lacking(word, case) for word in rule.when if not MEANS[word](case)]
    risk = case.timer_risk(pack.child_floor)
    if not rule.applies(risk):
        found.append(f"it is not asked for at {risk_word(risk)}")
    return tuple(dict.fromkeys(found))


def _lacking(word: Condition, case: Case) -> str:
    return _LACKING[word](case) if word in _LACKING else LETS_GO[word]


def _age(case: Case) -> str:
    if case.age_band is AgeBand.UNKNOWN:
        return "the person's age is not known, which counts as a child"
    return f"the person is {case.age_band.replace('-', ' to ')}"


def _over(case: Case) -> str:
    said = {
        CaseStatus.CLOSED: "the case is closed",
        CaseStatus.CLOSING: "the closure has been asked for",
        CaseStatus.INACTIVE: "the case is inactive",
    }
    gone = case.status is CaseStatus.OPEN and case.transfer == ACCEPTED_ELSEWHERE
    return "another force has accepted the case" if gone else said.get(case.status, "the person has been seen")


def _unresourced(case: Case) -> str:
    return "a unit is going or has attended" if case.enquiry_live else _over(case)


_LACKING: Mapping[Condition, Callable[[Case], str]] = {
    Condition.UNDER_18: lambda case: f"it applies only to under 18s, and {_age(case)}",
    Condition.ADULT: lambda case: f"it applies only to adults, and {_age(case)}",
    Condition.IN_CARE: lambda _: "it applies only to a child in care, and the record does not say so",
    Condition.CARE_HOME_REPORT: lambda _: "it applies only where a care home reported, and the record does not say so",
    Condition.RISK_WORDS: lambda _: "it applies only where the record speaks of danger, and this one does not",
    Condition.CONCERN_CALL: lambda _: "it applies only to a call taken as a concern, and this one was taken as missing",
    Condition.DEFECTIVE_RECORD: lambda _: "it applies only to a record with faults, and this one has none",
    Condition.STILL_MISSING: _over,
    Condition.ENQUIRY_LIVE: _over,
    Condition.UNRESOURCED: _unresourced,
    Condition.RETURNED_ALIVE: lambda case: (
        "the person was found dead" if case.wellbeing == DECEASED else "the person had never been missing"
    ),
    Condition.CLOSED_CASE: lambda _: "it applies only to a closed case, and this one is not closed",
}
