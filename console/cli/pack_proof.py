"""`vigil pack check`, its second half: each pack searched for what must never be, and each fault told as a story."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from policy.check import Checked, Found
    from policy.pack import Pack

MOST_LINES = 40  # of a story; --json has all


def prove(packs: Iterable["Pack"], states: int, *, as_json: bool) -> list[dict[str, object]]:
    """Search each pack, say how far and what was found, and give the same as data."""
    from policy.check import check
    from runtime.clock import Stopwatch

    proofs = []
    for pack in packs:
        watch = Stopwatch()
        with _progress(pack.name, as_json=as_json) as progress:
            found = check(pack, states, progress)
        proofs.append({"pack": pack.name, "seconds": round(watch.elapsed(), 1), **_as_data(found)})
        if not as_json:
            _show(pack, found, watch.elapsed())
    return proofs


def is_broken(proofs: Iterable[Mapping[str, object]]) -> bool:
    """Tell whether any of them found a fault."""
    return any(proof["faults"] for proof in proofs)


def _show(pack: "Pack", found: "Checked", seconds: float) -> None:
    said = f"checked {found.states:,} states to depth {found.depth} in {seconds:.1f} s"
    typer.echo(f"{pack.name}: {said}, {len(found.faults) or 'no'} fault{'s'[: len(found.faults) != 1]}")
    typer.echo(f"  {found.bound()}")
    for fault in found.faults:
        typer.echo(f"\n  {fault.fault}\n  {fault.example}")
        lines = list(_story(fault))
        for line in lines[:MOST_LINES]:
            typer.echo(f"    {line}")
        if len(lines) > MOST_LINES:
            typer.echo(f"    and {len(lines) - MOST_LINES} lines more; --json has them")


def _as_data(found: "Checked") -> dict[str, object]:
    faults = [
        {"kind": one.kind, "step": one.step, "fault": one.fault, "example": one.example, "story": list(_story(one))}
        for one in found.faults
    ]
    bound = {"searches": found.searches, "ended_by_the_bound": list(found.cut), "unreached": list(found.unreached)}
    return {"states": found.states, "depth": found.depth, **bound, "faults": faults}


def _story(fault: "Found") -> Iterator[str]:
    """Tell the case that shows a fault minute by minute, as a rehearsal is told."""
    from policy.standing_roster import StandingRoster
    from runtime.against_story import Replay, timeline_of

    if fault.story is None or fault.pack is None:
        return
    rosters = StandingRoster(tuple(fault.pack.areas), tuple(fault.pack.forces))
    timeline = timeline_of(fault.fault, Replay(fault.story, fault.pack, rosters))
    day = ""
    for entry in timeline.entries:
        if (today := timeline.clock.day(entry.at)) != day:
            day = today
            yield f"{day}:"
        yield f"{timeline.clock.clock(entry.at)} {entry.text}"


@contextmanager
def _progress(name: str, *, as_json: bool) -> "Iterator[Callable[[int, int], None]]":
    """Show on a terminal how far the search is, on stderr; a program sees nothing of it."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    quiet = as_json or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task(f"Searching {name}", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
