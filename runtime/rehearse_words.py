"""A rehearsal in plain words: instants, acts and expectations as a watch commander reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.pack import Pack
from policy.spans import LOCAL, read_instant
from policy.terms import AlarmKey, FactKind, Kind, MessageType
from runtime.rehearse_scenario import ROLE, Act, Expectation
from runtime.rehearse_seen import Asked, Breach, Rang, Refusal, Telling, listed, plural


@dataclass(frozen=True)
class ClockWords:
    """Says instants in local time, with the date where it is not the rehearsal's first day."""

    start: datetime

    def at(self, at: datetime) -> str:
        """Say an instant: `19:00`, `19:00:30`, `07:00 on 11 Jan`."""
        here, first = at.astimezone(LOCAL), self.start.astimezone(LOCAL)
        text = f"{here:%H:%M:%S}" if here.second else f"{here:%H:%M}"
        return text if here.date() == first.date() else f"{text} on {here.day} {here:%b}"

    def clock(self, at: datetime) -> str:
        """Say the time of day alone."""
        here = at.astimezone(LOCAL)
        return f"{here:%H:%M:%S}" if here.second else f"{here:%H:%M}"

    def day(self, at: datetime) -> str:
        """Say the day: `Saturday 10 January 2026`."""
        here = at.astimezone(LOCAL)
        return f"{here:%A} {here.day} {here:%B %Y}"


_FACTS: Mapping[FactKind, str] = {
    FactKind.ACKNOWLEDGED: "acknowledges",
    FactKind.ACCEPTED: "accepts the case",
    FactKind.DECLINED: "declines: {reason}",
    FactKind.DELEGATED: "hands the case on to {to}: {reason}",
    FactKind.RISK_SET: "sets the risk to {level}: {rationale}",
    FactKind.ATTENDED: "reports that officers attend",
    FactKind.TASKED: "tasks a unit: {unit}",
    FactKind.RESOURCED: "reports a unit on its way: {unit}",
    FactKind.UNRESOURCED: "reports that no unit is free: {reason}",
    FactKind.NO_DEPLOYMENT: "decides that nobody is sent: {reason}",
    FactKind.STEP_COMPLETED: "completes {step}",
    FactKind.STEP_WAIVED: "waives {step}: {reason}",
    FactKind.REVIEWED: "records {step}: {decision}",
    FactKind.NEW_INFORMATION: "brings new information: {summary}",
    FactKind.CONTACT_MADE: "has spoken to {with}",
    FactKind.LOG_ENTRY: "logs ({source}): {text}",
    FactKind.FOUND_REPORTED: "reports that the person was found: {where}",
    FactKind.VERIFIED_SEEN: "records that the person was seen by {seen_by}: {wellbeing}",
    FactKind.RETURNED: "records that the person was back at {at}",
    FactKind.INTERVIEW_HELD: "records the prevention interview, held by {interviewer}",
    FactKind.SERIAL_ENTRY: "records the serial entry: {recipient} was told",
    FactKind.SERIAL_CLOSED: "closes the serial",
    FactKind.HANDOVER_OFFERED: "offers the case to {to}",
    FactKind.TRANSFER_OFFERED: "offers the case to the force {force}",
    FactKind.TRANSFER_ACCEPTED: "records that {person} takes the case over",
    FactKind.TRANSFER_BOUNCED: "records that the other force does not take the case: {reason}",
    FactKind.INACTIVE_REQUESTED: "asks that the case rests: {rationale}",
    FactKind.CLOSURE_REQUESTED: "asks for closure: {rationale}",
    FactKind.CLOSURE_SIGNED: "signs the closure: {rationale}",
    FactKind.REOPENED: "reopens the case: {reason}",
    FactKind.NOTE: "notes: {text}",
}


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "(nothing said)"


