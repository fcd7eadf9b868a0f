"""What a click in Prefect's pages may never do: silence a case, or say *ready* when nobody would be told."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import httpx
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound

from runtime.engine import Engine
from runtime.worker import ResidentWorker

RUN = "92cc1850-1b92-46c6-b9d9-f9699ae0ac8c"


class Prefect:
    """A Prefect server that knows of one pool and, perhaps, of our deployment."""

    def __init__(self) -> None:
        self.deployed = True
        self.paused: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as Prefect does."""
        path = request.url.path.removeprefix("/api/")
        if path == "deployments/name/missing-person/case":
            return httpx.Response(200, json={"id": "d"}) if self.deployed else httpx.Response(404)
        if request.method == "POST" and path == "deployments/":
            self.deployed = True
        if path.endswith("/create_flow_run"):
            return httpx.Response(201, json={"id": RUN}) if self.deployed else httpx.Response(404)
        last = path.rpartition("/")[2]
        return httpx.Response(200, json={"id": "d", "is_paused": last in self.paused})


@pytest.fixture
def prefect() -> Prefect:
    """A server with everything in its place."""
    return Prefect()


def _engine(prefect: Prefect) -> Engine:
    return Engine("http://127.0.0.1:1/api", transport=httpx.MockTransport(prefect))


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_deleted_deployment_is_made_again(prefect: Prefect, seen_before: bool) -> None:
    """The next report starts its run, without a restart of anything."""
    engine = _engine(prefect)
    if seen_before:
        engine.start("MP-2026-000001", 1, ())
    prefect.deployed = False
    assert not engine.ready()
    assert engine.start("MP-2026-000002", 1, ()) == RUN
    assert engine.ready()


@pytest.mark.parametrize("what", ["vigil", "default"])
def test_a_paused_pool_or_queue_is_not_ready(prefect: Prefect, what: str) -> None:
    """Nobody would be told of a report posted now, and `/readyz` says so."""
    prefect.paused.add(what)
    assert not _engine(prefect).ready()


def test_a_run_whose_deployment_is_gone_has_its_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker goes on with our own flow; it used to die of it, at each start, until it was started no more."""

    async def gone(_id: object) -> None:
        raise ObjectNotFound(Exception("Deployment not found"))

    async def flow_of() -> str:
        worker = ResidentWorker(work_pool_name="vigil", name="one")
        monkeypatch.setattr(worker, "_client", SimpleNamespace(read_deployment=gone))
        run = FlowRun(id=uuid4(), flow_id=uuid4(), deployment_id=uuid4(), parameters={"case": "c"})
        return (await worker._flow_of(run)).name

    assert asyncio.run(flow_of()) == "missing-person"
