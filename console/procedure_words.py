"""What the words of a pack mean, said for people: anchors, gates, conditions, kinds (see docs/glossary.md)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from policy.terms import Anchor, Condition, Consequence, Gate, Kind, Risk, Stage

RISKS: Final[Mapping[Risk, str]] = {risk: risk.replace("_", " ") for risk in Risk}

STAGES: Final[Mapping[Stage, str]] = {
    Stage.RISK: "Record and assess the risk",
    Stage.NOTIFY: "Tell the local supervisor",
    Stage.ESCALATE: "Escalate",
    Stage.OWNERSHIP: "Own, hand over, transfer",
    Stage.RESPOND: "Respond",
    Stage.PARTNERS: "Partners and circulation",
    Stage.REVIEW: "Review",
    Stage.INTERVIEW: "Found and interviewed",
    Stage.CLOSURE: "Close",
}

KINDS: Final[Mapping[Kind, str]] = {
    Kind.TASK: "a named person does it and records it",
    Kind.NOTIFY: "people are told and reminded until one of them acknowledges",
    Kind.ACCEPT: "ownership is offered until a named person accepts",
    Kind.REVIEW: "comes again on a fixed series",
    Kind.WATCH: "looks for something that did not happen",
    Kind.SIGN_OFF: "a gate that another person signs",
    Kind.PERIODIC: "of the force, not of a case",
}

ANCHORS: Final[Mapping[Anchor, str]] = {
    Anchor.CALL_RECEIVED: "the report to the police",
    Anchor.CMS_CREATED: "the creation of the case record",
    Anchor.RISK_SET: "each time the risk is set or changed",
    Anchor.ACKNOWLEDGED: "the acknowledgement of the notice",
    Anchor.OWNER_ASSIGNED: "the acceptance by the owner",
    Anchor.SHIFT_START: "the start of the shift",
    Anchor.SHIFT_END: "the end of the owner's shift",
    Anchor.ATTENDED: "the attendance of an officer",
    Anchor.NEW_INFO: "the arrival of new information",
    Anchor.LAST_CONTACT: "the last contact with whoever reported",
    Anchor.LAST_INVESTIGATIVE_ENTRY: "the last investigative entry",
    Anchor.OBTAINED: "the moment at which the data were obtained",
    Anchor.FOUND_REPORTED: "the report that the person was found",
    Anchor.VERIFIED_SEEN: "the moment at which the person was seen",
    Anchor.RETURNED: "the return of the person",
    Anchor.PREVENTION_INTERVIEW_DONE: "the end of the prevention interview",
    Anchor.TRANSFER_OFFERED: "the offer to another force",
    Anchor.NEXT_REVIEW: "the time that was set for the next review",
    Anchor.REOPENED: "the reopening of the case",
    Anchor.CLOSED_CASE_CONTACT: "contact about a case that is closed",
    Anchor.SEARCHED: "the record of a search of the home",
    Anchor.RISK_RAISED: "the raise of the risk by somebody below a supervisor",
    Anchor.LAST_SUPERVISOR_ENTRY: "the last entry by a sergeant or above",
    Anchor.TRANSFER_ACCEPTED: "the acceptance by another force",
    Anchor.CLOSED: "the closure of the case",
}

GATES: Final[Mapping[Gate, str]] = {
    Gate.SERIAL_LINKED: "the command-and-control serial is linked to the case",
    Gate.SERIAL_ENTRY_NAMES_RECIPIENT: "the serial says who was told; until then it may not be closed",
    Gate.OUTGOING_OWNS_UNTIL_ACCEPTED: "the outgoing owner stays the owner until the next one accepts",
    Gate.ACCEPTED_BY_NAMED_PERSON: "a named person has accepted",
    Gate.LOCATED: "the person has been located",
    Gate.WELLBEING_CONFIRMED: "somebody who saw the person has confirmed how they are",
    Gate.INTERVIEW_EVIDENCE: "the prevention interview says who, when, where, how and what",
    Gate.TASKS_DONE_OR_WAIVED: "every task is done, or waived with a reason",
    Gate.CIRCULATION_CANCELLED: "the national circulation has been cancelled",
    Gate.PARTNERS_TOLD: "the partners have been told",
    Gate.RATIONALE: "the reason for the closure is recorded",
    Gate.SIGNER_NOT_INTERVIEWER: "the signer is not the one who held the interview",
    Gate.SIGNER_NOT_REQUESTER: "the signer is not the one who asked for the closure",
    Gate.NOT_ON_THIRD_PARTY_BELIEF: "it does not rest on what a third party believes",
    Gate.REGULAR_UPDATES: "the record shows regular updates",
    Gate.ANOTHER_PERSON: "whoever did what is checked does not check it",
    Gate.SECOND_NO_BY_INSPECTOR: "from the second no on it takes an inspector other than the first's",
    Gate.EVERY_SPACE_ANSWERED: "each space that was left out is searched now, or a sergeant says why not",
    Gate.FRESH_REASON: "the reason is not in the words of an earlier one",
}

CONDITIONS: Final[Mapping[Condition, str]] = {
    Condition.UNDER_18: "the person is under 18, or of unknown age",
    Condition.ADULT: "the person is 18 or older",
    Condition.IN_CARE: "the record says child in care",
    Condition.CARE_HOME_REPORT: "a care home reported it",
    Condition.CONCERN_CALL: "the call was not taken as missing (concern for welfare, AWOL, walk-out)",
    Condition.DEFECTIVE_RECORD: "some of the record could not be taken as given",
    Condition.STILL_MISSING: "nobody whom the force knows has seen the person yet",
    Condition.ENQUIRY_LIVE: "the person is still missing and the case is not inactive",
    Condition.UNRESOURCED: "no unit is going or has attended",
    Condition.RETURNED_ALIVE: "the person was not found dead, and had been missing",
    Condition.CLOSED_CASE: "the case is closed",
    Condition.RE_REPORT: "there is an earlier case about the same person, at the most twelve months old",
    Condition.PHONE_KNOWN: "no flag says that the person has no phone",
    Condition.CONCERN_UNRESOLVED: "it was taken as a concern, AWOL or walk-out, and nobody has said that it is missing",
    Condition.RISK_TO_CONFIRM: "the risk was raised by somebody below a supervisor",
    Condition.RISK_WORDS: "the record speaks of fear, threat or harm",
    Condition.HOME_UNSEARCHED: "no search of the home is on record",
    Condition.SPACES_UNSEARCHED: "a search has left spaces of the home out",
    Condition.OTHER_FORCE_ASKED: "another force was asked to take the case, or has accepted it",
    Condition.TRANSFER_OFFERED: "another force was asked to take the case and has not answered",
}

CONSEQUENCES: Final[Mapping[Consequence, str]] = {
    Consequence.COUNTS_AS_MISSING: "the person counts as missing from then on",
}


def in_words(word: StrEnum) -> str:
    """Say a word of a closed list with blanks: `chief inspector`."""
    return word.replace("_", " ")
