"""Who was told of a step and, where nobody was, why not: the rules that were looked at and what each lacked."""

from collections.abc import Iterable
from datetime import datetime

from policy import ladder
from policy.case import FINISHED, Step, Told
from policy.explain_words import Scene, awaited, lacks, listed, moment, risk_word
from policy.pack import Addressee, StepRule
from policy.terms import AlarmKey, Kind, StepStatus

NAMED = 8  # people in one sentence: whoever reads it wants to know who has it, not the roster
_UNANSWERED = {Kind.NOTIFY: "nobody has acknowledged", Kind.ACCEPT: "nobody has accepted"}
_ENDED = {StepStatus.DONE: "Done", StepStatus.DONE_LATE: "Done late", StepStatus.WAIVED: "Waived"}


def told_of(scene: Scene, rule: StepRule, step: Step | None) -> str:
    """Say in one sentence who was told of a step, what comes next, or why nobody was told."""
    if rule.kind is Kind.PERIODIC:
        return "Nobody was told: this is a step of the force, not of a case."
    if step is None:
        why = lacks(scene.case, scene.pack, rule)
        return f"Nobody was told: {'; '.join(why) or 'it is asked for at the next look'}."
    if step.status is StepStatus.WAITING:
        return _waiting(scene, rule, step)
    if step.status is StepStatus.NOT_REQUIRED:
        start = "Nobody is told any more" if step.told else "Nobody was told"
        return f"{start}: {_let_go(scene, rule, step)}{_before(scene, step)}."
    return _finished(scene, step) if step.status in FINISHED else _live(scene, rule, step)


def _waiting(scene: Scene, rule: StepRule, step: Step) -> str:
    why = lacks(scene.case, scene.pack, rule)
    if why:
        return f"Nobody was told: {'; '.join(why)}."
    if step.opens_at is not None:
        return (
            f"Nobody is told yet: it is asked for from {scene.at(step.opens_at)}, and then {_whom(scene, rule)} told."
        )
    since = "since" if rule.anchor in scene.case.anchors else "yet"
    return f"Nobody was told: the step waits until {awaited(rule.anchor)}, which has not been recorded {since}."


def _whom(scene: Scene, rule: StepRule) -> str:
    """Say who will be told first: `the LOI and the Area sergeant are`."""
    roles = [_asked(scene, to) for to in ladder.first_addressees(rule, scene.risk)]
    return f"{listed(roles)} {'is' if len(roles) == 1 else 'are'}" if roles else "nobody is"


def _asked(scene: Scene, to: Addressee) -> str:
    return "the owner" if to.owner and scene.case.owner is not None else scene.role(to)


def _let_go(scene: Scene, rule: StepRule, step: Step) -> str:
    """Say why a step is not asked for: what the case lacks for it now, else the reason on the record."""
    newest = scene.case.step(step.key)
    why = lacks(scene.case, scene.pack, rule) if newest is not None and newest.id == step.id else ()
    return "; ".join(why) or (step.reason or "it is not asked for any more").replace("_", " ")


def _before(scene: Scene, step: Step) -> str:
    return f"; before that {_tellings(scene, step.told)}" if step.told else ""


def _finished(scene: Scene, step: Step) -> str:
    at = f" at {scene.at(step.done_at)}" if step.done_at else ""
    ended = f"{_ENDED[step.status]}{at} by {_who(scene, step.done_by)}"
    if step.told:
        return f"{ended}; {_tellings(scene, step.told)}."
    why = "nobody was on duty to be told" if step.rung >= 0 else "nobody had to be told"
    return f"{ended}; {why}."


def _who(scene: Scene, person: str | None) -> str:
    """Name somebody on the roster; whoever is not may have given a name, which stays where it was written."""
    if person in ("system", "vigil"):
        return "the record itself"
    return person if person and scene.roster.rank_of(person) is not None else "somebody who is not on the roster"


def _tellings(scene: Scene, told: Iterable[Told]) -> str:
    """Say who was told when: `told: insp-a (LOI) and sgt-s (Area sergeant) at 19:00, fim-1 ... at 19:20 (rung 1)`."""
    groups: dict[tuple[int, str], list[Told]] = {}
    everybody = sorted(told, key=lambda t: (t.at, t.rung))
    for one in everybody[:NAMED]:
        groups.setdefault((one.rung, scene.at(one.at)), []).append(one)
    said = [
        f"{listed(f'{t.person} ({scene.pack.short(t.role)})' for t in group)} at {at}"
        + (f" (rung {rung})" if rung else "")
        for (rung, at), group in groups.items()
    ]
    more = len(everybody) - NAMED
    return f"told: {', '.join(said)}" + (f", and {more} more" if more > 0 else "")


