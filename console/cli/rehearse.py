"""`vigil rehearse`: a night played through, or laid beside the same night with one thing changed."""

import importlib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from console.cli.options import AsJson, Home, means
from console.cli.way import Local, refuse

if TYPE_CHECKING:
    from runtime.rehearse_against import Comparison

Made = TypeVar("Made")
USAGE = 2
_AGAINST = typer.Option("--against", metavar="WHAT", help="lay it beside the same with one thing changed; repeatable")
_CASE = typer.Option("--case", help="a recorded case instead of a file, with --against")


def rehearse(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    files: Annotated[list[Path] | None, typer.Argument(help="rehearsal files (TOML)", show_default=False)] = None,
    against: Annotated[list[str] | None, _AGAINST] = None,
    case: Annotated[str | None, _CASE] = None,
    home: Home = None,
    live: Annotated[bool, typer.Option("--live", help="through the real stack")] = False,
    speed: Annotated[float | None, typer.Option(help="with --live, at most 60 (30)")] = None,
    as_json: AsJson = False,
) -> None:
    """Play a night through the real procedure and see whether it kept what the file expects.

    Exit 0 all kept (or compared), 1 any broken or refused, 2 the file or what to change is wrong.

    --against shows two timelines side by side, and says first in words what differs; nothing is stored, nobody
    is told. WHAT is one of:

        told=+5m                 each answer five minutes later (-5m: earlier)
        pack=NAME                another pack
        roster=FILE.csv          other people on duty
        STEP.FIELD.RISK=VALUE    one number of the pack
        OTHER.toml               another rehearsal
        was                      as it really was, where the file tells it

    Examples:

        vigil rehearse tests/rehearsals/an_inspector_who_looks_late.toml
        vigil rehearse --live --speed 60 tests/rehearsals/staffordshire_done_right.toml
        vigil rehearse examples/replays/staffordshire_2025.toml --against was
        vigil rehearse night.toml --against told=+5m --against pack=uk_app_baseline
        vigil rehearse night.toml --against notify_local_supervisor.due.medium=7m
        vigil rehearse --case MP-2026-000001 --against told=-5m
    """
    if case is not None or against:
        _compare(files or [], case, against or [], home, as_json=as_json, live=live or speed is not None)
        return
    if not files:
        raise typer.BadParameter("name a rehearsal file, or --case and --against")
    rehearsal = importlib.import_module("runtime.rehearse")
    raise typer.Exit(rehearsal.run(files, live, speed, as_json))


def _compare(
    files: Sequence[Path], case: str | None, against: Sequence[str], home: Path | None, *, as_json: bool, live: bool
) -> None:
    if live:
        raise typer.BadParameter("--against is simulated: leave --live and --speed out")
    if (case is None) == (not files):
        raise typer.BadParameter("give rehearsal files or --case, one of the two")
    if not against:
        raise typer.BadParameter("say what to change: --against told=+5m")
    found = _of_files(files, against, as_json) if case is None else _of_case(case, home, against, as_json)
    if as_json:
        side_by_side = importlib.import_module("runtime.rehearse_against")
        body = {"comparisons": [side_by_side.as_data(one) for one in found]}
        sys.stdout.write(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
        return
    from console.cli.against import show

    for number, one in enumerate(found):
        sys.stdout.write("\n" if number else "")
        show(one)


def _of_files(files: Sequence[Path], against: Sequence[str], as_json: bool) -> list["Comparison"]:
    from runtime.rehearse_against import compare

    return _refusing(lambda: [compare(file, what) for file in files for what in against], as_json)


def _of_case(case: str, home: Path | None, against: Sequence[str], as_json: bool) -> list["Comparison"]:
    from runtime.against_case import compare_case, read_change

    whats = _refusing(lambda: [read_change(what) for what in against], as_json)
    with means(home, None, None, as_json).open() as way:
        assert isinstance(way, Local)  # there is no --url: a replay is made where the case is kept
        return _refusing(lambda: [compare_case(way.app, case, what) for what in whats], as_json)


def _refusing(find: Callable[[], list[Made]], as_json: bool) -> list[Made]:
    """End with 2 when what was typed is wrong."""
    from console.problems import problem_of
    from policy.errors import Invalid

    try:
        return find()
    except Invalid as error:
        refuse(problem_of(error), as_json=as_json, code=USAGE)
