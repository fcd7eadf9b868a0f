"""The field's words, one per idea: every closed list that a pack, a fact or an answer may use.

The words are those of the procedure (College of Policing APP, Staffordshire's policy of October 2025);
`docs/glossary.md` explains each.
"""

from enum import StrEnum

from policy.people import RANK_OF_ROLE, Rank, Role

__all__ = [
    "RANK_OF_ROLE",
    "AlarmKey",
    "Anchor",
    "CaseStatus",
    "Channel",
    "Condition",
    "Consequence",
    "Decision",
    "FactKind",
    "Gate",
    "Kind",
    "MessageState",
    "MessageType",
    "Rank",
    "Risk",
    "Role",
    "Route",
    "Stage",
    "StepStatus",
]


class Risk(StrEnum):
    """How likely and how serious the harm is; declared from the lowest to the highest."""

    VERY_LOW = "very_low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def weight(self) -> int:
        """Order the levels: 0 for very low, 3 for high."""
        return _WEIGHT[self]


_WEIGHT = {risk: weight for weight, risk in enumerate(Risk)}


class Stage(StrEnum):
    """The stages of the procedure, in the order in which a pass goes through them."""

    RISK = "risk"
    NOTIFY = "notify"
    ESCALATE = "escalate"
    OWNERSHIP = "ownership"
    RESPOND = "respond"
    PARTNERS = "partners"
    REVIEW = "review"
    INTERVIEW = "interview"
    CLOSURE = "closure"


class Kind(StrEnum):
    """What sort of step it is: this decides what Vigil does of its own accord."""

    TASK = "task"  # a named person does it and records it
    NOTIFY = "notify"  # people are told and reminded until one of them acknowledges
    ACCEPT = "accept"  # ownership is offered until a named person accepts
    REVIEW = "review"  # comes again on a fixed series
    WATCH = "watch"  # looks for something that did not happen
    SIGN_OFF = "sign_off"  # a gate that another person signs
    PERIODIC = "periodic"  # of the force, not of a case


class StepStatus(StrEnum):
    """Where a step stands; derived from facts and time, never set by hand."""

    WAITING = "waiting"
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    DONE_LATE = "done_late"
    WAIVED = "waived"
    NOT_REQUIRED = "not_required"


class CaseStatus(StrEnum):
    """Where the case stands as a whole."""

    OPEN = "open"
    LOCATED = "located"
    CLOSING = "closing"
    CLOSED = "closed"
    INACTIVE = "inactive"


class Anchor(StrEnum):
    """The instants from which a step's times are counted (W63: an anchor is always explicit)."""

    CALL_RECEIVED = "call_received"
    CMS_CREATED = "cms_created"
    RISK_SET = "risk_set"
    ACKNOWLEDGED = "acknowledged"
    OWNER_ASSIGNED = "owner_assigned"
    SHIFT_START = "shift_start"
    SHIFT_END = "shift_end"
    ATTENDED = "attended"
    NEW_INFO = "new_info"
    LAST_CONTACT = "last_contact"
    LAST_INVESTIGATIVE_ENTRY = "last_investigative_entry"
    OBTAINED = "obtained"
    FOUND_REPORTED = "found_reported"
    VERIFIED_SEEN = "verified_seen"
    RETURNED = "returned"
    PREVENTION_INTERVIEW_DONE = "prevention_interview_done"
    TRANSFER_OFFERED = "transfer_offered"
    NEXT_REVIEW = "next_review"  # the instant that was set for the next review
    REOPENED = "reopened"
    CLOSED_CASE_CONTACT = "closed_case_contact"  # information on a case that nobody works on (W35)
    SEARCHED = "searched"  # a search of the home was recorded (W39)
    RISK_RAISED = "risk_raised"  # by somebody below a supervisor, who confirms it
    LAST_SUPERVISOR_ENTRY = "last_supervisor_entry"  # a sergeant or above has recorded anything (W51)
    TRANSFER_ACCEPTED = "transfer_accepted"
    CLOSED = "closed"


class MessageType(StrEnum):
    """Why a message is sent."""

    NOTIFY = "notify"
    REMIND = "remind"
    ESCALATE = "escalate"
    TASK = "task"
    HANDOVER = "handover"
    ALARM = "alarm"
    CANCEL = "cancel"


class MessageState(StrEnum):
    """Where one message to one person on one channel stands."""

    QUEUED = "queued"
    SENT = "sent"
    RECEIVED = "received"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Channel(StrEnum):
    """How a person is reached."""

    WEBHOOK = "webhook"
    SMS = "sms"
    EMAIL = "email"
    INBOX = "inbox"


class Route(StrEnum):
    """The way by which something came in; each journal entry names it."""

    API = "api"
    LINK = "link"
    INBOX = "inbox"
    PREFECT = "prefect"
    CONSOLE = "console"
    CLI = "cli"
    SYSTEM = "system"
    WATCHDOG = "watchdog"


