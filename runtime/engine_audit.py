"""What the audit asks of Prefect: how many of these runs are well, which, whether our deployment stands, what hangs.

Counting five hundred runs by their ids costs Prefect one query; runs are only listed where a count is short.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import httpx

from runtime.engine_deployment import DEPLOYMENT, Deployment
from runtime.engine_state import BY_HAND, Passing

Ask = Callable[..., httpx.Response]  # `Engine.ask`: Transient when Prefect does not answer

PAGE: Final = 200  # as many runs as Prefect lists at once
MOST_PASSING: Final = (
    50  # runs under way of one look: more than all workers' slots, so none that hangs is hidden for long
)


def count_well(ask: Ask, run_ids: Sequence[str]) -> int:
    """Count the runs among these that rest, or stand in our queue: nothing is to be done for them."""
    return int(ask("POST", "flow_runs/count", _well(run_ids)).json())


def list_well(ask: Ask, run_ids: Sequence[str]) -> set[str]:
    """Name the runs among these that `count_well` counts."""
    pages = [run_ids[start : start + PAGE] for start in range(0, len(run_ids), PAGE)]
    return {run["id"] for page in pages for run in ask("POST", "flow_runs/filter", _well(page)).json()}


def count_queued(ask: Ask) -> int:
    """Count the runs that stand in our queue."""
    queued = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
    return int(ask("POST", "flow_runs/count", queued | _in_our_queue()).json())


def passing(ask: Ask, older_than: datetime) -> list[Passing]:
    """Give the runs of our queue that show a pass under way, or being cancelled, since before an instant (real time).

    Prefect cannot be asked since when a state stands; those that were started first come first.
    """
    shown = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}}
    page = shown | _in_our_queue() | {"sort": "START_TIME_ASC", "limit": MOST_PASSING}
    found = [_passing(run) for run in ask("POST", "flow_runs/filter", page).json()]
    return [run for run in found if run.since_at < older_than]


def _passing(run: Mapping[str, Any]) -> Passing:
    case, state = run["parameters"].get("case"), run["state"]
    named = isinstance(case, str) and case.isprintable()  # by hand anything may be typed; no store takes it all
    return Passing(run["id"], case if named else None, state["type"], datetime.fromisoformat(state["timestamp"]))


def astray(ask: Ask) -> str | None:
    """Name what keeps the runs of our deployment from being handed out, None when nothing does."""
    wanted = _wanted()
    paths = {"pool": wanted.pool_path, "queue": wanted.queue_path, "deployment": f"deployments/name/{DEPLOYMENT}"}
    for what, path in paths.items():
        answer = ask("GET", path, allow=(404,))
        if not answer.is_success:
            return f"{what}_deleted"
        there = answer.json()
        if there.get("is_paused" if what != "deployment" else "paused"):
            return f"{what}_paused"
        if any(there.get(limit) is not None for limit in _LIMITS):
            return f"{what}_limited"
        if what == "deployment" and any(there.get(name) != wanted.body[name] for name in _MATTERS):
            return "deployment_changed"
    return None


_wanted = cache(Deployment.read)  # asked for with every question
_LIMITS: Final = ("concurrency_limit", "global_concurrency_limit")  # at 0 nothing is handed out; the worker has its own
_MATTERS: Final = ("work_pool_name", "work_queue_name", "entrypoint")


def _well(run_ids: Sequence[str]) -> Mapping[str, Any]:
    state = {"type": {"any_": ["PAUSED", "SCHEDULED"]}, "name": {"not_any_": list(BY_HAND)}}
    return {"flow_runs": {"id": {"any_": list(run_ids)}, "state": state}} | _in_our_queue()


def _in_our_queue() -> dict[str, Any]:
    wanted = _wanted()
    return {
        "work_pools": {"name": {"any_": [wanted.pool]}},
        "work_pool_queues": {"name": {"any_": [wanted.queue]}},
    }
