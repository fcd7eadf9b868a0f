"""Stage `respond`: officers attend, search and follow leads; what is not resourced is asked again."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("respond", seconds_before_next_try=(1, 3, 6))
def task_unit(act: Act) -> State[None] | None:
    """Ask the named person to deploy, search or decide."""
    return deliver(act)


def attend_and_search(due: Due) -> None:
    """Have the case attended and searched, and the decisions on media and phone data made."""
    perform(due, Stage.RESPOND, task_unit)
