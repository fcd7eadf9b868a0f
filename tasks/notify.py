"""Stage `notify`: the local inspector (LOI) is told by name, acknowledges, and is reminded until then."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("notify", seconds_before_next_try=(1, 3, 6))
def tell(act: Act) -> State[None] | None:
    """Push the case to the named person on duty, on every channel that the roster gives."""
    return deliver(act)


def notify_local_inspector(due: Due) -> None:
    """Push the case to the named inspector on duty, and remind until somebody has acknowledged it."""
    perform(due, Stage.NOTIFY, tell)
