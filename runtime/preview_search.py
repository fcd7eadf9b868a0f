"""The search for what a change makes impossible, contradictory or silly, in a process of its own.

It may take a minute of one core. The console that waits for it goes on serving; when it ends, the search ends too.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection

from policy.lint import Budget, lint
from policy.pack import Pack

Progress = Callable[[int, int], None]
Found = dict[str, object]


def searched(old: Pack, new: Pack, budget: Budget | None = None, progress: Progress | None = None) -> Found:
    """Search here and now: `lint` as the API answers it, and how far was searched in words."""
    found = lint(old, new, budget=budget, progress=progress)
    findings = [{"fault": one.fault, "example": one.example} for one in found.findings]
    return {"lint": findings, "searched": found.searched.words()}


def searched_apart(old: Pack, new: Pack, progress: Progress) -> Found:
    """Search in another process; in this one where none can be started. Whoever raises in `progress` ends it."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_search, args=(theirs, old, new), daemon=True)
    try:
        process.start()
    except OSError:
        return searched(old, new, progress=progress)
    theirs.close()
    try:
        while isinstance(said := ours.recv(), tuple):
            progress(*said)
    except EOFError:
        return searched(old, new, progress=progress)  # it was killed
    finally:
        process.terminate()
        process.join()
        ours.close()
    assert isinstance(said, dict)
    return said


def _search(to: Connection, old: Pack, new: Pack) -> None:
    """Search, and say how far it is and what was found; a console that is gone needs no answer."""
    os.nice(10)  # whoever is told of a case goes first
    with suppress(BrokenPipeError):
        to.send(searched(old, new, progress=lambda done, of: to.send((done, of))))
