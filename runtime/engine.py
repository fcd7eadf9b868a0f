"""Everything that Vigil asks of Prefect; no other file calls its API.

Spoken to over plain HTTP with one kept connection: Prefect's own client builds a TLS context (45 ms)
and asks for the server's version each time it is made. When Prefect is down or overloaded, methods
raise `Transient`: the case is safe in the store, and the timer asks again.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from threading import Event
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from policy.errors import Transient
from runtime import engine_audit
from runtime.engine_deployment import DEPLOYMENT, Deployment
from runtime.engine_form import (
    ANSWER_PREFIX,
    DESCRIPTION,
    DESCRIPTION_KEY,
    SCHEMA,
    SCHEMA_KEY,
    Answer,
    keyset,
    read_answer,
)
from runtime.engine_state import Passing, RunState

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
PATIENCE_S: Final = (0.1, 0.4, 1.0)  # SQLite under load answers 503; longer waits are the timer's
CALL_S: Final = 5.0  # a door waits for `start`: a report must be answered though Prefect hangs

# Why a run was put into the queue: the name of its SCHEDULED state, and what the next pass goes by.
STARTED: Final = "Scheduled"
DEADLINE_REACHED: Final = "Deadline reached"
FACT_ARRIVED: Final = "Fact arrived"
PUT_RIGHT: Final = "Put right"
BROUGHT_UP_TO_DATE: Final = "Brought up to date"


class Engine:
    """Asks Prefect to start, wake, pause, name and describe the runs of cases."""

    def __init__(
        self,
        api_url: str,
        auth: str | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        local = urlsplit(api_url).hostname in LOOPBACK
        user, _, password = (auth or "").partition(":")
        self._http = httpx.Client(
            base_url=api_url.rstrip("/") + "/",
            auth=(user, password) if auth else None,
            verify=not local,  # loading the certificates costs 45 ms, and loopback has none
            trust_env=not local,  # a proxy has no business between two processes of one machine
            timeout=httpx.Timeout(CALL_S, connect=2.0),
            transport=transport,
        )
        self._pause = Event()  # never set while in use: its time-out is how we wait for the server
        self._deployment_id: str | None = None
        self._shown: set[str] = set()  # runs whose form's schema is with Prefect
        self._agendas: dict[str, str] = {}  # the artifact of a run, as far as this process has made one

    def close(self) -> None:
        """Give the connection back; waits end at once."""
        self._pause.set()
        self._http.close()

    def ready(self) -> bool:
        """Tell whether Prefect answers, knows our deployment and hands its runs out: nobody has paused the pool."""
        try:
            wanted = Deployment.read()
            asked = ("health", f"deployments/name/{DEPLOYMENT}", wanted.pool_path, wanted.queue_path)
            looks = [self._http.get(path, timeout=2.0) for path in asked]
            return all(look.is_success for look in looks) and not any(look.json()["is_paused"] for look in looks[2:])
        except httpx.HTTPError:
            return False

    def deploy(self) -> None:
        """Make the work pool and the deployment of the cases, not paused; changes nothing that is right."""
        wanted = Deployment.read()
        made = self.ask("POST", "work_pools/", wanted.work_pool, allow=(HTTPStatus.CONFLICT,))
        if made.status_code == HTTPStatus.CONFLICT:
            self.ask("PATCH", wanted.pool_path, wanted.work_pool_update)
        queue = {"name": wanted.queue}
        self.ask("POST", f"{wanted.pool_path}/queues", queue, allow=(HTTPStatus.CONFLICT,))
        self._deployment_id = self._put(wanted)
        self.ask("PATCH", wanted.queue_path, {"is_paused": False, "concurrency_limit": None})

    def deploy_form(self, of: str, form: Mapping[str, Any]) -> None:
        """Make the deployment of a form in `prefect.yaml`, which asks for what `form` says."""
        self._put(Deployment.read(of=of, form=form))

    def _put(self, wanted: Deployment) -> str:
        flow_id = self.ask("POST", "flows/", {"name": wanted.flow_name}).json()["id"]
        return str(self.ask("POST", "deployments/", {**wanted.body, "flow_id": flow_id}).json()["id"])

    def start(self, case: str, n: int, tags: Sequence[str], name: str | None = None) -> str:
        """Create the nth run of a case and give its id; the same case and n give the same run.

        A deployment that somebody has deleted is made again: a click in Prefect's pages silences nobody.
        """
        body = {
            "name": name or case,
            "parameters": {"case": case},
            "enforce_parameter_schema": False,
            "idempotency_key": f"{case}/{n}",
            "tags": list(tags),
            "state": {"type": "SCHEDULED", "name": STARTED},
        }
        path = "deployments/{}/create_flow_run"
        made = self.ask("POST", path.format(self._deployment()), body, allow=(404,))
        if made.status_code == HTTPStatus.NOT_FOUND:  # somebody deployed anew since we looked, or deleted it
            self._deployment_id = None
            made = self.ask("POST", path.format(self._deployment()), body)
        return str(made.json()["id"])

    def state(self, run_id: str) -> RunState | None:
        """Give the state of a run; None when Prefect has no such run."""
        answer = self.ask("GET", f"flow_runs/{run_id}", allow=(404, 422))
        found = answer.json().get("state") if answer.is_success else None
        if not found:
            return None
        scheduled = (found.get("state_details") or {}).get("scheduled_time")
        return RunState(
            type=found["type"],
            name=found["name"] or "",
            since_at=datetime.fromisoformat(found["timestamp"]),
            scheduled_at=datetime.fromisoformat(scheduled) if scheduled else None,
            queued=answer.json().get("work_queue_id", "?") is not None,
        )

    def count_well(self, run_ids: Sequence[str]) -> int:
        """Count the runs among these that rest, or stand in our queue."""
        return engine_audit.count_well(self.ask, run_ids)

    def list_well(self, run_ids: Sequence[str]) -> set[str]:
        """Name the runs among these that `count_well` counts."""
        return engine_audit.list_well(self.ask, run_ids)

    def count_queued(self) -> int:
        """Count the runs that stand in our queue."""
        return engine_audit.count_queued(self.ask)

    def passing(self, older_than: datetime) -> list[Passing]:
        """Give the runs that show a pass under way, or being cancelled, since before an instant; fifty at the most."""
        return engine_audit.passing(self.ask, older_than)

    def astray(self) -> str | None:
        """Name what keeps our runs from being handed out, None when nothing does."""
        return engine_audit.astray(self.ask)

    def wake(self, run_id: str, reason: str) -> bool:
        """Put a paused run into the queue; False, and nothing done, when it was not paused."""
        now = self.state(run_id)
        if now is None or not now.waiting:
            return False
        return self._set(run_id, {"type": "SCHEDULED", "name": reason})

    def put_back(self, run_id: str, reason: str, *, not_before: datetime | None = None) -> None:
        """Put a run whose pass died, or failed, into the queue again.

        1. Its task runs that still show as running died with the pass: CRASHED.
        2. The run itself: SCHEDULED, under the reason, not before the instant if one is given.
        """
        dead = {
            "task_runs": {
                "flow_run_id": {"any_": [run_id]},
                "state": {"type": {"any_": ["RUNNING", "PENDING"]}},
            }
        }
        crashed = {"type": "CRASHED", "message": "The pass that ran this died."}
        for task_run in self.ask("POST", "task_runs/filter", dead).json():
            self.ask("POST", f"task_runs/{task_run['id']}/set_state", {"state": crashed, "force": True})
        details = {"scheduled_time": not_before.isoformat()} if not_before else {}
        state = {"type": "SCHEDULED", "name": reason, "state_details": details}
        self._set(run_id, state, force=True)

    def again(self, run_id: str, reason: str = FACT_ARRIVED) -> bool:
        """Put the run of the pass that asks into the queue, for something came meanwhile."""
        return self._set(run_id, {"type": "SCHEDULED", "name": reason})

    def pause(self, run_id: str, name: str, message: str, *, form: bool = False) -> bool:
        """Set the run to PAUSED under our own name; False when Prefect says it is not running.

        Never with a time-out: Prefect fails a run whose pause has run out.
        """
        details: dict[str, Any] = {"pause_reschedule": True, "pause_key": uuid4().hex}
        if form:
            self._show_form(run_id)
            details["run_input_keyset"] = keyset()
        state = {"type": "PAUSED", "name": name, "message": message, "state_details": details}
        return self._set(run_id, state)

    def cancelled(self, run_id: str, message: str | None = None) -> None:
        """End a run that somebody cancelled while a pass had it, or that carries nothing any more."""
        self._set(run_id, {"type": "CANCELLED", "name": "Cancelled", "message": message}, force=True)

    def failed(self, run_id: str) -> None:
        """End a run that carries no case and whose pass failed: Prefect would offer it for ever."""
        state = {"type": "FAILED", "name": "Failed", "message": "This run carries no case of Vigil's."}
        self._set(run_id, state, force=True)

    def answer(self, run_id: str) -> Answer | None:
        """Give what somebody typed into the Resume form; stays until `forget`."""
        body = {"prefix": ANSWER_PREFIX, "limit": 1}
        for found in self.ask("POST", f"flow_runs/{run_id}/input/filter", body).json():
            answer = read_answer(found["key"], json.loads(found["value"]))
            if answer:
                return answer
            self._forget(run_id, found["key"])
        return None

    def forget(self, run_id: str, answer: Answer) -> None:
        """Take an answer out of Prefect, now that the store has it: it is never read again."""
        self._forget(run_id, answer.key)

    def describe(self, run_id: str, name: str, tags: Sequence[str]) -> None:
        """Give the run its name and its tags."""
        self.ask("PATCH", f"flow_runs/{run_id}", {"name": name, "tags": list(tags)})

    def agenda(self, case: str, run_id: str, markdown: str) -> None:
        """Show the case's agenda on the run's page; its first line says what happens next.

        One artifact a run, kept up to date: a page of forty tells nobody which one holds.
        """
        first = markdown.partition("\n")[0].replace("**", "").lstrip("# ")
        shown = {"description": first, "data": markdown}
        known = self._agendas.get(run_id)
        if known and self.ask("PATCH", f"artifacts/{known}", shown, allow=(404,)).is_success:
            return
        body = shown | {"key": f"agenda-{case.lower()}", "type": "markdown", "flow_run_id": run_id}
        self._agendas[run_id] = self.ask("POST", "artifacts/", body).json()["id"]

    def _show_form(self, run_id: str) -> None:
        if run_id in self._shown:
            return
        for key, value in ((SCHEMA_KEY, SCHEMA), (DESCRIPTION_KEY, DESCRIPTION)):
            body = {"key": key, "value": json.dumps(value)}
            self.ask("POST", f"flow_runs/{run_id}/input", body, allow=(HTTPStatus.CONFLICT,))
        if len(self._shown) > 50_000:  # a few MB; after that it costs two calls to find out again
            self._shown.clear()
            self._agendas.clear()
        self._shown.add(run_id)

    def _forget(self, run_id: str, key: str) -> None:
        self.ask("DELETE", f"flow_runs/{run_id}/input/{key}", allow=(404,))

    def _deployment(self) -> str:
        if self._deployment_id is None:
            found = self.ask("GET", f"deployments/name/{DEPLOYMENT}", allow=(404,))
            if found.status_code == HTTPStatus.NOT_FOUND:
                self.deploy()
            else:
                self._deployment_id = str(found.json()["id"])
        assert self._deployment_id is not None
        return self._deployment_id

    def _set(self, run_id: str, state: Mapping[str, Any], *, force: bool = False) -> bool:
        # The transition id makes a repeated request safe: Prefect answers "rejected" with the state
        # that our first request, whose answer was lost, had set.
        transition = str(uuid4())
        details = dict(state.get("state_details") or {}) | {"transition_id": transition}
        body = {"state": dict(state) | {"state_details": details}, "force": force}
        answer = self.ask("POST", f"flow_runs/{run_id}/set_state", body).json()
        stands = ((answer.get("state") or {}).get("state_details") or {}).get("transition_id")
        return bool(answer["status"] == "ACCEPT" or stands == transition)

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        allow: Sequence[int] = (),
    ) -> httpx.Response:
        """Ask once, and again while the server asks for patience; anything else is Transient."""
        failure = ""
        for wait_s in (*PATIENCE_S, None):
            try:
                answer = self._http.request(method, path, json=body)
            except httpx.TransportError as error:
                failure = type(error).__name__
                if isinstance(error, httpx.ConnectError | httpx.TimeoutException):
                    break  # nobody is there, or it hangs: the timer comes back
            else:
                if answer.is_success or answer.status_code in allow:
                    return answer
                failure = str(answer.status_code)
                if answer.status_code not in {429, 502, 503, 504}:
                    break
            if wait_s is None or self._pause.wait(wait_s):
                break
        raise Transient(f"Prefect: {method} {path.partition('?')[0]}: {failure}")
