"""Groups of tests that need more than Python: run when the thing is there, named last when not.

A test is put into a group by its marker (`browser`, `postgres`, `redis`, `oidc`, `chaos`, `long`).
`VIGIL_TEST_REQUIRE=browser,redis` turns the absence of what those groups need into a failure.
"""

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

REQUIRE = "VIGIL_TEST_REQUIRE"


@dataclass(frozen=True)
class Group:
    """A group of tests, what it needs, and how to get it."""

    name: str
    there: Callable[[], bool]
    needs: str
    remedy: str


def chromium() -> str | None:
    """Path of the machine's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def postgres_bin() -> Path | None:
    """Folder with PostgreSQL's own programs (`initdb`, `postgres`), or None; of several the newest."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((p.parent for p in debian), key=lambda p: float(p.parent.name), default=None)


def redis_server() -> str | None:
    """Path of the Redis server, or None."""
    return shutil.which("redis-server")


def oidc_python() -> Path | None:
    """Python of the environment that holds an OpenID Provider, or None."""
    folder = Path(__file__).resolve().parents[2] / ".oidc"
    return folder / "bin" / "python" if (folder / ".complete").exists() else None


def asked_for() -> list[str]:
    """Name the groups that the environment asks for."""
    return [name.strip() for name in os.environ.get(REQUIRE, "").split(",")]


GROUPS = (
    Group("browser", lambda: chromium() is not None, "Chromium", "apt-get install chromium"),
    Group(
        "postgres",
        lambda: bool(os.environ.get("VIGIL_TEST_POSTGRES_URL")) or postgres_bin() is not None,
        "a PostgreSQL server",
        "apt-get install postgresql, or set VIGIL_TEST_POSTGRES_URL",
    ),
    Group(
        "redis",
        lambda: bool(os.environ.get("VIGIL_TEST_REDIS_URL")) or redis_server() is not None,
        "a Redis server",
        "apt-get install redis-server, or set VIGIL_TEST_REDIS_URL",
    ),
    Group("oidc", lambda: oidc_python() is not None, "an OpenID Provider", "make .oidc"),
    Group("long", lambda: "long" in asked_for(), "some minutes more", f"make test-all, or {REQUIRE}=long"),
    Group("chaos", lambda: sys.platform != "win32", "POSIX signals", "make test-all on Linux"),
)


class Watch:
    """Keeps count of the groups that did not run in this session, and why."""

    def __init__(self, required: frozenset[str]) -> None:
        """Look once what is there."""
        self.required = required
        self.absent = {group.name for group in GROUPS if not group.there()}
        self.skipped: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()

    def lacking(self, item: pytest.Item) -> list[Group]:
        """The groups of a test whose needs are not met here."""
        return [group for group in groups_of(item) if group.name in self.absent]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Before any fixture: skip a test that lacks something, or fail it where its group is required."""
        for group in self.lacking(item):
            if group.name in self.required:
                why = f"{REQUIRE} names {group.name}, which needs {group.needs}: {group.remedy}"
                pytest.fail(why, pytrace=False)
            self.skipped[group.name] += 1
            pytest.skip(f"needs {group.needs}")

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Count what was left out by choice."""
        self.left_out.update(group.name for item in items for group in groups_of(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
        """After everything else: name what did not run, and how to make it run."""
        yield
        lines = [line for group in GROUPS for line in self.lines(group)]
        if lines:
            terminalreporter.section("did not run")
            for line in lines:
                terminalreporter.line(line)

    def lines(self, group: Group) -> Iterator[str]:
        """What there is to say of a group."""
        if count := self.skipped[group.name]:
            yield f"{group.name}: {count} skipped, needs {group.needs}: {group.remedy}"
        if count := self.left_out[group.name]:
            yield f"{group.name}: {count} left out here; make test-all runs everything"


def groups_of(item: pytest.Item) -> list[Group]:
    """The groups that a test belongs to."""
    return [group for group in GROUPS if item.get_closest_marker(group.name)]


def required(value: str) -> frozenset[str]:
    """The groups named in a setting; refuses a name that is no group."""
    names = frozenset(name.strip() for name in value.split(",") if name.strip())
    unknown = names - {group.name for group in GROUPS}
    if unknown:
        known = ", ".join(group.name for group in GROUPS)
        message = f"{REQUIRE}: no group is called {', '.join(sorted(unknown))}; there are {known}"
        raise pytest.UsageError(message)
    return names


def pytest_configure(config: pytest.Config) -> None:
    """Register the watch over the groups."""
    watch = Watch(required(os.environ.get(REQUIRE, "")))
    config.pluginmanager.register(watch, "vigil-groups")
