"""Stage `partners`: circulated nationally; the UK Missing Persons Unit, children's services and the home are told."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("partners", seconds_before_next_try=(1, 3, 6))
def inform(act: Act) -> State[None] | None:
    """Ask the named person to circulate, or tell the partner."""
    return deliver(act)


def circulate_and_tell_partners(due: Due) -> None:
    """Have the person circulated, and the partners told who must be told."""
    perform(due, Stage.PARTNERS, inform)
