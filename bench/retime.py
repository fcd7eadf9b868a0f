"""What it costs to move a thousand open cases to another revision: previewed, moved in the store, shown in Prefect.

`python -m bench.retime`: 1,000 open cases wait for their reviews, each with its run PAUSED in Prefect. A revision that
changes the interval of a review is previewed, proposed by one person and approved by another. Taken: how long the live
preview takes; how long until the last case follows the revision in the store; how long until the last page in Prefect
has followed, and whether the soonest deadline came first.
"""

import argparse
import time
from collections.abc import Callable

from sqlalchemy import ColumnElement, Engine, func, select

from bench._cases import CASE
from bench._rig import Rig, arguments, keep, rig, warm_up
from bench.waiting import have_waiting
from runtime.app import build
from runtime.door_revisions import read_edit
from runtime.preview_live import Move, live_moves
from runtime.settings import load
from store.engine import make_engine

PACK = "staffordshire"
CHANGE = {"step": "sergeant_review", "field": "every", "risk": "medium", "value": "3h"}
STORE_BAR_S, PAGES_BAR_S, PREVIEW_BAR_S = 30.0, 900.0, 3.0
SLACK = 1.5  # a page counts as in its turn when it followed before 1.5 times as many pages as stood before it


def measure(here: Rig, given: argparse.Namespace) -> None:
    """Print the figures, each with its bar."""
    engine = make_engine(here.store_url)
    have_waiting(here, engine, given.cases, 1)
    proposal = {
        "base": 1, "changes": [CHANGE], "reason": "Trial", "applies_to": "live_and_new", "by": "ci-1",
    }  # fmt: skip
    moved, preview_s = _live(here, proposal)
    print(
        f"live preview of {given.cases} open cases, {len(moved)} deadlines: {preview_s:.2f} s (bar {PREVIEW_BAR_S:g} s)"
    )
    number = here.stack.post(f"/packs/{PACK}/revisions", proposal, 201)["revision"]
    order = _by_wake(engine)
    here.stack.post(f"/packs/{PACK}/revisions/{number}/approve", {"by": "sup-1"}, 200)
    began = time.perf_counter()
    _wait(lambda: not _count(engine, CASE.c.revision != number), STORE_BAR_S * 10)
    store_s = time.perf_counter() - began
    print(f"all follow revision {number} in the store after {store_s:.1f} s (bar {STORE_BAR_S:g} s)", flush=True)
    done = _pages(engine, began)
    engine.dispose()
    pages_s = max(done.values())
    print(f"the last page in Prefect followed after {pages_s:.0f} s (bar {PAGES_BAR_S:g} s)")
    print(f"{_in_turn(order, done):.0%} of the pages followed in the turn of their deadlines")
    keep(given, {"retime_preview_s": preview_s, "retime_store_s": store_s, "retime_pages_s": pages_s})


def _live(here: Rig, proposal: dict[str, object]) -> tuple[list[Move], float]:
    """Preview the open cases three times as the console does; give what moves, and the median of the seconds."""
    settings = load({"home": here.stack.home, **({"database_url": here.bases.vigil} if here.bases.vigil else {})})
    app = build(settings, migrate=False)
    took: list[float] = []
    for _ in range(3):
        began = time.perf_counter()
        with app.sessions.reading() as s:
            moves = live_moves(app, s, read_edit(app, s, PACK, proposal, for_preview=True))
        took.append(time.perf_counter() - began)
    app.close()
    return moves, sorted(took)[1]


def _by_wake(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(CASE.c.ref).order_by(CASE.c.wake_at, CASE.c.ref)).scalars())


def _count(engine: Engine, those: ColumnElement[bool]) -> int:
    with engine.connect() as connection:
        query = select(func.count()).select_from(CASE).where(those)
        return int(connection.execute(query).scalar_one())


def _pages(engine: Engine, began: float) -> dict[str, float]:
    """Give when each page had followed, in seconds since the approval: a pass has been there."""
    done: dict[str, float] = {}
    ends = time.monotonic() + PAGES_BAR_S * 3
    while time.monotonic() < ends:
        with engine.connect() as connection:
            rows = connection.execute(select(CASE.c.ref, CASE.c.refresh_at)).all()
        now = time.perf_counter() - began
        done |= {ref: now for ref, behind in rows if behind is None and ref not in done}
        if len(done) == len(rows):
            return done
        time.sleep(1)
    raise SystemExit(f"{len(rows) - len(done)} pages did not follow within {PAGES_BAR_S * 3:.0f} s")


def _in_turn(order: list[str], done: dict[str, float]) -> float:
    """Give the share of pages that did not have to wait for ones of a later deadline."""
    rank = {ref: n for n, ref in enumerate(sorted(done, key=lambda ref: done[ref]), 1)}
    return sum(rank[ref] <= n * SLACK + 20 for n, ref in enumerate(order, 1)) / len(order)


def _wait(until: Callable[[], bool], patience_s: float) -> None:
    ends = time.monotonic() + patience_s
    while not until():
        if time.monotonic() > ends:
            raise SystemExit(f"not done within {patience_s:.0f} s")
        time.sleep(0.2)


def main() -> None:
    """Run the measurement."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--cases", type=int, default=1000, help="open cases")
    given = parser.parse_args()
    with rig(given) as here:
        warm_up(here.stack)
        measure(here, given)


if __name__ == "__main__":
    main()
