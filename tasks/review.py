"""Stage `review`: sergeant, inspector, detective, superintendent and long-term reviews, on a fixed series."""

from prefect import State

from policy.terms import Stage
from runtime.doors import Act, Due
from tasks.acts import act_task, deliver, perform


@act_task("review", seconds_before_next_try=(1, 3, 6))
def call_for_review(act: Act) -> State[None] | None:
    """Ask the named reviewer for the review that is due."""
    return deliver(act)


def review(due: Due) -> None:
    """Have each review done by its own named holder; a late one does not move the next."""
    perform(due, Stage.REVIEW, call_for_review)