def _live(scene: Scene, rule: StepRule, step: Step) -> str:
    overdue = [s.occurrence for s in scene.case.occurrences(step.key) if s.status is StepStatus.OVERDUE]
    newer = [number for number in overdue if number > step.occurrence]
    if step.occurrence in overdue and rule.repeats and step.climb_at is None and (newer or step.rung < 0):
        told = _tellings(scene, step.told) if step.told else "nobody was told of this one"
        return _sentence(
            told, f"it was missed, and the newest one{f' (number {newer[-1]})' * bool(newer)} speaks for it"
        )
    if step.rung < 0 and not step.told:
        return _held(scene, rule, step)
    parts = _unfound(scene, rule, step) + ([_tellings(scene, step.told)] if step.told else [])
    if not parts:
        parts = [f"nobody was told: at {risk_word(scene.risk)} the procedure names nobody to tell first"]
    if step.told:
        parts.append(f"{_UNANSWERED.get(rule.kind, 'it is not done')} yet")
    return _sentence(*parts, _next(scene, rule, step))


def _sentence(*parts: str) -> str:
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}."


def unreceived(people: Iterable[str]) -> str:
    """Say which of those who were to be told have received nothing; empty where all have."""
    names = listed(dict.fromkeys(people))
    return f"No message about it has been received by {names} yet." if names else ""


def received_late(people: Iterable[tuple[str, datetime]], now: datetime) -> str:
    """Say who received it well after it fell due, as after an outage; empty where nobody did."""
    said = listed(f"{person} only at {moment(at, now)}" for person, at in people)
    return f"It was received by {said}." if said else ""


def _held(scene: Scene, rule: StepRule, step: Step) -> str:
    """Say why a step that is open has told nobody: it watches, or an outage let its opening pass."""
    due = f"at {scene.at(step.due_at)}" if step.due_at else "when it is due"
    if rule.kind is Kind.WATCH:
        return f"Nobody is told while nothing is amiss: this step only watches, and {_whom(scene, rule)} told {due}."
    return f"Nobody was told when it opened, for an outage had let that pass; {_whom(scene, rule)} told {due}."


def _unfound(scene: Scene, rule: StepRule, step: Step) -> list[str]:
    """Name each role that was asked for and in which nobody was told, why, and who is there by now."""
    rungs = [(number, to) for number, to in rule.rungs(scene.risk) if number <= step.rung]
    first = [(0, to) for to in ladder.first_addressees(rule, scene.risk)]
    return [said for number, to in (*first, *rungs) if (said := _lacked(scene, step, number, to))]


def _lacked(scene: Scene, step: Step, rung: int, to: Addressee) -> str:
    """Say why nobody was told on a rung; empty where somebody was."""
    there = [told for told in step.told if told.rung == rung]
    rang = (AlarmKey.NOBODY_ON_DUTY, f"{step.key}: {to.role} on rung {rung}") in scene.case.ringing
    if any(told.role in (to.role, to.otherwise) for told in there) or (there and not rang):
        return ""
    which = f" (rung {rung})" if rung else ""
    if rang or not rung:
        return f"nobody was on duty as {scene.role(to)[4:]} {scene.place(to)}{which}{_by_now(scene, to)}"
    return f"{scene.role(to)}{which} was not told"  # passed over, as by a change of risk


def _by_now(scene: Scene, to: Addressee) -> str:
    areas = scene.pack.areas_for(to, scene.case.area)
    there = scene.roster.choose(to.role, areas, scene.now).chosen
    return f", though {there.person} is now" if there is not None and there.area in areas else ""


def _next(scene: Scene, rule: StepRule, step: Step) -> str:
    """Say what time brings next: the reminder, the rung, or nothing."""
    coming = [f"a reminder at {scene.at(step.remind_at)}"] if step.remind_at else []
    above = [to for number, to in rule.rungs(scene.risk) if number > step.rung]
    if step.climb_at is not None:
        who = scene.role(above[0]) if above else "the last rungs once more"
        coming.append(f"{who} at {scene.at(step.climb_at)}")
    elif step.status is StepStatus.OPEN and step.due_at is not None:
        coming.append(f"overdue at {scene.at(step.due_at)}")
    return f"next: {listed(coming)}" if coming else "nobody further is told, for the step has no ladder"
