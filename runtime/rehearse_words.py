"""A rehearsal in plain words: instants, acts and expectations as a watch commander reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from policy.pack import Pack
from policy.spans import LOCAL
from policy.terms import AlarmKey, MessageType
from runtime.rehearse_scenario import ROLE, Act, Expectation
from runtime.rehearse_seen import Breach, Rang, Refusal, Telling, listed, plural


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


_FACTS: Mapping[str, str] = {
    "acknowledged": "acknowledges",
    "accepted": "accepts the case",
    "declined": "declines: {reason}",
    "delegated": "hands the case on to {to}: {reason}",
    "risk_set": "sets the risk to {level}: {rationale}",
    "attended": "reports attendance",
    "serial_entry": "records the serial entry: {recipient} was told",
    "serial_closed": "closes the serial",
    "new_information": "brings new information: {summary}",
    "found_reported": "reports the person found",
    "verified_seen": "confirms that the person was seen: {wellbeing}",
    "returned": "reports the return",
    "note": "notes: {text}",
    "log_entry": "logs: {text}",
    "closure_requested": "asks for closure: {rationale}",
    "closure_signed": "signs the closure: {rationale}",
    "step_completed": "completes {step}",
    "step_waived": "waives {step}: {reason}",
    "reviewed": "records {step}: {decision}",
    "handover_offered": "offers the case to {to}",
}


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "(nothing said)"


def of_fact(body: Mapping[str, object], pack: Pack) -> str:
    """Say what somebody did."""
    evidence = body.get("evidence")
    said = _Blank(evidence if isinstance(evidence, dict) else {})
    step = str(body.get("step") or "")
    said["step"] = title(pack, step) if step else "a step"
    kind = str(body["kind"])
    words = _FACTS.get(kind, f"says {kind.replace('_', ' ')}").format_map(said)
    return f"{body['by']} {words.replace('very_low', 'very low')}"


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


def of_tellings(group: list[Telling], on_time_s: float = 1.0) -> str:
    """Say one act in which one or several people were told the same; late is what took longer than `on_time_s`."""
    first = group[0]
    who = listed(f"{t.label} {t.person}" for t in group)
    verb = f"{'is' if len(group) == 1 else 'are'} {_HEARS[first.type]}"
    if first.type is MessageType.ESCALATE:
        again = f", again {first.reminder}" if first.reminder else ""
        verb += f" (rung {first.rung}{again})"
    elif first.type is MessageType.REMIND:
        verb += f" ({first.reminder})"
    late = max((t.at - t.due_at for t in group if t.due_at), default=None)
    tail = f", late by {_minutes(late.total_seconds())}" if late and late.total_seconds() >= on_time_s else ""
    return f"{who} {verb}{tail}: {'; '.join(dict.fromkeys(first.texts))}"


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
        "count": f"{value}{about}{kind}: {e.is_}",
    }[e.subject]
    return said + (f", report {e.case}" if e.case else "") + when(e, clock)


def when(e: Expectation, clock: ClockWords) -> str:
    """Say the window of an expectation."""
    words = [("at", e.at), ("from", e.after), ("by", e.by), ("until", e.until)]
    said = " ".join(f"{word} {clock.at(at)}" for word, at in words if at)
    return f", {said}" if said else ""
