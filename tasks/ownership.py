"""Stage `ownership`: a named person accepts the case, hands it over, or another force takes it."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("ownership", seconds_before_next_try=(1, 3, 6))
def offer(act: Act) -> State[None] | None:
    """Offer the case to a named person, who accepts or declines."""
    return deliver(act)


def secure_ownership(due: Due) -> None:
    """Have a named person accept the case, at first, at each handover and at each transfer."""
    perform(due, Stage.OWNERSHIP, offer)
