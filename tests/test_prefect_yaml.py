"""What prefect.yaml states is what is there: the entrypoints load, the parameters match, no name is in the way."""

import inspect
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema
from ruamel.yaml import YAML

from runtime.engine_deployment import DEPLOYMENT, FLOW, TIMING, WORKER_TYPE, Deployment
from runtime.timing_form import form_of
from runtime.worker import ResidentWorker
from store.packs import load_packs
from tests.support.house import ROOT

STATED = YAML(typ="safe").load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("deployment", STATED["deployments"], ids=lambda d: d["name"])
def test_entrypoints_load(deployment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken flow file is found here, not by the first run: Prefect would put a placeholder in its place."""
    monkeypatch.syspath_prepend(str(ROOT))
    flow: Flow[..., object] = load_flow_from_entrypoint(
        str(ROOT / deployment["entrypoint"]), use_placeholder_flow=False
    )
    assert set(inspect.signature(flow.fn).parameters) >= set(deployment["parameters"])


def test_the_case_deployment_matches_its_flow() -> None:
    """Names, pool and the one parameter are those of the contract."""
    stated = Deployment.read()
    flow: Flow[..., object] = load_flow_from_entrypoint(str(ROOT / stated.entrypoint), use_placeholder_flow=False)
    assert f"{flow.name}/{stated.name}" == DEPLOYMENT == "missing-person/case"
    assert flow.name == FLOW
    told = stated.body["parameter_openapi_schema"]
    own = parameter_schema(flow)
    assert list(own.properties) == list(told["properties"]) == ["case"]
    assert own.required == told["required"]
    assert flow.persist_result is False


def test_the_form_of_timings_asks_what_its_flow_takes() -> None:
    """Every field is a parameter, in the same order of must and may; the lists hold what is chosen unless told."""
    stated = Deployment.read(of=TIMING, form=form_of(load_packs(None), "staffordshire"))
    flow: Flow[..., object] = load_flow_from_entrypoint(str(ROOT / stated.entrypoint), use_placeholder_flow=False)
    assert f"{flow.name}/{stated.name}" == TIMING == "timing-change/propose-timing-change"
    told, own = stated.body["parameter_openapi_schema"], parameter_schema(flow)
    assert set(told["properties"]) == set(own.properties)
    assert set(told["required"]) == set(own.required)
    for name, field in told["properties"].items():
        if name not in told["required"]:
            assert field["default"] == own.properties[name]["default"], name
        if "enum" in field and "default" in field:
            assert field["default"] in field["enum"], name
    assert stated.body["enforce_parameter_schema"] is True
    assert flow.persist_result is False
    assert not flow.retries


def test_the_pool_is_of_our_worker() -> None:
    """`prefect worker start --pool vigil --type vigil-resident` finds the same worker that `vigil up` starts."""
    assert Deployment.read().work_pool["type"] == WORKER_TYPE == ResidentWorker.type
    assert Deployment.read().pool == "vigil"


def test_pull_is_stated_and_names_no_machine() -> None:
    """Left out, Prefect would write the path of the machine that deploys into the deployment."""
    assert STATED["pull"] == [{"prefect.deployments.steps.set_working_directory": {"directory": "."}}]


@pytest.mark.parametrize("path", sorted((ROOT / "flows").glob("*.py")), ids=lambda p: p.name)
def test_no_flow_file_shadows_a_module(path: Path) -> None:
    """Loading puts flows/ first on the path: a file there that is called like a library would take its place."""
    if path.name == "__init__.py":
        return
    assert path.stem not in sys.stdlib_module_names
    spec = find_spec(path.stem)
    assert spec is None or Path(str(spec.origin)) == path, f"{path.stem} is also {spec.origin}"
