"""`vigil case replay`, `vigil audit replay`: the proof that a case's journal follows from what came in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson, Home, means
from console.cli.way import Json, Local, Means, answer

if TYPE_CHECKING:
    from runtime.app import App
    from runtime.past import Retold

LATEST = 100  # cases, unless all are asked for
audit_commands = typer.Typer(no_args_is_help=True, help="What an auditor asks of a home.")


def replay_case(
    case: Annotated[str, typer.Argument(help="the case's reference, such as MP-2026-000001")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make every decision of a case again, under its own revision, and compare it with the journal line for line.

    Says *same*, or each decision that comes out otherwise, or why the case cannot be told again.
    Exit 1 when anything differs.

        vigil case replay MP-2026-000001
    """
    from runtime import past

    way = means(home, None, None, as_json)
    with _home(way) as app:
        told = past.retell(app, case)
    answer(way, _document(told), lambda _: _show(told))
    raise typer.Exit(int(bool(told.differs)))


@audit_commands.command("replay")
def replay_many(
    every: Annotated[bool, typer.Option("--all", help=f"every case, not only the latest {LATEST}")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make every decision of many cases again, and list each case whose journal does not follow, and why.

    Exit 1 when anything differs; a case that cannot be told again is listed with the reason.

        vigil audit replay
        vigil audit replay --all --json
    """
    from runtime import past
    from store import roster_past

    way = means(home, None, None, as_json)
    with _home(way) as app:
        with app.sessions.reading() as s:
            rosters = roster_past.read(s)
        refs = list(islice(past.every(app), None if every else LATEST))
        told = [past.retell(app, ref, rosters) for ref in _with_progress(refs, quiet=as_json)]
    counts = past.summary(told)
    odd = [one for one in told if not one.same]
    answer(way, {**counts, "cases": [_document(one) for one in odd]}, lambda _: _show_many(odd, counts))
    raise typer.Exit(int(counts["differs"] > 0))


@contextmanager
def _home(way: Means) -> "Iterator[App]":
    """Open the home; whatever is refused ends the command as it does everywhere."""
    with way.open() as vigil:
        assert isinstance(vigil, Local)
        yield vigil.app


def _with_progress(refs: list[str], *, quiet: bool) -> Iterable[str]:
    """Show on a terminal how far it has come."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    return track(refs, "Told again", console=console, disable=quiet or not console.is_terminal)


def _document(told: "Retold") -> Json:
    from runtime.readings import iso

    differs = [{"line": one.seq, "at": iso(one.at), "words": one.words} for one in told.differs]
    return {
        "case": told.ref, "same": told.same, "decisions": told.decisions,
        "differs": differs, "not_replayable": told.why_not,
    }  # fmt: skip


def _show(told: "Retold") -> None:
    from rich.markup import escape

    from console.cli.shown import out
    from console.words import local

    if told.why_not is not None:
        out.print(f"[yellow]{escape(told.ref)} cannot be told again[/]: {escape(told.why_not)}")
    elif told.same:
        out.print(f"{escape(told.ref)}: [green]the same[/], {told.decisions} decisions made again")
    else:
        out.print(f"[bold red]{escape(told.ref)} differs[/], {told.decisions} decisions made again")
    for one in told.differs:
        out.print(f"  line {one.seq}, {local(one.at, one.at)}: {escape(one.words)}")


def _show_many(odd: "list[Retold]", counts: dict[str, int]) -> None:
    from console.cli.shown import out

    for one in odd:
        _show(one)
    out.print(f"{counts['same']} the same, {counts['differs']} differ, {counts['not_replayable']} cannot be told again")
