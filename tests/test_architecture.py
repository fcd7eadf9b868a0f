"""The rules of the house that a machine can hold."""

import importlib.util
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from tests.support import house
from tests.support.house import ROOT

ROOMS = ("flows", "tasks", "policy", "models", "store", "channels", "runtime", "console")
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
LOCKS = ("requirements.lock", "requirements-dev.lock")

# Written in pieces, so that this file does not hold what it looks for.
FOREIGN = {
    "a registry's host": r"\b(?:test\.)?py"
    r"pi\.(?:org|python\.org)|python"
    r"hosted\.org|npm"
    r"js\.(?:org|com)",
    "a path of somebody's machine": r"(?<![\w.~-])/(?:ho" r"me|ro" r"ot|wo" r"rk|Use" r"rs)/\w",
    "a folder outside the project": r"(?<![\w-])sha" r"red/",
}


def test_rooms_import_downward_only(capsys: pytest.CaptureFixture[str]) -> None:
    """No room imports a room above it, policy is pure, sessions and Prefect stay where they belong."""
    broken = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert not broken, capsys.readouterr().out


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_are_ours(room: str) -> None:
    """A library with the name of one of our packages never takes its place."""
    spec = importlib.util.find_spec(room)
    assert spec is not None, f"{room} is not importable"
    assert spec.origin is not None, f"{room} has no __init__.py"
    assert Path(spec.origin).resolve().is_relative_to(ROOT / room)


def test_policy_knows_the_standard_library_and_pydantic() -> None:
    """policy/ imports nothing else, by any name."""
    allowed = sys.stdlib_module_names | {"policy", "pydantic"}
    found = [
        f"{path}:{line} imports {name}"
        for path in house.python_files("policy")
        for name, line in house.imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert not found, "\n".join(found)


def test_only_the_clock_reads_the_clock() -> None:
    """Product and tests take time from runtime/clock.py, and nobody sleeps; a bench may measure."""
    found = [
        f"{path}:{line} calls {name}"
        for path in house.python_files()
        if path.parts[0] != "bench" and path != Path("runtime/clock.py")
        for name, line in house.clock_reads(path)
    ]
    assert not found, "\n".join(found)


def test_files_are_short() -> None:
    """A file that outgrows 300 lines is two nouns."""
    found = [
        f"{path}: {lines} lines"
        for path in house.python_files()
        if (lines := len(house.text(path).splitlines())) > MAX_FILE_LINES
    ]
    assert not found, "\n".join(found)


def test_functions_are_short() -> None:
    """A function that outgrows 40 lines is two verbs; a migration lists columns and may be long."""
    found = [
        f"{path}:{line} {name}: {lines} lines"
        for path in house.python_files()
        if not path.is_relative_to("store/migrations/versions")
        for name, line, lines in house.functions(path)
        if lines > MAX_FUNCTION_LINES
    ]
    assert not found, "\n".join(found)


def test_ignores_name_their_code_and_reason() -> None:
    """Whoever silences a checker says which rule and why, on the line."""
    found = [
        f"{path}:{line} {comment}"
        for path in house.python_files()
        for line, comment in house.comments(path)
        if house.is_bare_ignore(comment)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_points_outside(what: str) -> None:
    """No file holds an address of a registry, a path of a machine, or a folder that a clone lacks."""
    pattern = re.compile(FOREIGN[what])
    found = [
        f"{path}:{number} {line.strip()[:100]}"
        for path in house.files()
        for number, line in enumerate(house.text(path).splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


@pytest.mark.parametrize("lock", [*LOCKS, "requirements-oidc.lock"])
def test_lock_holds_versions_and_hashes_and_no_address(lock: str) -> None:
    """Every line of a lock is an exact version or a hash; each version has one hash or more."""
    text = house.text(Path(lock))
    assert "://" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    exact = re.compile(r"[a-z0-9-]+==\S+(?: ; [^\\]+?)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+")
    assert not [entry[:80] for entry in entries if not exact.fullmatch(entry)]


def test_lock_holds_what_the_project_asks_for() -> None:
    """A dependency added to pyproject.toml without `make lock` is found here."""
    project = tomllib.loads(house.text(Path("pyproject.toml")))["project"]
    runtime, dev = project["dependencies"], project["optional-dependencies"]["dev"]
    for lock, wanted in ((LOCKS[0], runtime), (LOCKS[1], runtime + dev)):
        held = {line.split("==")[0] for line in house.text(Path(lock)).splitlines() if "==" in line}
        assert {house.project_name(requirement) for requirement in wanted} <= held, lock


def test_runtime_lock_agrees_with_the_lock_that_is_tested() -> None:
    """What a force installs is what the tests ran on."""
    runtime, tested = (house.text(Path(lock)).split("\n") for lock in LOCKS)
    assert {line for line in runtime if "==" in line} <= {line for line in tested if "==" in line}


def _dependency_lines() -> Iterator[str]:
    """The lines of pyproject.toml that name a dependency."""
    inside = False
    for line in house.text(Path("pyproject.toml")).splitlines():
        if re.match(r"(dependencies|dev|oidc|requires) = \[", line):
            inside = not line.split("#")[0].rstrip().endswith("]")
            if not inside:
                yield line
        elif inside and line == "]":
            inside = False
        elif inside:
            yield line


def test_every_dependency_has_its_reason() -> None:
    """What we rely on, and why, stands on one line."""
    lines = list(_dependency_lines())
    assert len(lines) >= len(ROOMS)
    bare = [line for line in lines if not re.search(r'["\]],?\s+# \w.{9,}', line)]
    assert not bare, "\n".join(bare)
