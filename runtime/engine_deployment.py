"""What `prefect.yaml` says, in the words of Prefect's API: one work pool, one deployment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from ruamel.yaml import YAML

from policy.errors import Broken

ROOT: Final = Path(__file__).resolve().parents[1]
WORKER_TYPE: Final = "vigil-resident"
FLOW: Final = "missing-person"
DEPLOYMENT: Final = f"{FLOW}/case"
TIMING_FLOW: Final = "timing-change"
TIMING: Final = f"{TIMING_FLOW}/propose-timing-change"

# The pool says nothing about how a run is started: a run is started inside the worker's own process.
JOB_TEMPLATE: Final[Mapping[str, Any]] = {
    "job_configuration": {"env": {}},  # Prefect refuses an empty one
    "variables": {"type": "object", "properties": {}},
}


CASE_FORM: Final[Mapping[str, Any]] = {
    "title": "Parameters",
    "type": "object",
    "properties": {
        "case": {
            "title": "case",
            "type": "string",
            "description": "Reference of the case, such as MP-2026-000001.",
            "position": 0,
        }
    },
    "required": ["case"],
}


@dataclass(frozen=True)
class Deployment:
    """One deployment, as `prefect.yaml` states it; `form` is what may be given to a run of it."""

    name: str
    flow_name: str
    entrypoint: str
    description: str
    pool: str
    queue: str
    tags: tuple[str, ...]
    pull: tuple[Mapping[str, Any], ...]
    form: Mapping[str, Any]

    @classmethod
    def read(cls, root: Path = ROOT, of: str = DEPLOYMENT, form: Mapping[str, Any] = CASE_FORM) -> Self:
        """Read a deployment in `prefect.yaml`, the one of cases unless told; raises `Broken` when it is not there."""
        stated = YAML(typ="safe").load((root / "prefect.yaml").read_text(encoding="utf-8"))
        flow, _, name = of.partition("/")
        for deployment in stated["deployments"]:
            if deployment["name"] == name:
                return cls(
                    name=deployment["name"],
                    flow_name=flow,
                    entrypoint=deployment["entrypoint"],
                    description=deployment["description"].strip(),
                    pool=deployment["work_pool"]["name"],
                    queue=deployment["work_pool"]["work_queue_name"],
                    tags=tuple(deployment.get("tags") or ()),
                    pull=tuple(stated["pull"]),
                    form=form,
                )
        raise Broken(f"prefect.yaml does not hold the deployment {of}")

    @property
    def pool_path(self) -> str:
        """Give where Prefect's API has the work pool."""
        return f"work_pools/{self.pool}"

    @property
    def queue_path(self) -> str:
        """Give where Prefect's API has the queue of the pool."""
        return f"{self.pool_path}/queues/{self.queue}"

    @property
    def work_pool(self) -> dict[str, Any]:
        """Give the body that creates the work pool."""
        return {"name": self.pool, "type": WORKER_TYPE} | self.work_pool_update

    @property
    def work_pool_update(self) -> dict[str, Any]:
        """Give what may be set again on a work pool that is there."""
        return {
            "description": "Runs cases inside Vigil's own worker.",
            "is_paused": False,
            "concurrency_limit": None,
            "base_job_template": dict(JOB_TEMPLATE),
        }

    @property
    def body(self) -> dict[str, Any]:
        """Give the body that creates the deployment, or brings it up to date; the flow id is missing."""
        return {
            "name": self.name,
            "description": self.description,
            "entrypoint": self.entrypoint,
            "path": ".",
            "pull_steps": [dict(step) for step in self.pull],
            "work_pool_name": self.pool,
            "work_queue_name": self.queue,
            "tags": list(self.tags),
            "paused": False,
            "concurrency_limit": None,
            "parameters": {},
            "enforce_parameter_schema": True,
            "parameter_openapi_schema": dict(self.form),
        }
