"""The resident worker: a Prefect worker that runs passes inside its own process, at once when knocked on.

Prefect's process worker starts a fresh Python for each run (1.7 s of CPU and 100 MB a pass). This one
keeps the work pool, the queue and Cancel as Prefect knows them, and runs each pass in one of a few
threads with the flow loaded once. High risk goes first, and one slot in four is kept for it.
"""

import asyncio
import platform
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import httpx
import structlog
from prefect.client.schemas.filters import WorkerFilter, WorkerFilterStatus
from prefect.client.schemas.objects import FlowRun
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from policy.errors import VigilError
from runtime.engine_deployment import ROOT, WORKER_TYPE, Deployment
from runtime.engine_pass import Pass
from runtime.knock import Listener, mark_of
from runtime.worker_hooks import Hooks
from runtime.worker_queue import Offer, Queue
from runtime.worker_slots import Job, Slots

SLOTS: Final = 4  # more at once gives "database is locked" on SQLite
PART: Final = "worker"  # under this name others knock on it
IDLE_S: Final = 1.5  # a lost knock costs this much at the most
SYNC_S: Final = 30.0  # Prefect takes a worker for dead after three of these
HEARTBEAT_S: Final = 5.0
EAR_S: Final = 0.5  # how late `stop` may be seen
GRACE_S: Final = 10.0  # how long a running pass may take to finish when we are asked to stop

log = structlog.get_logger()


class ResidentWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Runs the passes of cases in threads of this process."""

    type = WORKER_TYPE
    _description = "Runs cases inside Vigil's own worker."

    def __init__(self, *args: Any, hooks: Hooks | None = None, **kwargs: Any) -> None:
        """Take what Prefect gives any worker, and what Vigil adds: who goes first, whom to tell."""
        kwargs["limit"] = kwargs.get("limit") or SLOTS
        kwargs["prefetch_seconds"] = 0.0  # a run that is not due yet is not for now
        super().__init__(*args, **kwargs)
        self._hooks = hooks or Hooks()
        self._slots = Slots(kwargs["limit"], self._hooks)
        self._queue = Queue(kwargs["limit"])
        self._flows: dict[UUID | str, Flow[Any, Any]] = {}
        self._woken = asyncio.Event()
        self._knocked = True
        self._left = False  # whether the last look found more than there were slots for
        self._stopping = asyncio.Event()
        self._reachable = True
        self._alone = True
        self._ours = str(ROOT / Deployment.read().entrypoint)

    def knock(self) -> None:
        """Look into the queue at once; from the worker's own loop."""
        self._knocked = True
        self._woken.set()

    def stop(self) -> None:
        """Take nothing more; passes that run may finish."""
        self._stopping.set()
        self._woken.set()

    async def start(
        self,
        run_once: bool = False,
        with_healthcheck: bool = False,
        printer: Callable[..., None] = print,
    ) -> None:
        """Work until `stop`; with `run_once`, look once and finish what was found."""
        del with_healthcheck  # Vigil's watchdog looks after the worker
        await anyio.to_thread.run_sync(self._load, self._ours)
        async with self:
            printer(f"Worker {self.name!r} started!")
            async with anyio.create_task_group() as loops:
                if not run_once:
                    loops.start_soon(self._repeat, self._sync, SYNC_S)
                    loops.start_soon(self._repeat, self._beat, HEARTBEAT_S)
                await self._work(run_once=run_once)
                with anyio.move_on_after(GRACE_S):
                    await self._slots.drained()
                loops.cancel_scope.cancel()
        printer(f"Worker {self.name!r} stopped!")

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> BaseWorkerResult:
        """Run one flow run to its end in a thread: what Prefect asks of every worker."""
        del configuration
        if task_status is not None:
            task_status.started(0)
        await self._submit(Offer.of(flow_run))
        await self._slots.drained()
        return BaseWorkerResult(identifier=str(flow_run.id), status_code=0)

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Look what Prefect offers and fill the free slots, the most urgent first."""
        if not self._has_successfully_synced:
            return []
        offered = [response.flow_run for response in await self._get_scheduled_flow_runs()]
        offers = [Offer.of(run) for run in offered if not self._slots.has(run.id)]
        if len(offers) > 1:
            offers = await anyio.to_thread.run_sync(self._hooks.in_order, offers)
        self._queue.renew(offers)
        taken = await self._fill()
        self._left = len(offered) > len(taken)
        return taken

    async def _work(self, *, run_once: bool) -> None:
        """Look when knocked on or idle for long; between looks, go on with what the last one found."""
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                if self._knocked and self._slots.free:
                    self._knocked = False
                    await self.get_and_submit_flow_runs()
                else:
                    await self._fill()
                self._reach(there=True)
            except (httpx.HTTPError, VigilError) as error:
                self._reach(there=False, error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 -- one odd answer or run must not end everybody's passes
                log.error("look_failed", error=type(error).__name__)
            if run_once:
                return
            if not await self._wait(self._woken, IDLE_S):
                self._knocked = True

    @staticmethod
    async def _wait(event: asyncio.Event, seconds: float) -> bool:
        with anyio.move_on_after(seconds):
            await event.wait()
        return event.is_set()

    async def _fill(self) -> list[FlowRun]:
        taken = []
        while not self._stopping.is_set():
            offer = self._queue.take(self._slots.taken_by_ordinary, self._slots.free)
            if offer is None:
                break
            # Among several workers the first to set PENDING has the run; one alone saves the call.
            if self._alone or await self._propose_pending_state(offer.run):
                await self._submit(offer)
                taken.append(offer.run)
        return taken

    async def _submit(self, offer: Offer) -> None:
        flow = await self._flow_of(offer.run)
        this = Pass(
            case=str(offer.run.parameters.get("case", "")),
            run_id=str(offer.run.id),
            queued_as=offer.run.state_name or "?",
            name=offer.run.name,
            tags=tuple(offer.run.tags),
            key=offer.run.idempotency_key,
        )
        done = partial(asyncio.get_running_loop().call_soon_threadsafe, self._finished, this)
        self._slots.give(Job(flow, offer.run, this, offer.high, done))

    def _finished(self, this: Pass) -> None:
        """Look again when the last look left something, or the pass put its own run back."""
        self._slots.settle()
        if this.goes_round or (self._left and self._queue.empty):
            self._knocked = True
        self._woken.set()

    async def _flow_of(self, run: FlowRun) -> Flow[Any, Any]:
        """Give the flow of a run, loaded once for each deployment; of one deleted or spoilt, our own."""
        known = run.deployment_id or "none"
        if known not in self._flows:
            try:
                deployment = await self.client.read_deployment(run.deployment_id)  # type: ignore[arg-type]  # a run of a pool has one
                path = str(ROOT / str(deployment.entrypoint))
                self._flows[known] = await anyio.to_thread.run_sync(self._load, path)
            except httpx.HTTPError:
                raise  # Prefect does not answer: the run is offered again
            except Exception as error:  # noqa: BLE001 -- whatever was done to the deployment, the case has its pass
                log.warning("deployment_not_usable", run=str(run.id), error=type(error).__name__)
                return await anyio.to_thread.run_sync(self._load, self._ours)
        return self._flows[known]

    def _load(self, entrypoint: str) -> Flow[Any, Any]:
        if entrypoint not in self._flows:
            # Without a placeholder: a broken flow file must stop the worker, not each run.
            self._flows[entrypoint] = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
        return self._flows[entrypoint]

    async def _sync(self) -> None:
        """Show Prefect that the worker is there, and see whether it is alone."""
        await self._sync_and_initialize()
        online = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
        there = await self.client.read_workers_for_work_pool(self._work_pool_name, online, 0, 20)
        self._alone = {worker.name for worker in there} <= {self.name}

    async def _beat(self) -> None:
        await anyio.to_thread.run_sync(self._hooks.heartbeat)

    async def _repeat(self, act: Callable[[], Awaitable[None]], every_s: float) -> None:
        while not self._stopping.is_set():
            wait_s = every_s
            try:
                await act()
            except Exception as error:  # noqa: BLE001 -- one bad beat must not end the worker
                log.warning("worker_loop_failed", error=type(error).__name__)
                wait_s = IDLE_S
            await self._wait(self._stopping, wait_s)

    def _reach(self, *, there: bool, error: str = "") -> None:
        if there != self._reachable:
            self._reachable = there
            log.warning("prefect_back" if there else "prefect_unreachable", error=error)


async def work(
    home: Path, hooks: Hooks, stop: threading.Event, name: str | None = None, store_url: str | None = None
) -> None:
    """Run a worker until `stop` is set; it looks into its queue at once when it is knocked on.

    Its name is its home's for ever: two of one name would each take itself for the only one.
    """
    name = name or f"vigil@{platform.node()}-{mark_of(home)[:6]}"
    worker = ResidentWorker(work_pool_name=Deployment.read().pool, name=name, hooks=hooks)
    loop = asyncio.get_running_loop()
    over = threading.Event()

    def hear() -> None:
        while not (stop.is_set() or over.is_set()):
            if listener.wait(EAR_S):
                loop.call_soon_threadsafe(worker.knock)
        if not over.is_set():
            loop.call_soon_threadsafe(worker.stop)

    with Listener(home, PART, store_url) as listener:
        ear = threading.Thread(target=hear, name="ear", daemon=True)
        ear.start()
        try:
            await worker.start(printer=partial(_say, worker))
        finally:
            over.set()
            listener.knock()
            await anyio.to_thread.run_sync(ear.join)


def _say(worker: ResidentWorker, message: str) -> None:
    log.info("worker_says", worker=worker.name, message=message)
