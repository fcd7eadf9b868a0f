"""One pass of a case's run inside Prefect's flow engine, with as few calls to the server as it can be.

The flow engine takes its client from a context, so a client of ours can answer what the worker knows
already. Of the six calls that the engine makes around a flow, one is left: setting RUNNING.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext, SyncClientContext, get_settings_context
from prefect.flow_engine import run_flow
from prefect.flows import Flow

from policy.errors import Broken
from runtime.engine import STARTED
from runtime.processes import process_name

MAX_ROUNDS: Final = 50  # a pass that finds work fifty times over is going in circles


@dataclass
class Pass:
    """What one pass is: of which case, in which run, and under which name it holds the lease."""

    case: str
    run_id: str
    queued_as: str
    name: str
    tags: tuple[str, ...]
    holder: str = ""
    rounds: int = 0
    goes_round: bool = False  # something came: the run is in the queue again
    refused_rest: bool = False  # Prefect did not let it pause: somebody woke or cancelled it
    key: str | None = None  # the run's idempotency key, `<case>/<n>` for a run that Vigil made
    unknown: bool = False  # the store has no such case
    _listened: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        """Give the pass a holder's name of its own: two passes of one run must not share a lease."""
        self.holder = self.holder or f"{process_name()}/{uuid4().hex[:12]}"

    def next_round(self) -> None:
        """Count a round; raises `Broken` when the pass goes in circles."""
        self.rounds += 1
        if self.rounds > MAX_ROUNDS:
            raise Broken(f"{self.case}: work was due {MAX_ROUNDS} times in one pass")

    def carries(self, run_id: str | None, number: int) -> bool:
        """Tell whether its run is the case's own, of which the store has id and number; not one run by hand.

        A run just made may be passed before the store has its id: it bears the number that comes next.
        """
        return self.run_id == run_id or self.key == f"{self.case}/{number + 1}"

    def may_be_answered(self) -> bool:
        """Tell, once, whether somebody may have typed into the Resume form before this pass.

        Only a run that never paused cannot hold an answer; to ask costs 3 ms.
        """
        first, self._listened = not self._listened, True
        return first and self.queued_as != STARTED


_PASS: ContextVar[Pass] = ContextVar("vigil-pass")


def current() -> Pass:
    """Give the pass that this thread is in, also when a stock worker of Prefect's runs the flow."""
    try:
        return _PASS.get()
    except LookupError:
        context = FlowRunContext.get()
        if context is None or context.flow_run is None:
            raise Broken("not inside a flow run") from None
        run = context.flow_run
        case = str(run.parameters.get("case", ""))
        this = Pass(case, str(run.id), "?", run.name, tuple(run.tags), key=run.idempotency_key)
        _PASS.set(this)
        return this


class ThriftyClient(SyncPrefectClient):
    """Prefect's client, which answers from what the worker knows and leaves out what changes nothing."""

    run: FlowRun | None = None
    _storage: Any = None

    def read_flow_run(self, flow_run_id: UUID) -> FlowRun:
        """Give the run that is being passed; the engine keeps its state on the same object."""
        if self.run is not None and self.run.id == flow_run_id:
            return self.run
        return super().read_flow_run(flow_run_id)

    def update_flow_run(self, flow_run_id: UUID, *args: Any, **kwargs: Any) -> httpx.Response:
        """Do nothing: the engine writes the flow's version and retries, and ours has neither."""
        del flow_run_id, args, kwargs
        return httpx.Response(204)

    def update_flow_run_labels(self, flow_run_id: UUID, labels: dict[str, Any]) -> None:
        """Do nothing: the engine writes a trace's id, and nobody collects traces."""

    def read_server_default_result_storage(self) -> Any:
        """Ask once a thread where results go, not once a run: nothing of ours is stored there."""
        if self._storage is None:
            self._storage = super().read_server_default_result_storage()
        return self._storage


@contextmanager
def thrifty_client() -> Generator[ThriftyClient]:
    """Hold one client for all passes of this thread; building one costs 45 ms.

    Flow heartbeats are off here: their thread sleeps a second at a time and each pass waits for it to
    wake, and Prefect has no environment variable that says *none*. Our lease tells whether a pass died.
    """
    known = get_settings_context()
    flows = known.settings.flows.model_copy(update={"heartbeat_frequency": None})
    settings = known.settings.model_copy(update={"flows": flows})
    auth = settings.api.auth_string.get_secret_value() if settings.api.auth_string else None
    client = ThriftyClient(settings.api.url or "", auth_string=auth)
    clients = SyncClientContext.model_construct(client=client)
    with known.model_copy(update={"settings": settings}), clients:
        yield client


def make_pass(client: ThriftyClient, flow: Flow[Any, Any], run: FlowRun, this: Pass) -> None:
    """Run the flow once in this thread; `Pause` and `Abort` get out as the engine raised them.

    The engine is handed a run without its deployment: for a run with one it starts a thread and a
    websocket that watch for suspension (half of the client's CPU). The server knows the deployment.
    """
    client.run = run.model_copy(update={"deployment_id": None})
    token = _PASS.set(this)
    try:
        run_flow(flow, flow_run=client.run)
    finally:
        _PASS.reset(token)
        client.run = None
