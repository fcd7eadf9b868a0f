"""What the commands of timings ask, by either way: of a home's store, or of a server. Both give the same documents."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import typer

from console.cli.way import Json, Local, Remote, Way

PREVIEW_S = 600.0  # a server plays thousands of past cases while its caller waits
SHAPE = "STEP.FIELD=VALUE or STEP.FIELD.RISK=VALUE, such as notify_local_supervisor.due.medium=7m"


def changed(edits: Sequence[str] | None, file: str | None) -> Json:
    """Read what is to change as a proposal says it; a call that cannot be meant ends with 2."""
    if bool(edits) == bool(file):
        raise typer.BadParameter("give the edited numbers with --set, or an edited pack with --file")
    return {"changes": [_change(edit) for edit in edits]} if edits else {}


def _change(edit: str) -> Json:
    from policy.revise import OF_THE_PACK

    name, sign, value = edit.partition("=")
    for field in OF_THE_PACK:  # a number of the pack as a whole names no step
        if name == field or name.startswith(f"{field}."):
            return {"step": None, "field": field, "risk": name[len(field) + 1 :] or None, "value": value}
    step, field, *risk = name.split(".")[:3] if name.count(".") in (1, 2) else ("", "")
    if not (sign and step and field):
        raise typer.BadParameter(f"--set {edit}: write {SHAPE}")
    return {"step": step, "field": field, "risk": risk[0] if risk else None, "value": value}


def override(by: str | None, reason: str | None) -> Json:
    """Name who answers for a time above its ceiling; what is missing of it the door says."""
    return {"override": {"by": by or "", "reason": reason or ""}} if by or reason else {}


def newest(vigil: Way, pack: str, *, quiet: bool) -> int:
    """Give the number of the revision that stands; say on stderr which it is, but to no program."""
    number = history(vigil, pack)["latest"]
    assert isinstance(number, int)
    if not quiet:
        typer.echo(f"{pack}: revision {number} stands; the change is made to it.", err=True)
    return number


def preview(vigil: Way, pack: str, body: Json, cases: int, *, quiet: bool) -> Json:
    """Work a preview out; in a home, with a bar that shows how many past cases are played."""
    if isinstance(vigil, Local):
        from runtime.preview import whole

        with _bar(quiet=quiet) as progress:
            return whole(vigil.app, pack, body, cases, progress)
    patient = replace(_server(vigil), patience_s=PREVIEW_S)
    path = f"{_path(pack)}/preview"
    return patient.ask("POST", path, json.dumps(body), "application/json", {"cases": str(cases)})


@contextmanager
def _bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("Past cases", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        task = bar.add_task("Past cases", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of or None)


def propose(vigil: Way, pack: str, body: Json, by: str) -> Json:
    """Propose a revision."""
    if isinstance(vigil, Local):
        from console import revising
        from policy.terms import Route

        return revising.propose(vigil.app, pack, body, by, Route.CLI).body
    return _server(vigil).ask("POST", f"{_path(pack)}/revisions", json.dumps(body), "application/json")


def approve(vigil: Way, pack: str, number: int, by: str) -> Json:
    """Approve a revision."""
    if isinstance(vigil, Local):
        from console import revising
        from policy.terms import Route

        return revising.approve(vigil.app, pack, number, by, Route.CLI).body
    path = f"{_path(pack)}/revisions/{number}/approve"
    return _server(vigil).ask("POST", path, json.dumps({"by": by}), "application/json")


def withdraw(vigil: Way, pack: str, number: int, body: Json) -> Json:
    """Withdraw a revision."""
    if isinstance(vigil, Local):
        from console import revising
        from policy.terms import Route

        return revising.withdraw(vigil.app, pack, number, body, str(body["by"]), Route.CLI).body
    path = f"{_path(pack)}/revisions/{number}/withdraw"
    return _server(vigil).ask("POST", path, json.dumps(body), "application/json")


def diff(vigil: Way, pack: str, old: int | None, new: int | None) -> Json:
    """Say what differs between two revisions."""
    named = {"from": str(old) if old else "", "to": str(new) if new else ""}
    if isinstance(vigil, Local):
        from console import revising

        return revising.diff(vigil.app, pack, named["from"], named["to"]).body
    return _server(vigil).read(f"{_path(pack)}/diff", {name: text for name, text in named.items() if text})


def history(vigil: Way, pack: str) -> Json:
    """List the revisions of a pack."""
    if isinstance(vigil, Local):
        from runtime import readings_revisions

        return readings_revisions.history(vigil.app, pack)
    return _server(vigil).read(f"{_path(pack)}/revisions", {})


def exported(vigil: Way, pack: str, number: int | None) -> str:
    """Give a whole pack as TOML."""
    if isinstance(vigil, Local):
        from runtime import readings_revisions

        return readings_revisions.exported(vigil.app, pack, number)
    number = number or int(str(history(vigil, pack)["latest"]))
    return _server(vigil).text(f"{_path(pack)}/revisions/{number}/export")


def write(file: Path, text: str) -> None:
    """Write a file, whole or not at all; raise Invalid where that cannot be."""
    from policy.errors import Fault, Invalid
    from runtime.whole_file import put_whole

    try:
        put_whole(file, text)
    except OSError as error:
        fault = Fault("--output", (error.strerror or "unknown").lower(), "name a file that this user may write")
        raise Invalid(f"{file} cannot be written", [fault]) from None


def _server(vigil: Way) -> Remote:
    assert isinstance(vigil, Remote)
    return vigil


def _path(pack: str) -> str:
    return f"/packs/{quote(pack, safe='')}"
