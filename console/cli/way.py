"""The two ways to Vigil: into a home's store, or over HTTP to a server. Both give the same documents."""

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import quote

from console.problems import Problem, ProblemError, problem, problem_of
from policy.errors import Unknown, VigilError
from policy.terms import Route

if TYPE_CHECKING:
    from runtime.app import App

Json = dict[str, object]
BESIDE_EXAMPLE = (
    "WARNING: {case} is a real case in a home of examples: its officers are made up, so nobody real is told. From "
    "now on vigil up --example refuses {home}. Begin a home of your own with your roster, and report it there."
)


class Way(Protocol):
    """What the command line can ask for; each gives what the API answers, or raises what it refuses."""

    def report(self, raw: object) -> Json:
        """Take a report in."""

    @property
    def stopped(self) -> Path | None:
        """Give the home when no Vigil runs on it; None when one runs, or the server has answered."""

    def unreadable(self, text: str) -> None:
        """Let the Force Incident Manager hear that something came that could not be read as a report."""

    def fact(self, case: str, raw: Json) -> Json:
        """Take a fact in."""

    def log(self, text: str, case: str | None) -> Json:
        """Take lines of the force's logs in."""

    def case(self, case: str) -> Json:
        """Show a case."""

    def cases(self, query: Mapping[str, str | None]) -> Json:
        """List cases."""

    def roster(self, text: str, *, partial: bool) -> Json:
        """Put a roster."""

    def packs(self) -> Json:
        """List packs."""

    def pack(self, name: str) -> Json:
        """Show a pack."""

    def step(self, name: str, step: str) -> Json:
        """Show a step of a pack."""


@dataclass(frozen=True)
class Local:
    """The way into a home's store."""

    app: "App"

    def report(self, raw: object) -> Json:
        """Take a report in; a real record makes an example's home a real one, which is said on stderr."""
        from console import asking
        from runtime.example import is_example

        with self.app.sessions.reading() as s:
            before = is_example(s)
        body = asking.report(self.app, raw, route=Route.CLI).body
        with self.app.sessions.reading() as s:
            real_now = before and not is_example(s)
        if real_now:
            sys.stderr.write(f"{BESIDE_EXAMPLE.format(case=body['case'], home=self.app.settings.home)}\n")
        return body

    @property
    def stopped(self) -> Path | None:
        """Give the home when no Vigil runs on it, so that nobody is told; None when one runs."""
        from runtime.up_home import in_use

        home = self.app.settings.home
        return None if in_use(home) else home

    def unreadable(self, text: str) -> None:
        """Ring `intake_refused`."""
        from runtime import doors

        doors.refuse_intake(self.app, f"unreadable, {len(text)} characters", Route.CLI)

    def fact(self, case: str, raw: Json) -> Json:
        """Take a fact in."""
        from console import asking

        return asking.fact(self.app, case, raw, route=Route.CLI).body

    def log(self, text: str, case: str | None) -> Json:
        """Take lines of the force's logs in."""
        from console import log_lines

        return log_lines.take(self.app, text, log_lines.Sender(Route.CLI, None, case))

    def case(self, case: str) -> Json:
        """Show a case."""
        from console import asking

        return asking.case(self.app, case).body

    def cases(self, query: Mapping[str, str | None]) -> Json:
        """List cases."""
        from console import asking

        return asking.cases(self.app, query).body

    def roster(self, text: str, *, partial: bool) -> Json:
        """Put a roster."""
        from console import duty

        reply = duty.put(self.app, text, partial=partial, route=Route.CLI)
        if reply.status != 200:
            raise ProblemError(Problem(reply.status, reply.body))
        return reply.body

    def packs(self) -> Json:
        """List packs."""
        from console import packs

        return packs.listing(self.app)

    def pack(self, name: str) -> Json:
        """Show a pack."""
        from console import packs

        return packs.view(packs.find(self.app, name))

    def step(self, name: str, step: str) -> Json:
        """Show a step of a pack."""
        from console import packs

        return packs.step_view(packs.find(self.app, name), step)


