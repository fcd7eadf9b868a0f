"""A rehearsal through the whole stack: acts go in over HTTP at their instants, messages come out at a real phone."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from policy.terms import AlarmKey, Channel, MessageType
from runtime import rehearse_words
from runtime.clock import real_seconds_until, wait
from runtime.rehearse_journal import Written, of_breach, of_entries
from runtime.rehearse_judge import Judge
from runtime.rehearse_revision import proposal_of, said_of
from runtime.rehearse_scenario import Act, DutyLine, Scenario, roster_csv, without
from runtime.rehearse_seen import Asked, Look, Rang, Refusal, Seen, Telling
from runtime.rehearse_show import Played
from runtime.rehearse_sink import TAKEN, Sink
from runtime.rehearse_stack import Stack, stack
from runtime.rehearse_words import ClockWords

GRACE_S = 5.0  # real seconds that each `by` gets: the way from the deadline to the phone
POLL_S = 0.5  # real seconds between two looks at the cases
OVER = ("told", "not_told", "alarm", "count", "refused")  # judged when all is over: only the instants matter


def play(scenario: Scenario, speed: float) -> Played:
    """Play a rehearsal on the real stack at `speed`, and judge it. Raises Refused when the stack does not start."""
    grace = timedelta(seconds=GRACE_S * speed)
    seen = Seen()
    judge = Judge(seen, ClockWords(scenario.start), grace)
    heard = Heard()
    with Sink(heard.take) as sink, stack(scenario, speed) as there:
        heard.clock = there.clock.now
        night = Night(scenario, there, sink, judge)
        night.play(grace)
        night.gather(heard)
    verdicts = [(e, judge.judge(e)) for e in scenario.expectations]
    return Played(scenario, seen, verdicts, live=True, speed=speed, grace_s=GRACE_S)


@dataclass
class Heard:
    """What the phones received, and when."""

    clock: Any = None
    received: list[tuple[datetime, str, Mapping[str, Any]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, _path: str, headers: Mapping[str, str], text: str) -> int:
        """Write a message down with the rehearsal's instant."""
        with self._lock:
            self.received.append((self.clock(), headers.get("webhook-id", ""), json.loads(text)))
        return TAKEN


