"""The threads of the worker: each holds one client and runs one pass at a time."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Final
from uuid import UUID

import structlog
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import Abort, FailedRun, Pause
from prefect.flows import Flow

from runtime.engine_pass import Pass, ThriftyClient, make_pass, thrifty_client
from runtime.patience import MOST_LENT, Patience, one_pass
from runtime.worker_hooks import Hooks

FIRST_REST_S: Final = 5.0  # after an error a run rests this long, then twice as long, ...
LONGEST_REST_S: Final = 300.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One pass to be made; `done` is called when it has ended, however it ended."""

    flow: Flow[Any, Any]
    run: FlowRun
    this: Pass
    high: bool
    done: Callable[[], object]
    patience: Patience = field(default_factory=Patience)


class Slots:
    """A few threads that make passes; daemons, so that a pass that hangs cannot keep the process."""

    def __init__(self, count: int, hooks: Hooks) -> None:
        """Start nothing yet: a thread starts when it is first needed, above `count` while slots are lent."""
        self._count = count
        self._hooks = hooks
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._held: dict[UUID, Job] = {}
        self._failures: Counter[str] = Counter()
        self._empty = asyncio.Event()

    @property
    def free(self) -> int:
        """How many more passes may begin; one that waits for a telephone has lent its slot."""
        with self._lock:
            lent = sum(job.patience.lends for job in self._held.values())
            return self._count - len(self._held) + min(lent, MOST_LENT)

    @property
    def taken_by_ordinary(self) -> int:
        """How many slots are taken by passes that are not for high risk."""
        with self._lock:
            return sum(not (job.high or job.patience.lends) for job in self._held.values())

    def has(self, run_id: UUID) -> bool:
        """Tell whether a pass of the run is under way here: a run never has two."""
        return run_id in self._held

    def give(self, job: Job) -> None:
        """Let a thread make the pass."""
        with self._lock:
            self._held[job.run.id] = job
            self._empty.clear()
        if len(self._threads) < min(len(self._held), self._count + MOST_LENT):
            # A copy of the context, so that a pass finds the app that this process works with.
            thread = Thread(
                target=copy_context().run,
                args=(self._run,),
                name=f"pass-{len(self._threads)}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()
        self._jobs.put(job)

    def settle(self) -> None:
        """Tell whoever waits for `drained`; from the worker's loop."""
        if not self._held:
            self._empty.set()

    async def drained(self) -> None:
        """Wait until no pass is under way."""
        if self._held:
            await self._empty.wait()

    def _run(self) -> None:
        with thrifty_client() as client:
            while True:
                self._make(client, self._jobs.get())

    def _make(self, client: ThriftyClient, job: Job) -> None:
        """Make one pass; whatever gets out of it, the run is looked after and the slot is free again."""
        try:
            with one_pass(job.patience):
                make_pass(client, job.flow, job.run, job.this)
        except (Pause, Abort):
            self._after(job)
        except Exception as error:  # noqa: BLE001 -- no error may end a case, or this thread
            if job.this.case or not isinstance(error, FailedRun):  # a form's run ends itself, and has said why
                self._rescue(job, error)
        else:
            self._after(job)
        finally:
            with self._lock:
                self._held.pop(job.run.id, None)
            job.done()

    def _after(self, job: Job) -> None:
        """Forget failures that are over; end a run that was cancelled in Prefect's pages meanwhile."""
        this, engine = job.this, self._hooks.engine
        try:
            if self._failures.pop(this.run_id, 0):
                self._hooks.recovered(this)
            if engine is not None and this.refused_rest:
                state = engine.state(this.run_id)
                if state and state.type == "CANCELLING":
                    engine.cancelled(this.run_id)
        except Exception as error:  # noqa: BLE001 -- the pass went well; the timer sees to the rest
            log.warning("run_not_looked_after", case=this.case, error=type(error).__name__)

    def _rescue(self, job: Job, error: Exception) -> None:
        """Put a run whose pass failed into the queue again, later each time, and ring."""
        this = job.this
        try:
            carries = self._hooks.failed(this, error)
        except Exception as second:  # noqa: BLE001 -- whatever is wrong with the store, the run is put back
            log.error("failure_not_told", run=this.run_id, error=type(second).__name__)
            carries = True
        log.error("pass_failed", case=this.case if carries else None, run=this.run_id, error=type(error).__name__)
        try:
            if carries:
                self._put_back(this)
            elif self._hooks.engine:
                self._hooks.engine.failed(this.run_id)
        except Exception as second:  # noqa: BLE001 -- the timer finds the run when its lease has run out
            log.error("pass_not_mended", case=this.case, error=type(second).__name__)

    def _put_back(self, this: Pass) -> None:
        self._failures[this.run_id] += 1
        rest_s = min(FIRST_REST_S * 2 ** min(self._failures[this.run_id] - 1, 6), LONGEST_REST_S)
        if self._hooks.engine and self._hooks.wall:
            later = self._hooks.wall() + timedelta(seconds=rest_s)
            self._hooks.engine.put_back(this.run_id, "Put back after an error", not_before=later)
