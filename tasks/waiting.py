"""Between the acts: what is due now, and how a run waits for what comes next.

A pass holds a lease on its case in the store. It ends in one of five ways: PAUSED under the name of
what it awaits; back in the queue, for something came meanwhile; COMPLETED, for the case is closed or
goes on in another run; left alone, for another pass holds the lease; or FAILED, and the worker puts
it back. A run that somebody made or ran again by hand does what is due, and never takes the case over.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress

import structlog
from prefect import State
from prefect.client.schemas.objects import StateType
from prefect.exceptions import Abort, Pause
from prefect.logging import get_run_logger
from prefect.states import Completed

from policy.errors import Broken, Busy, Forbidden, Invalid, Refused, Stale, Transient, Unknown, VigilError
from runtime import app, doors
from runtime.app import App
from runtime.doors import Due, Resting
from runtime.engine import FACT_ARRIVED, Engine
from runtime.engine_pass import Pass, current
from runtime.engine_state import GOES_ON, GOES_ON_IN

PASSES_OF_A_RUN = 200  # Prefect keeps a key of each pause with the run for ever

log = structlog.get_logger()


def advance(case: str) -> Due | None:
    """Decide what is due now, under the case's lease; leaves quietly when another pass holds it."""
    this, here = current(), app.current()
    this.next_round()
    try:
        if this.may_be_answered():
            _hear(here, this)
        with _left_to_its_holder(here, this):
            return doors.advance(here, case, this.holder)
    except Unknown:
        this.unknown = True
        return None


def wait_for_what_comes_next(case: str) -> State[None]:
    """Bring the run's page up to date, then let it wait; gives the final state when it is over.

    1. Read how the case rests, under the lease; a run that does not carry it ends, COMPLETED.
    2. Name, tags and agenda, for whoever looks at the run.
    3. Something came since the pass began: into the queue again, no wake is lost.
    4. Closed, or too many passes in one run: COMPLETED.
    5. PAUSED, then the lease is freed; whoever woke the case meanwhile is served by the timer.
    """
    this, here = current(), app.current()
    if this.unknown:
        return Completed(name="No such case", message="Vigil has no case of this reference.")
    with _given_back(here, this):
        return _rest(here, this, case)


@contextmanager
def _given_back(here: App, this: Pass) -> Generator[None]:
    """Give the case back at once when Prefect fails us: its own engine may try for a minute to tell its server.

    All that was due is done by then, and whoever looks next, engine or watchdog, must find the case free.
    """
    try:
        yield
    except (Pause, Abort):
        raise
    except Exception:
        with suppress(VigilError):  # the lease runs out by itself
            doors.release(here, this.case, this.holder)
        raise


def _rest(here: App, this: Pass, case: str) -> State[None]:
    with _left_to_its_holder(here, this):
        resting = doors.resting(here, case, this.holder)
    if not this.carries(resting.run_id, resting.run_number):
        doors.release(here, case, this.holder)
        return _ended_beside(case, resting)
    engine = _engine(here)
    _show(engine, this, resting)
    if resting.changed:
        this.goes_round = engine.again(this.run_id)
        doors.release(here, case, this.holder)
        raise Pause(state=State(type=StateType.SCHEDULED, name=FACT_ARRIVED))
    if resting.closed:
        doors.release(here, case, this.holder)
        return Completed(name=resting.name, message=resting.message)
    if resting.passes >= PASSES_OF_A_RUN:
        return Completed(name=GOES_ON, message=_renewed(here, engine, this, resting))
    rests = engine.pause(this.run_id, resting.name, resting.message, form=resting.form)
    this.refused_rest = not rests
    doors.release(here, case, this.holder)
    if not rests:
        log.info("pause_refused", case=case, run=this.run_id)
        raise Abort("Somebody woke or cancelled this run.")
    raise Pause(state=State(type=StateType.PAUSED, name=resting.name, message=resting.message))


def _ended_beside(case: str, resting: Resting) -> State[None]:
    """Give the end of a run that somebody made or ran again by hand: it says where the case goes on."""
    if resting.closed:
        return Completed(name=resting.name, message=resting.message)
    number = resting.run_number if resting.run_id else resting.run_number + 1
    message = f"This run does not carry the case; see the run {resting.run_id}." if resting.run_id else None
    return Completed(name=f"{GOES_ON_IN} {case}/{number}", message=message)


def _renewed(here: App, engine: Engine, this: Pass, resting: Resting) -> str:
    """Let the case go on in a fresh run, and say in which.

    The case is given back first, for the fresh run's pass may begin at once. Whoever makes the run, we or the
    timer, the same number gives the same run.
    """
    following = doors.renew(here, this.case, this.holder)
    number = int(following.rpartition("/")[2])
    try:
        run_id = engine.start(this.case, number, resting.tags, resting.run_name)
    except Transient:  # the timer starts it when Prefect is well again
        return f"{GOES_ON_IN} {following}."
    here.knock("worker")
    return f"{GOES_ON_IN} {following}: /runs/flow-run/{run_id}"


@contextmanager
def _left_to_its_holder(here: App, this: Pass) -> Generator[None]:
    """Leave quietly, and the run as it is, when another pass holds the case.

    The store is busy for other reasons too. Should the case be ours all the same, we give it back: a lease without a
    pass would keep engine and watchdog waiting for a minute.
    """
    try:
        yield
    except Busy:
        with suppress(VigilError):  # the lease runs out by itself
            doors.release(here, this.case, this.holder)
        log.info("pass_left_alone", case=this.case, run=this.run_id)
        raise Abort("Another pass has this case.") from None


def _engine(here: App) -> Engine:
    if here.engine is None:
        raise Broken("a pass without an engine")
    return here.engine


def _show(engine: Engine, this: Pass, resting: Resting) -> None:
    """Bring name and tags up to date where they differ, and the agenda always."""
    if resting.run_name != this.name or set(resting.tags) != set(this.tags):
        engine.describe(this.run_id, resting.run_name, resting.tags)
    engine.agenda(this.case, this.run_id, resting.agenda)


def _hear(here: App, this: Pass) -> None:
    """Take what somebody typed into the Resume form of the pause before this pass.

    It is taken out of Prefect only when the store has it: heard twice is one fact, never none.
    """
    engine = _engine(here)
    answer = engine.answer(this.run_id)
    if answer is None:
        return
    logger = get_run_logger()
    try:
        said = doors.answer(here, this.case, answer.collar_number, answer.decision, answer.reason)
        logger.info("%s", said)
    except Stale:
        return  # somebody wrote at the same moment: it is read again by the next pass
    except (Refused, Invalid, Unknown, Forbidden) as refusal:
        logger.warning("The answer was refused: %s", refusal)
    engine.forget(this.run_id, answer)
