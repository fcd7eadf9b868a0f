"""Stage `escalate`: nobody acknowledged in time, so the next rung is told, until a named person has it."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("escalate", seconds_before_next_try=(1, 3, 6))
def climb(act: Act) -> State[None] | None:
    """Tell the people of the next rung, and ask them to speak to the inspector by voice."""
    return deliver(act)


def escalate_if_unacknowledged(due: Due) -> None:
    """Climb the ladder rung by rung while nobody has acknowledged; a ladder never ends."""
    perform(due, Stage.ESCALATE, climb)
