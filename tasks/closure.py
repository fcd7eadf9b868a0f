"""Stage `closure`: the gate is satisfied, another person of the right rank signs, loose ends are tied."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("closure", seconds_before_next_try=(1, 3, 6))
def ask_for_signature(act: Act) -> State[None] | None:
    """Ask the named person to sign, or to tie up what still stands open."""
    return deliver(act)


def close_when_signed(due: Due) -> None:
    """Have the closure signed by a different person once its gate is satisfied."""
    perform(due, Stage.CLOSURE, ask_for_signature)