def of_fact(body: Mapping[str, object], pack: Pack) -> str:
    """Say what somebody did."""
    evidence = body.get("evidence")
    said = _Blank({name: _plain(value) for name, value in (evidence if isinstance(evidence, dict) else {}).items()})
    step = str(body.get("step") or "")
    rule = pack.steps.get(step)
    sets = [str(said[field.name]) for field in (rule.evidence if rule else ()) if field.sets and field.name in said]
    said["step"] = (title(pack, step) if step else "a step") + (f" ({', '.join(sets)})" if sets else "")
    words = _FACTS[FactKind(str(body["kind"]))].format_map(said)
    if isinstance(evidence, dict) and evidence.get("complete") is False:
        words = words.replace("completes", "records a part of", 1)
    return f"{body['by']} {words.replace('very_low', 'very low')}"


def _plain(value: object) -> object:
    """Say an instant as people do; leave everything else as it is."""
    at = read_instant(value) if isinstance(value, str) else None
    if at is None:
        return value
    here = at.astimezone(LOCAL)
    return f"{here:%H:%M} on {here.day} {here:%b}"


def of_report(act: Act, ref: str, view: Mapping[str, object], pack: Pack) -> str:
    """Say what was reported and what came of it."""
    risk = f"{str(view['risk']).replace('_', ' ')} risk" if view["risk"] else "risk not set"
    area = pack.area_title(str(view["area"]) if view["area"] else None)
    said = f"Report {act.case} becomes {ref}: {risk}, {view['age_band']}, {area}"
    defects = view["defects"]
    if isinstance(defects, list) and defects:
        said += "; could not be taken as given: " + listed(str(d["field"]) for d in defects)
    return said


def of_refusal(refusal: Refusal, act: Act, pack: Pack) -> str:
    """Say what was refused, why, and who may."""
    tried = f"{of_fact(act.body, pack)}: REFUSED" if act.kind == "fact" else f"Report {act.case} is REFUSED"
    if act.kind == "propose":
        tried = f"The revision that {act.body['by']} proposes is REFUSED"
    who = f"; who may: {refusal.who_may}" if refusal.who_may else ""
    return f"{tried}, {refusal.detail}{who}"


def of_end(ref: str, view: Mapping[str, object]) -> str:
    """Say how a case stands at the end."""
    risk = f"{str(view['risk']).replace('_', ' ')} risk" if view["risk"] else "risk not set"
    owner = f"owner {view['owner']}" if view["owner"] else f"no owner, {view['responsible'] or 'nobody'} is responsible"
    overdue = view["overdue"]
    assert isinstance(overdue, int)
    late = f", {plural(overdue, 'step')} overdue" if overdue else ""
    odd = ", not compliant" if view["non_compliant"] else ""
    return f"In the end {ref} is {view['status']}: {risk}, {owner}{late}{odd}"


def of_outage(of: str, clock: ClockWords, until: datetime) -> str:
    """Say what stands still."""
    what = {"engine": "The engine stands still", "prefect": "Prefect is down"}
    channel = of.removeprefix("channel:")
    return f"{what.get(of, f'The {channel} channel fails')} until {clock.at(until)}"


def title(pack: Pack, step: str) -> str:
    """Give a step's title, the key itself where the pack has none."""
    rule = pack.steps.get(step)
    return rule.title if rule else step


_HEARS: Mapping[MessageType, str] = {
    MessageType.NOTIFY: "told",
    MessageType.REMIND: "reminded",
    MessageType.ESCALATE: "told",
    MessageType.TASK: "asked",
    MessageType.HANDOVER: "offered the case",
    MessageType.ALARM: "alarmed",
    MessageType.CANCEL: "stood down",
}


def of_tellings(group: list[Telling], pack: Pack, on_time_s: float = 1.0) -> str:
    """Say one act in which one or several people were told the same; late is what took longer than `on_time_s`."""
    first = group[0]
    who = listed(f"{t.label} {t.person}" for t in group)
    late = max((t.at - t.due_at for t in group if t.due_at), default=None)
    tail = f", late by {_minutes(late.total_seconds())}" if late and late.total_seconds() >= on_time_s else ""
    asks = "; ".join(dict.fromkeys(_of_ask(ask, first, pack) for ask in first.asks))
    return f"{who} {'is' if len(group) == 1 else 'are'} {_hears(first, pack)}{tail}: {asks}"


