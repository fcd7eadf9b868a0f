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

from console.problems import Problem, ProblemError, document, problem, problem_of
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

    def card(self, name: str, role: str) -> Json:
        """Show the card of a role."""


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
        """Show a case; that the command line looked is written down."""
        from console import asking
        from runtime.door_looked import looked_by_machine

        looked_by_machine(self.app, case, "cli", Route.CLI)
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

    def card(self, name: str, role: str) -> Json:
        """Show the card of a role."""
        from console import packs, role_cards

        return role_cards.view(packs.find(self.app, name), role)


@dataclass(frozen=True)
class Remote:
    """The way to a server."""

    url: str
    token: str
    patience_s: float = 30.0

    def report(self, raw: object) -> Json:
        """Take a report in."""
        return self.ask("POST", "/reports", json.dumps(raw), "application/json")

    @property
    def stopped(self) -> Path | None:
        """Give None: a server that answers runs."""
        return None

    def unreadable(self, text: str) -> None:
        """Let the server refuse what could not be read: it rings there."""
        self.ask("POST", "/reports", text, "text/plain")

    def fact(self, case: str, raw: Json) -> Json:
        """Take a fact in."""
        return self.ask("POST", f"/cases/{quote(case, safe='')}/facts", json.dumps(raw), "application/json")

    def log(self, text: str, case: str | None) -> Json:
        """Take lines of the force's logs in."""
        return self.ask("POST", "/log", text, "text/csv", {"case": case} if case else {})

    def case(self, case: str) -> Json:
        """Show a case."""
        return self.ask("GET", f"/cases/{quote(case, safe='')}")

    def cases(self, query: Mapping[str, str | None]) -> Json:
        """List cases."""
        return self.ask("GET", "/cases", query={name: value for name, value in query.items() if value})

    def roster(self, text: str, *, partial: bool) -> Json:
        """Put a roster."""
        return self.ask("PUT", "/roster", text, "text/csv", {"partial": "true"} if partial else {})

    def packs(self) -> Json:
        """List packs."""
        return self.ask("GET", "/packs")

    def pack(self, name: str) -> Json:
        """Show a pack."""
        return self.ask("GET", f"/packs/{quote(name, safe='')}")

    def card(self, name: str, role: str) -> Json:
        """Show the card of a role."""
        return self.ask("GET", f"/packs/{quote(name, safe='')}/roles/{quote(role, safe='')}")

    def read(self, path: str, query: Mapping[str, str]) -> Json:
        """Give what the API has under a path."""
        return self.ask("GET", path, query=query)

    def text(self, path: str) -> str:
        """Give a text that the API has under a path."""
        status, content = self._send("GET", path)
        return content.decode() if status < 400 else str(document(status, content))

    def ask(
        self, method: str, path: str, body: str = "", media: str = "", query: Mapping[str, str] | None = None
    ) -> Json:
        """Ask the server for a document; raise ProblemError for what it refuses."""
        return document(*self._send(method, path, body, media, query))

    def _send(
        self, method: str, path: str, body: str = "", media: str = "", query: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        import httpx

        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        headers |= {"Content-Type": media} if media else {}
        address, content, wait_s = f"{self.url.rstrip('/')}/api/v1{path}", body.encode() or None, self.patience_s
        try:
            answer = httpx.request(method, address, params=query, content=content, headers=headers, timeout=wait_s)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            detail = f"{self.url} does not answer ({type(error).__name__}); is it running, and is --url right?"
            raise ProblemError(problem("busy", 503, detail)) from None
        return answer.status_code, answer.content


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


def refuse(refused: Problem, *, as_json: bool, code: int = 1) -> NoReturn:
    """Say a refusal on stderr, as its document or in words, and end with 1, or with `code`."""
    import typer

    if as_json:
        sys.stderr.write(json.dumps(dict(refused.body), ensure_ascii=False) + "\n")
    else:
        from console.cli import shown

        shown.refusal(refused)
    raise typer.Exit(code)


def answer(means: Means, body: Json, show: Callable[[Json], None]) -> None:
    """Print what was answered: exactly that with --json, else for people."""
    if means.as_json:
        sys.stdout.write(json.dumps(body, ensure_ascii=False) + "\n")
    else:
        show(body)
