"""How an act is performed: the door `deliver`, a policy for trying again, and what follows when all tries failed."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from prefect import State, Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.futures import wait
from prefect.logging import get_run_logger
from prefect.states import Completed

from policy.errors import Transient
from policy.terms import Channel, Stage
from runtime import app, doors
from runtime.doors import Act, Due
from runtime.sending import Result, Sent

# Ten seconds in all: whatever takes longer is an instant in the store, not a pass that waits.
SECONDS_BEFORE_NEXT_TRY: Final = (1, 3, 6)


def may_pass(_task: object, _run: TaskRun, state: State[None]) -> bool:
    """Tell whether trying again may help: the world failed, and did not say no."""
    return isinstance(state.data, Transient)


def act_task(
    kind: str, seconds_before_next_try: Sequence[int] = SECONDS_BEFORE_NEXT_TRY
) -> Callable[[Callable[[Act], State[None] | None]], Task[[Act], State[None] | None]]:
    """Make a Prefect task of a kind of act; its run bears the act's title, its retries stand here."""
    return task(
        name=kind,
        task_run_name="{act.title}",
        retries=len(seconds_before_next_try),
        retry_delay_seconds=list(seconds_before_next_try),
        retry_condition_fn=may_pass,
        persist_result=False,
        cache_policy=NO_CACHE,  # an act is safe to repeat by its attempt keys, not by Prefect's cache
    )


def deliver(act: Act) -> State[None] | None:
    """Send every message of the act and settle each; raises `Transient` when one is to be tried again.

    An act that was called off before it began says so, and so does one that is to be tried again later, because a
    receiver asked for time or a provider is down: nobody may read that somebody was told who was not.
    """
    here = app.current()
    sent = doors.deliver(here, act)
    if not sent and doors.called_off(here, act):
        return Completed(name="Called off", message="Somebody answered first; nothing was sent.")
    left = doors.untold(sent or ())
    if any(one.wait is not None for one in left):
        return Completed(name="Put off", message="A receiver asked for time; it is tried again when that has passed.")
    if any(one.result is Result.TRANSIENT for one in left):
        return Completed(name="Put off", message="A provider is down; it is tried again in a while.")
    if {one.message.act for one in left} - {one.message.act for one in sent or () if _heard(one)}:
        return Completed(name="Not received", message="Somebody has no way that works.")
    return None


def _heard(one: Sent) -> bool:
    return one.result is Result.RECEIVED and one.message.channel is not Channel.INBOX


def perform(due: Due, stage: Stage, tell: Task[[Act], State[None] | None]) -> None:
    """Perform the acts of a stage, side by side when there are several; a stage without acts costs nothing.

    An act that failed for good shows as a failed task run; its messages go back to the store with a
    later instant, and the pass goes on: one act never holds up another.
    """
    acts = due.of(stage)
    for act, state in zip(acts, _states(acts, tell), strict=True):
        if not state.is_completed():
            doors.give_up(app.current(), act)
            get_run_logger().warning("%s: not delivered, put back for later", act.title)


def _states(acts: Sequence[Act], tell: Task[[Act], State[None] | None]) -> Sequence[State[Any]]:
    if len(acts) == 1:  # in this thread: a thread more costs 5 ms
        return [tell(acts[0], return_state=True)]
    futures = [tell.submit(act) for act in acts]
    wait(futures)
    return [future.state for future in futures]