def _hears(telling: Telling, pack: Pack) -> str:
    """Say in which way people are told: which rung, which reminder; before the deadline of a task it is a warning."""
    if telling.type is MessageType.ESCALATE:
        again = f", again {telling.reminder}" if telling.reminder else ""
        return f"told (rung {telling.rung}{again})"
    if telling.type is MessageType.REMIND:
        rule, due_at = pack.steps.get(telling.step), telling.asks[0].due_at
        if rule is not None and rule.kind is Kind.NOTIFY:
            return f"reminded ({telling.reminder})"
        return "warned" if due_at and due_at > telling.at else "reminded"
    return _HEARS[telling.type]


def _of_ask(ask: Asked, telling: Telling, pack: Pack) -> str:
    """Say one thing that is asked, the step where the words do not tell it, and by when."""
    rule = pack.steps.get(ask.step)
    own = rule is None or ask.text == rule.ask or telling.type is MessageType.ALARM
    notes = [] if own else [title(pack, ask.step)]
    if ask.due_at == telling.at:
        notes.append("overdue now")
    elif ask.due_at is not None:
        word = "by" if ask.due_at > telling.at else "overdue since"
        notes.append(f"{word} {ClockWords(telling.at).at(ask.due_at)}")
    return ask.text + (f" ({', '.join(notes)})" if notes else "")


def _minutes(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return " ".join([*([f"{minutes} min"] if minutes else []), *([f"{left} s"] if left else [])])


def of_breach(breach: Breach, pack: Pack) -> str:
    """Say what fell overdue."""
    nth = f" ({breach.occurrence})" if breach.occurrence > 1 else ""
    who = f"; with {breach.holder}" if breach.holder else "; nobody has it"
    return f"OVERDUE: {title(pack, breach.step)}{nth}{who}"


def of_alarm(rang: Rang) -> str:
    """Say which alarm rang, why, and who heard it."""
    key = rang.key.replace("_", " ")
    return f"ALARM {key} ({rang.detail.replace('_', ' ')}), heard by {rang.to or 'nobody'}"


def of_expectation(e: Expectation, clock: ClockWords) -> str:
    """Say what is expected, and when."""
    value = str(e.value).removeprefix(ROLE).replace("_", " ") if str(e.value).startswith(ROLE) else str(e.value)
    about = f" about {listed(e.about)}" if e.about else ""
    kind = f" ({e.type})" if e.type else ""
    times = "" if e.times is None else f" {plural(e.times, 'time')}"
    nth = f" {e.occurrence}" if e.occurrence else ""
    missing = f", for want of {listed(e.missing)}" if e.missing else ""
    act = f"act {value}" if isinstance(e.value, int) else value
    said = {
        "told": f"{value} is told{about}{kind}{times}",
        "not_told": f"{value} is not told{about}{kind}",
        "status": f"the case is {value}",
        "risk": f"the risk is {value.replace('_', ' ')}",
        "owner": f"{value or 'nobody'} owns the case",
        "responsible": f"{value or 'nobody'} is responsible",
        "offered_to": f"the case is offered to {value or 'nobody'}",
        "step": f"{value}{nth} is {e.is_}",
        "due": f"{value}{nth} is due",
        "refused": f"{act} is refused{missing}",
        "alarm": f"{AlarmKey(value) if e.subject == 'alarm' else value} rings" + (f" at {e.to}" if e.to else ""),
        "count": f"{value}{about}{kind}" + (f" of {e.to}" if e.to else "") + f": {e.is_}",
    }[e.subject]
    return said + (f", report {e.case}" if e.case else "") + when(e, clock)


def when(e: Expectation, clock: ClockWords) -> str:
    """Say the window of an expectation."""
    words = [("at", e.at), ("from", e.after), ("by", e.by), ("until", e.until)]
    said = " ".join(f"{word} {clock.at(at)}" for word, at in words if at)
    return f", {said}" if said else ""