@dataclass(frozen=True)
class Remote:
    """The way to a server."""

    url: str
    token: str

    def report(self, raw: object) -> Json:
        """Take a report in."""
        return self._ask("POST", "/reports", json.dumps(raw), "application/json")

    @property
    def stopped(self) -> Path | None:
        """Give None: a server that answers runs."""
        return None

    def unreadable(self, text: str) -> None:
        """Let the server refuse what could not be read: it rings there."""
        self._ask("POST", "/reports", text, "text/plain")

    def fact(self, case: str, raw: Json) -> Json:
        """Take a fact in."""
        return self._ask("POST", f"/cases/{quote(case, safe='')}/facts", json.dumps(raw), "application/json")

    def log(self, text: str, case: str | None) -> Json:
        """Take lines of the force's logs in."""
        return self._ask("POST", "/log", text, "text/csv", {"case": case} if case else {})

    def case(self, case: str) -> Json:
        """Show a case."""
        return self._ask("GET", f"/cases/{quote(case, safe='')}")

    def cases(self, query: Mapping[str, str | None]) -> Json:
        """List cases."""
        return self._ask("GET", "/cases", query={name: value for name, value in query.items() if value})

    def roster(self, text: str, *, partial: bool) -> Json:
        """Put a roster."""
        return self._ask("PUT", "/roster", text, "text/csv", {"partial": "true"} if partial else {})

    def packs(self) -> Json:
        """List packs."""
        return self._ask("GET", "/packs")

    def pack(self, name: str) -> Json:
        """Show a pack."""
        return self._ask("GET", f"/packs/{quote(name, safe='')}")

    def step(self, name: str, step: str) -> Json:
        """Show a step of a pack."""
        return self._ask("GET", f"/packs/{quote(name, safe='')}/steps/{quote(step, safe='')}")

    def _ask(
        self, method: str, path: str, body: str = "", media: str = "", query: Mapping[str, str] | None = None
    ) -> Json:
        import httpx

        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        headers |= {"Content-Type": media} if media else {}
        address = f"{self.url.rstrip('/')}/api/v1{path}"
        try:
            answer = httpx.request(
                method, address, params=query, content=body.encode() or None, headers=headers, timeout=30
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = f"{self.url} does not answer ({type(error).__name__}); is it running, and is --url right?"
            raise ProblemError(problem("busy", 503, detail)) from None
        return _document(answer.status_code, answer.content)


def _document(status: int, content: bytes) -> Json:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ProblemError(problem("unreadable", status, "what answered is no Vigil; check --url"))
    if status >= 400:
        raise ProblemError(Problem(status, document))
    return document


@dataclass(frozen=True)
class Means:
    """How a command reaches Vigil and how it answers, from the flags."""

    home: Path | None
    url: str | None
    token: str | None
    as_json: bool

    @contextmanager
    def open(self) -> Iterator[Way]:
        """Open the way; whatever is refused ends the command with its document on stderr and exit 1."""
        try:
            if self.url:
                yield Remote(self.url, self.token or os.environ.get("VIGIL_TOKEN", ""))
            else:
                app = self._app()
                try:
                    yield Local(app)
                finally:
                    app.close()
        except VigilError as error:
            refuse(problem_of(error), as_json=self.as_json)
        except ProblemError as error:
            refuse(error.problem, as_json=self.as_json)

    def _app(self) -> "App":
        from runtime import app, logs, settings, up_home

        given = {"home": self.home} if self.home else {}
        chosen = settings.load({**up_home.as_running(settings.load(given).home), **given})
        if not chosen.home.is_dir():
            raise Unknown(f"there is no home at {chosen.home}; give --home, or begin one with: vigil up")
        # What a person must hear of is said by the command itself; the rest stands in HOME/logs/cli.log.
        logs.configure(chosen.home, "cli", terminal=logging.ERROR)
        return app.build(chosen)


def refuse(refused: Problem, *, as_json: bool) -> NoReturn:
    """Say a refusal on stderr, as its document or in words, and end with 1."""
    import typer

    if as_json:
        sys.stderr.write(json.dumps(dict(refused.body), ensure_ascii=False) + "\n")
    else:
        from console.cli import shown

        shown.refusal(refused)
    raise typer.Exit(1)


def answer(means: Means, body: Json, show: Callable[[Json], None]) -> None:
    """Print what was answered: exactly that with --json, else for people."""
    if means.as_json:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    else:
        show(body)
