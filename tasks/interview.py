"""Stage `interview`: seen safe and well, prevention interview, return home interview."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("interview", seconds_before_next_try=(1, 3, 6))
def ask_for_interview(act: Act) -> State[None] | None:
    """Ask the named person to see or interview the person who returned."""
    return deliver(act)


def interview_on_return(due: Due) -> None:
    """Have the person seen, and the interviews held, once they are found or have returned."""
    perform(due, Stage.INTERVIEW, ask_for_interview)
