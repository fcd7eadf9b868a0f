"""The missing-person procedure, from the report to the signed-off closure.

Read it from the top: this is the order in which a case is carried. What is due, who is told and when
stands in the pack (`policy/packs/`); what is done, and what is tried again, in `tasks/`.
"""

from prefect import State, flow

from tasks.closure import close_when_signed
from tasks.escalate import escalate_if_unacknowledged
from tasks.interview import interview_on_return
from tasks.notify import notify_local_inspector
from tasks.ownership import secure_ownership
from tasks.partners import circulate_and_tell_partners
from tasks.respond import attend_and_search
from tasks.review import review
from tasks.risk import assess_risk
from tasks.waiting import advance, wait_for_what_comes_next


@flow(
    name="missing-person",
    persist_result=False,  # the store is the truth; Prefect keeps no copy of anything
)
def missing_person(case: str) -> State[None]:
    """Carry one missing-person report from its record to the signed-off closure (S0-S4).

    The run is woken at each deadline and by each fact; every pass begins at the top and decides afresh.
    """
    while due := advance(case):  # what is due now, decided from the store
        assess_risk(due)  # set by the call handler, confirmed by the control-room inspector
        notify_local_inspector(due)  # push to the named person on duty; acknowledge; remind
        escalate_if_unacknowledged(due)  # rung by rung, until a named person has it
        secure_ownership(due)  # accepted, handed over, transferred
        attend_and_search(due)  # deployed, searched, decisions on media and phone data
        circulate_and_tell_partners(due)  # national circulation, UK MPU, children's services
        review(due)  # sergeant, inspector, detective, superintendent, long-term
        interview_on_return(due)  # seen, prevention interview, return home interview
        close_when_signed(due)  # the gate is satisfied and another person has signed
    return wait_for_what_comes_next(case)  # PAUSED under the name of what it awaits, or COMPLETED
