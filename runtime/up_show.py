"""What `vigil up` says: to a person what happens and what to try, to a program one line of JSON."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from policy.errors import Invalid, Refused, VigilError
from runtime.app import App
from runtime.clock import RehearsalClock
from runtime.keys import prefect_auth


class Show:
    """Prints progress and results; with --json stdout holds one line and the rest goes to stderr."""

    def __init__(self, *, as_json: bool, out: Console | None = None) -> None:
        self.as_json = as_json
        self._out = out or Console(stderr=as_json, highlight=False, soft_wrap=True)

    def beginning(self, home: str) -> None:
        """Say that a start begins."""
        self._out.print(f"[bold]Vigil[/bold] starts on the home {home}")

    def progress(self, what: str, seconds: float | None = None) -> None:
        """Say that something is ready, and after how long."""
        took = "" if seconds is None else f" in {seconds:.1f} s"
        self._out.print(f"  {what} ... ready{took}")

    def note(self, text: str) -> None:
        """Say something that a person should know."""
        self._out.print(f"  [yellow]{text}[/yellow]")

    def refused(self, error: VigilError) -> None:
        """Say why there is no start, and what to do about it."""
        self._out.print("[red]Vigil could not start.[/red]")
        if isinstance(error, Invalid):
            for fault in error.faults:
                self._out.print(f"  {fault.field}: {fault.message}\n    -> {fault.remedy}", markup=False)
            return
        text = error.detail if isinstance(error, Refused) else str(error)
        self._out.print(f"  {text}", markup=False)

    def broke(self, error: Exception, home: Path) -> None:
        """Say that we have a fault of our own, and where it stands."""
        self._out.print(f"[red]Vigil stops: a fault of its own ({type(error).__name__}).[/red]")
        self._out.print(f"  where it happened stands in {home}/logs/up.log", markup=False)

    def ready(self, app: App, seconds: float) -> None:
        """Say that a report posted now would be told: one line of JSON, or a page for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(ready_line(app)) + "\n")
            sys.stdout.flush()
        else:
            self._out.print(self._page(app, seconds))

    def stopping(self) -> None:
        """Say that everything is being stopped."""
        self._out.print("Vigil stops ...")

    def stopped(self, seconds: float) -> None:
        """Say that nothing runs any more."""
        self._out.print(f"Vigil has stopped in {seconds:.1f} s; the next start goes on where it was.")

    def _page(self, app: App, seconds: float) -> Panel:
        settings, login = app.settings, app.keys.first_login
        console = settings.console_address
        table = Table.grid(padding=(0, 2))
        for name, value in (
            ("Console", f"{console}/"),
            ("First login", f"{login.user} / {login.password}"),
            ("Prefect", f"{settings.prefect_address}/runs"),
            ("API", f"{console}/api/docs"),
            ("API token", f"in {settings.home}/admin-token"),
            ("Sheet", f"{settings.home}/sheets/latest.html: every live case and whom to ring, each hour"),
            ("Clock", _clock_words(app)),
            ("Try", "sign in to the console: who has each case, and what happens next"),
            ("", "open Prefect: one flow run a case, named by what it awaits"),
            ("", "vigil report FILE    take a record in"),
            ("", "vigil doctor         is anything wrong?"),
            ("Stop", "Ctrl-C"),
        ):
            table.add_row(f"[bold]{name}[/bold]", value)
        return Panel(table, title=f"Vigil is ready ({seconds:.0f} s)", title_align="left", expand=False)


def ready_line(app: App) -> dict[str, object]:
    """Give what --json prints when all is ready (contract section 1)."""
    settings, login = app.settings, app.keys.first_login
    return {
        "ready": True,
        "console": settings.console_address,
        "prefect": settings.prefect_address,
        "prefect_api": settings.prefect_api,
        "prefect_auth": prefect_auth(settings),
        "token": app.keys.token,
        "login": {"user": login.user, "password": login.password},
    }


def _clock_words(app: App) -> str:
    if not isinstance(app.clock, RehearsalClock):
        return "the real time"
    return f"rehearsal: {app.clock.now():%Y-%m-%d %H:%M} UTC, {app.clock.speed:g} times as fast"