class AlarmKey(StrEnum):
    """The closed list of alarms."""

    NOBODY_ON_DUTY = "nobody_on_duty"
    UNREACHABLE = "unreachable"
    SERIAL_CLOSED_WITHOUT_RECIPIENT = "serial_closed_without_recipient"
    INTAKE_REFUSED = "intake_refused"
    FEED_OLD = "feed_old"
    MISSED_START = "missed_start"
    ENGINE_DEAD = "engine_dead"
    ACT_BY_WATCHDOG = "act_by_watchdog"
    UNOWNED_AFTER_SHIFT = "unowned_after_shift"
    BOUNCE = "bounce"
    CLOSED_CASE_CONTACT = "closed_case_contact"
    CEILING_OVERRIDE = "ceiling_override"
    JOURNAL_BROKEN = "journal_broken"
    CANARY_SILENT = "canary_silent"
    OVERDUE_LAST_RUNG = "overdue_last_rung"
    BREAK_GLASS = "break_glass"
    WITHDRAWN_VERSION_USED = "withdrawn_version_used"
    COPIED_TEXT = "copied_text"


class Condition(StrEnum):
    """When a step applies at all."""

    UNDER_18 = "under_18"
    ADULT = "adult"
    IN_CARE = "in_care"
    CARE_HOME_REPORT = "care_home_report"
    RISK_WORDS = "risk_words"  # the record's text speaks of fear, threat or harm
    CONCERN_CALL = "concern_call"
    DEFECTIVE_RECORD = "defective_record"
    STILL_MISSING = "still_missing"  # nobody known has seen the person
    ENQUIRY_LIVE = "enquiry_live"  # still missing, and the case is not inactive
    UNRESOURCED = "unresourced"  # the enquiry is live and no unit is going or has been
    RETURNED_ALIVE = "returned_alive"  # nobody is interviewed who was found dead
    CLOSED_CASE = "closed_case"
    RE_REPORT = "re_report"  # an earlier case about the same person, at the most 12 months old
    PHONE_KNOWN = "phone_known"  # no flag says that the person has no phone
    CONCERN_UNRESOLVED = "concern_unresolved"  # typed as concern, AWOL or walk-out; nobody has said: missing
    RISK_TO_CONFIRM = "risk_to_confirm"  # raised by somebody below a supervisor
    HOME_UNSEARCHED = "home_unsearched"  # no search of the home was recorded in this case
    SPACES_UNSEARCHED = "spaces_unsearched"  # a search left spaces of the home out
    TRANSFER_OFFERED = "transfer_offered"  # another force was asked to take the case, and has not answered
    OTHER_FORCE_ASKED = "other_force_asked"  # another force was asked to take the case, or has accepted it


class Gate(StrEnum):
    """What must hold before a state may change."""

    SERIAL_LINKED = "serial_linked"
    SERIAL_ENTRY_NAMES_RECIPIENT = "serial_entry_names_recipient"
    OUTGOING_OWNS_UNTIL_ACCEPTED = "outgoing_owns_until_accepted"
    ACCEPTED_BY_NAMED_PERSON = "accepted_by_named_person"
    LOCATED = "located"
    WELLBEING_CONFIRMED = "wellbeing_confirmed"
    INTERVIEW_EVIDENCE = "interview_evidence"
    TASKS_DONE_OR_WAIVED = "tasks_done_or_waived"
    CIRCULATION_CANCELLED = "circulation_cancelled"
    PARTNERS_TOLD = "partners_told"
    RATIONALE = "rationale"
    SIGNER_NOT_INTERVIEWER = "signer_not_interviewer"
    SIGNER_NOT_REQUESTER = "signer_not_requester"
    NOT_ON_THIRD_PARTY_BELIEF = "not_on_third_party_belief"
    REGULAR_UPDATES = "regular_updates"
    ANOTHER_PERSON = "another_person"  # whoever did the step that this one checks does not do this one
    EVERY_SPACE_ANSWERED = "every_space_answered"  # one left out: searched now, or a sergeant says why not
    FRESH_REASON = "fresh_reason"  # not the words of an earlier occurrence
    SECOND_NO_BY_INSPECTOR = "second_no_by_inspector"  # from the second "no" on an inspector other than the first's


class Consequence(StrEnum):
    """What a *yes* in a step's form brings about, beside completing the step."""

    COUNTS_AS_MISSING = "counts_as_missing"  # the concern is over: the person is missing (W44)


class FactKind(StrEnum):
    """What can be said about a case, in the past tense."""

    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DELEGATED = "delegated"
    RISK_SET = "risk_set"
    ATTENDED = "attended"
    TASKED = "tasked"
    RESOURCED = "resourced"
    UNRESOURCED = "unresourced"
    STEP_COMPLETED = "step_completed"
    STEP_WAIVED = "step_waived"
    REVIEWED = "reviewed"
    NEW_INFORMATION = "new_information"
    CONTACT_MADE = "contact_made"
    LOG_ENTRY = "log_entry"
    FOUND_REPORTED = "found_reported"
    VERIFIED_SEEN = "verified_seen"
    RETURNED = "returned"
    INTERVIEW_HELD = "interview_held"
    SERIAL_ENTRY = "serial_entry"
    SERIAL_CLOSED = "serial_closed"
    HANDOVER_OFFERED = "handover_offered"
    TRANSFER_OFFERED = "transfer_offered"
    TRANSFER_ACCEPTED = "transfer_accepted"
    TRANSFER_BOUNCED = "transfer_bounced"
    NO_DEPLOYMENT = "no_deployment"
    INACTIVE_REQUESTED = "inactive_requested"
    CLOSURE_REQUESTED = "closure_requested"
    CLOSURE_SIGNED = "closure_signed"
    REOPENED = "reopened"
    NOTE = "note"


class Decision(StrEnum):
    """What a person answers by link, inbox or form."""

    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    DECLINE = "decline"
