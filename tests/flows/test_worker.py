"""The resident worker: who goes first, whether it is alone, and how it is started."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.workers.base import BaseWorker

from policy.errors import Transient
from runtime.engine_deployment import WORKER_TYPE
from runtime.engine_pass import Pass
from runtime.processes import process_name
from runtime.worker import ResidentWorker
from runtime.worker_hooks import Hooks, Turn
from runtime.worker_queue import Offer, Queue
from tests.flows.conftest import Stage


def _offer(case: str, *tags: str) -> Offer:
    return Offer.of(FlowRun(id=uuid4(), flow_id=uuid4(), parameters={"case": case}, tags=list(tags)))


def test_the_store_says_who_goes_first() -> None:
    """Risk, then due, as the store has it; tags may be of yesterday, and what it does not know comes last."""
    offers = [_offer("a"), _offer("b", "risk:high"), _offer("c"), _offer("unknown", "risk:high")]
    turns = {"a": Turn(2), "b": Turn(1), "c": Turn(0, high=True)}
    ordered = Hooks(turns=lambda _cases: turns).in_order(offers)
    assert [(offer.case, offer.high) for offer in ordered] == [
        ("c", True),
        ("b", False),
        ("a", False),
        ("unknown", True),
    ]


def test_without_the_store_the_tags_must_do() -> None:
    """A store that does not answer delays nobody: high first, then as Prefect offers them."""

    def down(_cases: object) -> dict[str, Turn]:
        raise Transient("the store does not answer")

    offers = [_offer("a"), _offer("b", "risk:high"), _offer("c")]
    assert [offer.case for offer in Hooks(turns=down).in_order(offers)] == ["b", "a", "c"]


def test_one_slot_in_four_is_kept_for_high_risk() -> None:
    """Ordinary passes never take the last slot; high risk may take every one."""
    queue = Queue(4)
    queue.renew([_offer("a"), _offer("b"), _offer("h", "risk:high")])
    assert [offer.case for offer in (queue.take(0, 4), queue.take(0, 3)) if offer] == ["h", "a"]
    assert queue.take(3, 1) is None
    assert not queue.empty
    queue.renew([_offer("h", "risk:high")])
    last = queue.take(3, 1)
    assert last is not None
    assert last.high
    assert queue.take(0, 0) is None


def test_two_passes_of_one_run_have_two_names() -> None:
    """A lease belongs to a pass, not to a run; and it shows the process, so that a dead one's can be freed."""
    one = Pass("MP-2026-000001", "run", "Scheduled", "name", ())
    other = replace(one, holder="")
    assert one.holder != other.holder
    assert Pass("c", "r", "q", "n", ()).holder.rpartition("/")[0] == process_name()


def test_prefect_finds_the_worker_by_its_type() -> None:
    """`prefect worker start --type vigil-resident` needs nothing but the entry point."""
    assert BaseWorker.get_worker_class_from_type(WORKER_TYPE) is ResidentWorker


@pytest.mark.prefect
@pytest.mark.timeout(120)
def test_a_second_worker_sees_that_it_is_not_alone(stage: Stage) -> None:
    """Among several workers a run is claimed before it is passed; one alone saves the call."""

    async def sync() -> bool:
        async with ResidentWorker(work_pool_name="vigil", name="second") as worker:
            await worker._sync()
            return worker._alone

    assert asyncio.run(sync()) is False
    assert stage.engine.ready()
