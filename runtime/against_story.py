"""A story played by policy alone, as a timeline in the words of a rehearsal: nothing is stored, sent or rung."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from policy.case import Case
from policy.errors import Invalid, Refused
from policy.facts import Fact, read_fact
from policy.intents import Tell
from policy.pack import Pack
from policy.play import Played, Rosters, Said, Story, play
from policy.report import read_report
from policy.roster import Roster
from policy.terms import StepStatus
from runtime import readings, rehearse_journal, rehearse_words
from runtime.against_timeline import Timeline, of_seen
from runtime.against_what import duty_of, wrong
from runtime.rehearse_journal import Written
from runtime.rehearse_scenario import Act, Scenario, roster_csv
from runtime.rehearse_seen import Asked, Look, Refusal, Seen, Telling, View, listed
from store.roster_file import RosterFile, read_csv

# Of what a fact of a recorded case says, only what is coded is told again: no words of anybody's own.
_CODED = frozenset({"level", "to", "interviewer", "recipient", "seen_by", "wellbeing", "next_review_at", "at", "force"})
_UNSAID = {"with": "somebody", "unit": "one"}
ONLY = 1  # a story is about one case


@dataclass(frozen=True)
class Replay:
    """A story and what it is played under; `odd` are acts that no door takes, with what is wrong about them."""

    story: Story
    pack: Pack
    rosters: Rosters
    own_words: bool = False  # what people say is told whole
    odd: tuple[tuple[Act, Invalid], ...] = field(default=())


def always(file: RosterFile) -> Rosters:
    """Give a roster that was known all along."""
    roster = Roster(tuple(duty_of(row) for row in file.rows), {who: rank for who, (_, rank) in file.people.items()})
    return lambda _at: roster


def of_scenario(scenario: Scenario) -> Replay:
    """Give a rehearsal of one case as a story; raise Invalid when more happens in it than one case's own facts."""
    reports = [act for act in scenario.acts if act.kind == "report"]
    if len(reports) != ONLY or any(act.kind not in ("report", "fact") for act in scenario.acts):
        raise wrong(f"{scenario.file.name} is not about one case alone", "lay the cases beside each other one by one")
    first, said, odd = reports[0], list[Said](), list[tuple[Act, Invalid]]()
    for act in scenario.acts:
        if act.kind == "fact":
            try:
                said.append(Said(act.at, (read_fact(dict(act.body)),)))
            except Invalid as error:
                odd.append((act, error))
    pack = scenario.rules
    report = read_report(dict(first.body), first.at, list(pack.areas))
    story = Story("the case", report, first.at, tuple(said), scenario.ends_at)
    file = read_csv(roster_csv(scenario.duties), scenario.start, areas=pack.areas, forces=pack.forces)
    return Replay(story, pack, always(file), own_words=True, odd=tuple(odd))


def timeline_of(title: str, replay: Replay) -> Timeline:
    """Play a story and give its timeline."""
    played, seen = play(replay.story, replay.pack, replay.rosters), Seen()
    written = [Written(entry.at, entry.kind, entry.by, entry.body) for _, entry in played.entries]
    seen.story += [rehearse_journal.of_breach(entry, ONLY) for entry in written if entry.kind == "overdue"]
    _say_what_came_in(seen, replay, played)
    for at, text in rehearse_journal.of_entries(written, replay.pack):
        seen.say(at, "case", text, ONLY)
    seen.story += [_telling(at, tell) for at, tell in played.tells]
    _look(seen, replay, played)
    return of_seen(title, replay.story.opened_at, seen, replay.pack)


def _look(seen: Seen, replay: Replay, played: Played) -> None:
    """Say who had the case when, and how it ends."""
    case, story, owner = played.case, replay.story, played.case.owner
    looks = [(story.opened_at, replace(case, owner=None)), (story.until, case)]
    if owner is not None:
        looks.insert(1, (owner.accepted_at, case))
    seen.looks += [Look(at, {ONLY: _view(held, replay.rosters(at), at)}) for at, held in looks]
    seen.say(story.until, "end", rehearse_words.of_end(story.ref, seen.looks[-1].cases[ONLY]), ONLY)


def _view(case: Case, roster: Roster, at: datetime) -> View:
    who = readings.answerable(case, roster, at)
    return {
        "status": case.status,
        "risk": case.risk,
        "owner": case.owner.person if case.owner else None,
        "responsible": who.person if who else None,
        "overdue": sum(step.status is StepStatus.OVERDUE for step in case.steps),
        "non_compliant": case.non_compliant,
    }


def _say_what_came_in(seen: Seen, replay: Replay, played: Played) -> None:
    report = replay.story.report
    risk = f"{report.risk.replace('_', ' ')} risk" if report.risk else "risk not set"
    area = replay.pack.area_title(report.area)
    seen.say(replay.story.opened_at, "report", f"The record arrives: {risk}, {report.age_band}, {area}", ONLY)
    refused = {id(said): error for said, error in played.refused}
    for said in replay.story.said:
        for fact in said.facts:
            text = rehearse_words.of_fact(_body(fact, own_words=replay.own_words), replay.pack)
            _say(seen, said.at, fact.kind, text if replay.own_words else text.partition(": ")[0], refused.get(id(said)))
    for act, error in replay.odd:
        _say(seen, act.at, act.said, rehearse_words.of_fact(act.body, replay.pack), error)
    seen.refusals.sort(key=lambda refusal: refusal.at)


def _say(seen: Seen, at: datetime, kind: str, text: str, error: Invalid | Refused | None) -> None:
    if error is None:
        seen.say(at, "fact", text, ONLY)
        return
    missing = tuple(m.what for m in error.missing) if isinstance(error, Refused) else _fields(error)
    seen.refusals.append(Refusal(at, 0, kind, ONLY, "", "", missing))
    wants = f", for want of {listed(name.replace('_', ' ') for name in dict.fromkeys(missing))}" if missing else ""
    seen.say(at, "refused", f"{text}: REFUSED{wants}", ONLY)


def _fields(error: Invalid) -> tuple[str, ...]:
    return tuple(fault.field.removeprefix("evidence.") for fault in error.faults)


def _body(fact: Fact, *, own_words: bool) -> Mapping[str, object]:
    kept: Iterable[tuple[str, object]] = fact.evidence.items()
    if not own_words:
        kept = (*_UNSAID.items(), *((name, value) for name, value in kept if name in _CODED))
    return {"kind": fact.kind, "by": fact.by, "step": fact.step, "evidence": dict(kept)}


def _telling(at: datetime, tell: Tell) -> Telling:
    return Telling(
        at=at,
        key=tell.attempt_part,
        case=ONLY,
        person=tell.person,
        role=tell.role,
        label=tell.label,
        type=tell.type,
        step=tell.step,
        rung=tell.rung,
        reminder=tell.reminder,
        about=tuple(dict.fromkeys(ask.step for ask in tell.asks)),
        asks=tuple(Asked(ask.step, ask.text, ask.due_at) for ask in tell.asks),
    )
