"""A small force whose phones all ring at the sink, and the questions that the live tests ask about a case."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from runtime.clock import Stopwatch, beats
from tests.support.sink import Sink
from tests.support.stack import Stack, duty

START = "2026-01-10T19:00:00Z"
SPEED = 60
AREAS = ("stoke", "newcastle", "moorlands", "stafford", "cannock", "lichfield", "tamworth", "south_staffordshire")
NOTICE = "notify_local_supervisor"
DONE = ("COMPLETED", "Completed")  # a task run that told somebody; others end COMPLETED as "Called off"
PLANTED = {
    "name": "Zebediah Quillfeather",
    "place": "Flat 9, Marmalade Gardens",
    "born": "2011-07-23",
    "story": "He spoke of the lighthouse and the marzipan",
    "phone": "07700900462",
}
_numbers = count(1)


@dataclass
class Force:
    """A running Vigil with everybody on duty."""

    stack: Stack
    sink: Sink
    cases: list[str] = field(default_factory=list)
    unanswered: str = ""  # a medium case of Tamworth that nobody answers, reported before the first test

    def man(self) -> None:
        """Put everybody on duty, with a phone at the sink."""
        people = [("fim-1", "force_incident_manager", "*"), ("fcc-1", "control_room_sergeant", "*")]
        people += [("ci-1", "duty_chief_inspector", "*"), ("sup-1", "on_call_superintendent", "*")]
        people += [("off-1", "response_officer", "*")]
        people += [("ds-1", "missing_sergeant", "*"), ("di-1", "cid_inspector", "*")]
        for area in AREAS:
            people += [(f"insp-{area}", "duty_inspector", area), (f"sgt-{area}", "response_sergeant", area)]
        self.stack.put_roster([duty(p, role, area, self.sink.address(p)) for p, role, area in people])

    def report(self, area: str, risk: str = "medium") -> dict[str, Any]:
        """Post a report that plants what must never leave the store; give the answer."""
        number = next(_numbers)
        body = {
            "source": "live",
            "source_id": f"L-{number:04d}",
            "area": area,
            "risk": risk,
            "risk_rationale": PLANTED["story"],
            "person": {"name": f"{PLANTED['name']} {number}", "date_of_birth": PLANTED["born"]},  # each somebody else
            "circumstances": PLANTED["story"],
            "last_seen": {"place": PLANTED["place"]},
            "reporter": {"name": PLANTED["name"], "phone": PLANTED["phone"], "kind": "parent"},
        }
        answer: dict[str, Any] = self.stack.post("/reports", body, 201)
        self.cases.append(answer["case"])
        return answer

    def fact(self, case: str, kind: str, by: str, **evidence: str) -> Any:
        """Post a fact that must be taken."""
        return self.stack.post(f"/cases/{case}/facts", {"kind": kind, "by": by, "evidence": evidence}, 200)

    def page(self, method: str, link: str, form: dict[str, str] | None = None) -> int:
        """Open a link as a phone does, with no token and no script; give the status."""
        return httpx.request(method, link, data=form, timeout=15, follow_redirects=True).status_code

    def step(self, case: str, key: str = NOTICE) -> dict[str, Any]:
        """Give a step of a case as the API answers it."""
        steps = self.stack.ask(f"/cases/{case}")["steps"]
        return next(step for step in steps if step["key"] == key)

    def run(self, case: str) -> Any:
        """Give the flow run of a case as Prefect has it."""
        return self.stack.prefect(f"/flow_runs/{self.stack.ask(f'/cases/{case}')['flow_run_id']}")

    def acts(self, case: str) -> list[dict[str, Any]]:
        """Give the task runs of a case's flow run, oldest first."""
        run = self.stack.ask(f"/cases/{case}")["flow_run_id"]
        asked = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        found: list[dict[str, Any]] = self.stack.prefect("/task_runs/filter", asked)
        return found

    def named(self, case: str, name: str, within_s: float = 10) -> list[dict[str, Any]]:
        """Wait until the run shows a task run of this name, and give all that bear it: Prefect writes them late."""
        found: list[dict[str, Any]] = []
        for _ in self.ticks(within_s):
            found = [act for act in self.acts(case) if act["name"] == name]
            if found:
                break
        return found

    def settled(self, case: str, within_s: float = 15, but: str = "?") -> Any:
        """Wait until the run of a case is paused, and awaits something else than `but`; give it."""
        run = None
        for _ in self.ticks(within_s):
            run = self.run(case)
            named = re.match(r"Awaiting .+ by \d\d:\d\d", run["state_name"])
            if run["state_type"] == "PAUSED" and named and but not in run["state_name"]:
                return run
        raise AssertionError(f"{case} does not rest: {run and (run['state_type'], run['state_name'])}")

    def ticks(self, within_s: float, every_s: float = 0.2) -> Iterator[int]:
        """Give a beat every so often until the time is over."""
        watch = Stopwatch()
        for number in beats(threading.Event(), every_s):
            yield number
            if watch.over(within_s):
                return

    def pause(self, seconds: float) -> None:
        """Let real time pass: the processes under test run on the real clock."""
        threading.Event().wait(seconds)

    def told_once(self, case: str) -> None:
        """Demand that no attempt key of a case was received twice, and that no act has two task runs."""
        keys = Counter(c.headers["webhook-id"] for c in self.sink.calls(case=case) if c.status == 200)
        assert [key for key, times in keys.items() if times > 1] == []
        # The task runs before the messages: what is told in between is a message more, never a task run too many.
        titles = Counter(a["name"] for a in self.acts(case) if (a["state_type"], a["state_name"]) == DONE)
        messages = self.stack.ask(f"/cases/{case}/messages")["messages"]
        acts = {(m["step"], m["rung"], m["reminder"], m["type"]) for m in messages if m["state"] == "received"}
        assert sum(titles.values()) <= len(acts), (titles, acts)
