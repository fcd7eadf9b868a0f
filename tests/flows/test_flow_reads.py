"""The flow file tells the procedure: a stranger reads it from the top, and a machine checks that it still does."""

import ast
from pathlib import Path

from policy.terms import Stage
from tests.support.house import ROOT

FLOW = ROOT / "flows" / "missing_person.py"
TREE = ast.parse(FLOW.read_text(encoding="utf-8"))
WAITING = ("advance", "wait_for_what_comes_next")


def _stage_of(function: str) -> str:
    """Give the file of tasks/ from which the flow takes a function."""
    for node in ast.walk(TREE):
        if isinstance(node, ast.ImportFrom) and function in {alias.name for alias in node.names}:
            assert node.module is not None
            return node.module.removeprefix("tasks.")
    raise AssertionError(f"{function} is not imported")


def _calls(tree: ast.AST) -> list[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    calls.sort(key=lambda call: call.lineno)
    return [call.func.id for call in calls if isinstance(call.func, ast.Name)]


def _function() -> ast.FunctionDef:
    (function,) = [node for node in TREE.body if isinstance(node, ast.FunctionDef)]
    return function


def test_every_stage_is_called_once_in_order() -> None:
    """The order of the file is the order of the procedure."""
    body = [name for statement in _function().body for name in _calls(statement)]
    stages = [_stage_of(name) for name in body if name not in WAITING]
    assert stages == [stage.value for stage in Stage]
    assert [name for name in body if name in WAITING] == list(WAITING)


def test_the_flow_decides_nothing() -> None:
    """No branch and no list: what is due is decided from the store, who is told stands in the pack."""
    forbidden = (ast.If, ast.IfExp, ast.For, ast.Match, ast.Try, ast.With, ast.Lambda, ast.BoolOp, ast.Compare)
    assert not [type(node).__name__ for node in ast.walk(TREE) if isinstance(node, forbidden)]


def test_the_flow_is_short() -> None:
    """A page: under sixty lines."""
    assert len(FLOW.read_text(encoding="utf-8").splitlines()) < 60


def test_every_stage_has_a_file_that_says_what_it_is() -> None:
    """tasks/<stage>.py holds one task with its retries and one function for the flow, and no more."""
    for stage in Stage:
        tree = ast.parse((ROOT / "tasks" / f"{stage}.py").read_text(encoding="utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert len(functions) == 2, stage
        task, for_the_flow = functions
        assert "seconds_before_next_try" in ast.unparse(task.decorator_list[0])
        assert f"Stage.{stage.name}" in ast.unparse(for_the_flow)


def test_flow_files_hold_flows_only() -> None:
    """Prefect runs a flow file as a new module each time it is loaded: nothing in it may be unique."""
    for path in _flow_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        kinds = {type(node) for node in tree.body}
        assert kinds <= {ast.Expr, ast.Import, ast.ImportFrom, ast.FunctionDef}, path.name


def _flow_files() -> list[Path]:
    return [path for path in (ROOT / "flows").glob("*.py") if path.name != "__init__.py"]
