"""`vigil simulate`: a year that never was, worked off by a pack, and what it asks of whom."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import AsJson
from console.cli.way import refuse

if TYPE_CHECKING:
    from policy.pack import Pack
    from policy.tally import Tally
    from runtime.history import Progress, Year

FIRST = "2026-01-01"
LONGEST = 3660  # days: ten years
SHOWN = 12  # steps of each table; --json has all


def simulate(  # noqa: PLR0913, PLR0917 - each parameter is a flag
    pack: Annotated[str, typer.Option(help="the procedure by which the cases are worked off")] = "staffordshire",
    profile: Annotated[str | None, typer.Option(help="whose number of cases; that of the pack when left out")] = None,
    days: Annotated[int, typer.Option(help=f"how many days, at most {LONGEST}")] = 365,
    seed: Annotated[int, typer.Option(help="another number draws other cases; the same one the same cases")] = 1,
    first: Annotated[str, typer.Option("--from", help="the first day, such as 2026-01-01")] = FIRST,
    stress: Annotated[bool, typer.Option("--stress", help="the busiest that the force may see, not its mean")] = False,
    processes: Annotated[int, typer.Option(help="how many processes share the work", min=1, max=64)] = 2,
    home: Annotated[Path | None, typer.Option(help="a home whose own packs may be named", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Draw the cases of a year from published figures and work them off by a pack: no store, no message, nobody told.

    It shows how many messages, escalations and breaches the pack's numbers make, and whom they wake at night.
    Profiles: staffordshire (7 cases a day), derbyshire (12), west_midlands (38), met (110), uk_all (904).
    People act as the load model has it: most in time, some late, a few never (policy/load_model.py).

        vigil simulate
        vigil simulate --pack staffordshire --profile met --days 365
        vigil simulate --days 28 --from 2026-10-12 --seed 7 --json
    """
    from console.problems import problem_of
    from policy.errors import VigilError
    from runtime.history import simulate as play_year

    try:
        rules = _pack(pack, home)
        name, year = _year(rules, profile, days, first)
    except VigilError as error:
        refuse(problem_of(error), as_json=as_json)
    from dataclasses import replace

    year = replace(year, seed=seed, stress=stress)
    with _progress(as_json=as_json) as progress:
        tally = play_year(year, rules, progress=progress, processes=processes).old
    given = {"pack": pack, "profile": name, "from": first, "days": days, "seed": seed, "stress": stress}
    if as_json:
        sys.stdout.write(json.dumps({**given, **tally.as_body()}) + "\n")
    else:
        _show(rules, name, year, tally)


def _pack(name: str, home: Path | None) -> "Pack":
    """Find a shipped pack, or one of a home."""
    from policy.errors import Fault, Invalid
    from runtime.settings import load
    from store.packs import load_packs

    packs = load_packs(load({"home": home}).home if home else None)
    if name not in packs:
        fault = Fault("--pack", f"there is no pack {name!r}", f"use one of: {', '.join(sorted(packs))}")
        raise Invalid("nothing was simulated", [fault])
    return packs[name]


def _year(rules: "Pack", profile: str | None, days: int, first: str) -> "tuple[str, Year]":
    """Read what is to be drawn, or raise Invalid with every fault."""
    from policy.errors import Fault, Invalid
    from policy.load_model import PROFILES, profile_of
    from runtime.history import Year

    name, faults = profile or profile_of(rules.name), []
    if name not in PROFILES:
        faults.append(Fault("--profile", f"there is no profile {name!r}", f"use one of: {', '.join(PROFILES)}"))
    if not 1 <= days <= LONGEST:
        faults.append(Fault("--days", f"{days} is not a number of days", f"give a number from 1 to {LONGEST}"))
    try:
        begins = date.fromisoformat(first)
    except ValueError:
        begins = date.min
    if not 2000 <= begins.year <= 2100:
        faults.append(Fault("--from", f"{first!r} is not a day of our time", f"write it as {FIRST}"))
    if faults:
        raise Invalid("nothing was simulated", faults)
    return name, Year(PROFILES[name], begins, days)


@contextmanager
def _progress(*, as_json: bool) -> "Iterator[Progress]":
    """Show how far the work is, on stderr; a program sees nothing of it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=as_json) as bar:
        task = bar.add_task("Cases", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _show(rules: "Pack", profile: str, year: "Year", tally: "Tally") -> None:
    from console.cli import shown
    from policy import tally as of
    from policy.terms import Role

    per_day, left = tally.cases / year.days, tally.count(of.OPEN)
    shown.out.print(
        f"[bold]{tally.cases:,} cases[/] in {year.days} days of {profile} ({per_day:.1f} a day), {rules.title}"
    )
    shown.out.print(f"{left:,} not closed at the end; seed {year.seed}: the same again gives the same cases\n")
    for group, title in ((of.ESCALATIONS, "Rungs climbed"), (of.BREACHES, "Deadlines missed")):
        rows = [(rules.steps[name].title, tally.count(group, name)) for name in tally.names(group)]
        _table(title, "Step", rows, tally.cases)
    for group, title in (
        (of.MESSAGES, "Messages"),
        (of.WOKEN, f"Messages from {of.NIGHT_FROM}:00 to 0{of.NIGHT_TO}:00"),
    ):
        _table(
            title,
            "Role",
            [(rules.label(Role(name)), tally.count(group, name)) for name in tally.names(group)],
            year.days,
        )


def _table(title: str, what: str, rows: list[tuple[str, int]], over: int) -> None:
    from rich.table import Table

    from console.cli import shown

    table = Table(box=None, pad_edge=False, title=f"{title}: {sum(count for _, count in rows):,}", title_justify="left")
    table.add_column(what)
    table.add_column("number", justify="right")
    table.add_column("a case" if what == "Step" else "a day", justify="right")
    for name, count in rows[:SHOWN]:
        table.add_row(name, f"{count:,}", f"{count / max(over, 1):.2f}")
    if len(rows) > SHOWN:
        table.add_row(f"and {len(rows) - SHOWN} more", f"{sum(count for _, count in rows[SHOWN:]):,}", "")
    shown.out.print(table)
    shown.out.print("")
