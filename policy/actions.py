"""The open actions of a case, by title: what somebody still has to do, and no notice, offer or watch."""

from policy.case import Case
from policy.pack import Pack, StepRule
from policy.terms import Kind

WORK = frozenset({Kind.TASK, Kind.REVIEW, Kind.SIGN_OFF})
MOST_NAMED = 6  # in a message: whoever reads it on a phone wants the page, not all of it


def open_actions(case: Case, pack: Pack) -> tuple[str, ...]:
    """Give the title of each open action, those first that are due first."""
    live = [step for step in case.live_steps() if pack.steps[step.key].kind in WORK]
    inorder = sorted(live, key=lambda step: (step.due_at is None, step.due_at, step.key))
    return tuple(dict.fromkeys(pack.steps[step.key].title for step in inorder))


def asked(rule: StepRule, case: Case, pack: Pack) -> str:
    """Give what a step asks, with the open actions by title where its pack says so; nothing that anybody wrote."""
    if not rule.names_actions:
        return rule.ask
    titles = open_actions(case, pack)
    named = "; ".join(titles[:MOST_NAMED]) or "none is open"
    more = f"; and {len(titles) - MOST_NAMED} more" if len(titles) > MOST_NAMED else ""
    return f"{rule.ask} ({named}{more})"