@dataclass
class Night:
    """One live run, from its first act to its last expectation."""

    scenario: Scenario
    stack: Stack
    sink: Sink
    judge: Judge
    refs: dict[int, str] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    duties: tuple[DutyLine, ...] = ()
    _never: threading.Event = field(default_factory=threading.Event)

    def play(self, grace: timedelta) -> None:
        """Perform the acts at their instants, look at the cases in between, and wait for the last grace to pass."""
        self.duties = self.scenario.duties
        self._put_roster()
        acts = list(self.scenario.acts)
        ends = {act.outage.until for act in acts if act.outage}
        looks = {e.at for e in self.scenario.expectations if e.at and e.at <= self.scenario.ends_at}
        for at in sorted({*(act.at for act in acts), *ends, *looks, self.scenario.ends_at}):
            self._wait_until(at)
            if at in ends:
                self._end_outages(at)
            while acts and acts[0].at == at:
                self._perform(acts.pop(0))
            self._judge_at(at, min([at + grace, *(act.at for act in acts)]))
        self._wait_until(self.scenario.ends_at + grace)

    def _down_at(self, at: datetime) -> frozenset[str]:
        """Name the channels that are out of order at an instant; the phones of each are a path of the sink."""
        outages = [(act.at, act.outage) for act in self.scenario.acts if act.outage]
        return frozenset(o.of.removeprefix("channel:") for begins_at, o in outages if begins_at <= at < o.until)

    def _end_outages(self, at: datetime) -> None:
        self.sink.out_of_order = self._down_at(at)
        for act in self.scenario.acts:
            if act.outage and act.outage.until == at:
                self._say(at, "outage", f"The outage of {act.outage.of} is over")

    def _wait_until(self, at: datetime) -> None:
        while (left_s := real_seconds_until(self.stack.clock, at)) > 0:
            wait(self._never, min(left_s, POLL_S))
            self._look()

    def _judge_at(self, at: datetime, latest: datetime) -> None:
        """Look at what must hold at this instant, until it does or the grace is over."""
        now = [e for e in self.scenario.expectations if e.at == at and e.subject not in OVER]
        self._look(at)
        while any(not self.judge.judge(e).kept for e in now) and self.stack.clock.now() < latest:
            wait(self._never, POLL_S / 2)
            self._look(at)

    def _look(self, at: datetime | None = None) -> None:
        seen_at = at or self.stack.clock.now()
        cases = {number: self.stack.get(f"cases/{ref}") for number, ref in self.refs.items()}
        for number, view in cases.items():
            run_id = view["flow_run_id"]
            if run_id and str(run_id) not in self.runs:
                self.runs.add(str(run_id))
                self.judge.seen.runs.append((seen_at, number))
        self.judge.seen.looks.append(Look(seen_at, cases))

    # --- acts

    def _perform(self, act: Act) -> None:
        if act.kind in ("report", "fact"):
            self._send(act)
        elif act.kind == "propose":
            self._propose(act)
        elif act.outage is not None:
            self.sink.out_of_order = self._down_at(act.at)
            self._say(act.at, "outage", rehearse_words.of_outage(act.outage.of, self.judge.clock, act.outage.until))
        else:
            self.duties = without(self.duties, act.person, act.at)
            self._put_roster()
            self._say(act.at, "roster", f"{act.person} goes off duty")

    def _send(self, act: Act) -> None:
        ref = self.refs.get(act.case)
        if act.kind == "report":
            status, answer = self.stack.post("reports", act.body)
        elif ref is None:
            status, answer = (
                409,
                {"detail": f"report {act.case} was refused, so it has no case", "rule": "no_such_case"},
            )
        else:
            status, answer = self.stack.post(f"cases/{ref}/facts", act.body)
        if status >= 300:
            self._refused(act, answer)
            return
        said = rehearse_words.of_fact(act.body, self.scenario.rules) if act.kind == "fact" else ""
        if act.kind == "report":
            ref = self.refs[act.case] = str(answer["case"])
            said = rehearse_words.of_report(act, ref, self.stack.get(f"cases/{ref}"), self.scenario.rules)
        self._say(act.at, act.kind, said, act.case)

    def _propose(self, act: Act) -> None:
        """Propose a revision and have it approved at once, as the two people do by the API."""
        path = f"packs/{self.scenario.pack}/revisions"
        asked = {"base": self.stack.get(path)["latest"], "by": act.body["by"], **proposal_of(act.body)}
        status, answer = self.stack.post(path, asked)
        if status < 300:
            number = answer["revision"]
            status, answer = self.stack.post(f"{path}/{number}/approve", {"by": act.body["approver"]})
        if status >= 300:
            self._refused(act, answer)
            return
        number, changes = answer["revision"], answer["changes"]
        assert isinstance(number, int)
        assert isinstance(changes, list)
        self._say(act.at, "propose", said_of(act.body, number, changes))

    def _refused(self, act: Act, answer: Mapping[str, Any]) -> None:
        refusal = _refusal(act, answer)
        self.judge.seen.refusals.append(refusal)
        self._say(act.at, "refused", rehearse_words.of_refusal(refusal, act, self.scenario.rules), act.case)

    def _put_roster(self) -> None:
        if self.duties:
            phones = (self.sink.address(Channel.WEBHOOK), self.sink.address(Channel.SMS))
            self.stack.put_roster(roster_csv(self.duties, *phones))

    def _say(self, at: datetime, kind: str, text: str, case: int | None = None) -> None:
        self.judge.seen.say(at, kind, text, case)

    # --- afterwards

    def gather(self, heard: Heard) -> None:
        """Read through the API what happened meanwhile, and put it together with what the phones received."""
        numbers: dict[str, int] = {}
        about: dict[str, Any] = {}
        for number, ref in self.refs.items():
            numbers.setdefault(ref, number)
        for ref, number in numbers.items():
            about |= {str(m["attempt_key"]): m for m in _rows(self.stack.get(f"cases/{ref}/messages"), "messages")}
            self._written(ref, number)
        for row in reversed(_rows(self.stack.get("alarms"), "alarms")):
            number_of = numbers.get(str(row["case"]))
            rang = Rang(_at(row["at"]), AlarmKey(row["key"]), row["to"], number_of, str(row.get("detail") or ""))
            self.judge.seen.story.append(rang)
        told: set[str] = set()
        for at, key, payload in heard.received:
            act = key.rpartition("/")[0]
            if act not in told:
                told.add(act)
                self.judge.seen.story.append(_telling(at, act, payload, about.get(key, {}), numbers))
        for number, ref in self.refs.items():
            self._say(self.stack.clock.now(), "end", rehearse_words.of_end(ref, self.stack.get(f"cases/{ref}")), number)

    def _written(self, ref: str, number: int) -> None:
        """Read the case's journal: what fell overdue, and what came of the case."""
        after: object = 0
        entries: list[Written] = []
        while after is not None:
            page = self.stack.get(f"cases/{ref}/journal?after={after}")
            entries += [Written(_at(e["at"]), e["kind"], e["by"], e["body"]) for e in _rows(page, "entries")]
            after = page.get("next")
        self.judge.seen.story += [of_breach(entry, number) for entry in entries if entry.kind == "overdue"]
        for at, text in of_entries(entries, self.scenario.rules):
            self._say(at, "case", text, number)


def _rows(answer: Mapping[str, object], name: str) -> list[dict[str, Any]]:
    rows = answer[name]
    assert isinstance(rows, list)
    return rows


def _at(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


def _refusal(act: Act, problem: Mapping[str, Any]) -> Refusal:
    """Put a refusal down as the API explained it."""
    missing = [str(m["what"]) for m in problem.get("missing") or ()]
    missing += [str(fault["field"]) for fault in problem.get("errors") or ()]
    rule, who_may = str(problem.get("rule") or "invalid"), str(problem.get("who_may") or "")
    detail = str(problem.get("detail") or problem.get("title") or "refused")
    return Refusal(act.at, act.number, act.said, act.case, rule, detail, tuple(missing), who_may)


def _telling(
    at: datetime, key: str, payload: Mapping[str, Any], row: Mapping[str, Any], numbers: Mapping[str, int]
) -> Telling:
    due_at = row.get("due_at")
    return Telling(
        at=at,
        key=key,
        case=numbers.get(str(payload["case"])),
        person=str(payload["to"]["person"]),
        role=str(payload["to"]["role"]),
        label=str(payload["to"]["label"]),
        type=MessageType(payload["type"]),
        step=str(payload["step"]),
        rung=int(payload["rung"]),
        reminder=int(payload["reminder"]),
        about=tuple(row.get("about") or (payload["step"],)),
        asks=_asks(payload),
        due_at=_at(due_at) if due_at else None,
    )


def _asks(payload: Mapping[str, Any]) -> tuple[Asked, ...]:
    """Take a message apart again; it names step and deadline of the first thing asked only."""
    first, *more = str(payload["ask"]).split("; ")
    due_at = payload.get("due_at")
    asks = [Asked(str(payload["step"]), first, _at(due_at) if due_at else None)]
    return (*asks, *(Asked("", text) for text in more))
