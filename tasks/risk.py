"""Stage `risk`: the risk is assessed, confirmed by an inspector, and assessed again on news."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("risk", seconds_before_next_try=(1, 3, 6))
def ask(act: Act) -> State[None] | None:
    """Ask the named person to assess or confirm the risk."""
    return deliver(act)


def assess_risk(due: Due) -> None:
    """Have the risk set by the call handler, confirmed by the control-room inspector, and looked at again."""
    perform(due, Stage.RISK, ask)
