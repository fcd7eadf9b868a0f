"""The form in Prefect's pages with which somebody proposes to change one number of a pack.

It proposes and does nothing else: who may, what is wrong with it, and what it would move is said by the door that the
console and the command line come through too. Approval stays with another person, signed in.
"""

from prefect import State, flow

from tasks.timing import propose_change


@flow(name="timing-change", persist_result=False)
def propose_timing_change(  # noqa: PLR0913, PLR0917 -- the fields of a form
    pack: str,
    step: str,
    field: str,
    value: str,
    reason: str,
    proposed_by: str,
    risk: str = "every level",
    applies_to: str = "new",
    effective_from: str = "",
) -> State[None]:
    """Propose to change one number of a pack (domain 8.1); another person approves it."""
    asked = {"pack": pack, "step": step, "field": field, "value": value, "reason": reason, "proposed_by": proposed_by}
    return propose_change({**asked, "risk": risk, "applies_to": applies_to, "effective_from": effective_from})
