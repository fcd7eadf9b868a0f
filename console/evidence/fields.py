"""What each kind of fact asks for (contract section 5), as fields that a form draws.

A step's own evidence comes from its pack and goes first; what the fact needs besides is added from here.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from policy.facts import CHOICES, REQUIRED
from policy.pack import Evidence, StepRule
from policy.terms import FactKind

K = FactKind
_NEXT_ACTIONS = Evidence("next_actions", "What is done next, and by whom", "long", required=False)
_WHERE_HELP = "A place. When the person asks that nobody be told, it is kept back from every page."
_RAISING = "To raise it counts at once, whoever says it; a supervisor then confirms it. To lower it takes rank."
SPOKEN: Final = ("telephone", "in person", "radio", "on their own system")  # the ways to accept a transfer

_FIELDS: Final[Mapping[FactKind, tuple[Evidence, ...]]] = {
    K.ACKNOWLEDGED: (
        Evidence("understood_risk", "The risk as you have understood it", required=False),
        Evidence("first_action", "What you do first", "long", required=False),
    ),
    K.DECLINED: (Evidence("reason", "Why not", "long", help="Say it without naming the missing person."),),
    K.RISK_SET: (
        Evidence("level", "Risk level", "choice", help=_RAISING),
        Evidence("rationale", "Reason for the level", "long", help="Why this level and not the one above or below."),
        Evidence("source", "Who gave the information", required=False),
        Evidence("obtained_at", "When it was obtained", "instant", required=False),
    ),
    K.ATTENDED: (Evidence("who", "Who attended", required=False, help="Roster ids or call sign."),),
    K.TASKED: (Evidence("unit", "Unit", help="Its call sign."),),
    K.RESOURCED: (Evidence("unit", "Unit that is going", help="Its call sign."),),
    K.UNRESOURCED: (Evidence("reason", "Why no unit is going", "long"),),
    K.STEP_WAIVED: (Evidence("reason", "Why it is waived", "long"),),
    K.REVIEWED: (
        Evidence("decision", "Decision", "long", help="What you have decided, also when nothing changes."),
        Evidence("rationale", "Reason", "long"),
        _NEXT_ACTIONS,
    ),
    K.NEW_INFORMATION: (
        Evidence("summary", "What is new", "long"),
        Evidence("source", "Who gave it"),
        Evidence("obtained_at", "When it was obtained", "instant", required=False),
        Evidence("category", "Sort of information", required=False, help="For example: medical, sighting, phone."),
    ),
    K.CONTACT_MADE: (Evidence("with", "With whom", help="For example: reporter, mother, key worker. No name."),),
    K.FOUND_REPORTED: (
        Evidence("where", "Where", required=False, help=_WHERE_HELP),
        Evidence("how", "How it became known", "long", required=False),
    ),
    K.VERIFIED_SEEN: (
        Evidence("seen_by", "Seen by", "person", help="Who saw the person with their own eyes: a roster id."),
        Evidence("where", "Where", help=_WHERE_HELP),
        Evidence("wellbeing", "How the person is", "choice"),
        Evidence(
            "do_not_disclose",
            "The person asks that nobody be told where they are",
            "yes_no",
            required=False,
            help="An adult may ask this. The place is then kept back everywhere.",
        ),
    ),
    K.RETURNED: (Evidence("at", "When the person came back", "instant"),),
    K.INTERVIEW_HELD: (
        Evidence("interviewer", "Who held it", "person", help="A roster id. Whoever held it does not sign."),
        Evidence("when", "When it was held", "instant"),
        Evidence("where", "Where it was held", help=_WHERE_HELP),
        Evidence("method", "How it was held", help="Face to face, or by what other way and why."),
        Evidence("own_words", "What happened, in the person's own words", "long", required=False),
        Evidence("reasons", "Why the person went", "long"),
        Evidence("harm", "Harm suffered, seen or told of", "long", help="Write 'none told of' when there was none."),
        Evidence("where_been", "Where the person was", "long", help=_WHERE_HELP),
        Evidence("risk_next_time", "What it means for the next time", "long"),
    ),
    K.SERIAL_ENTRY: (
        Evidence("recipient", "Who has been told", "person"),
        Evidence("text", "The entry as it stands on the serial", "long"),
    ),
    K.HANDOVER_OFFERED: (
        Evidence("to", "To whom", "person", help="Somebody on duty. The case stays with its owner until they accept."),
    ),
    K.TRANSFER_OFFERED: (
        Evidence("force", "To which force", "choice"),
        Evidence("to", "Whom you have spoken to there", required=False, help="Roster id or post. The case stays ours."),
    ),
    K.TRANSFER_ACCEPTED: (
        Evidence(
            "person", "Who there has accepted", help="One person by roster id or collar number. A post is nobody."
        ),
        Evidence("how", "How they said so", "choice", choices=SPOKEN, help="An e-mail is never an acceptance: speak."),
    ),
    K.TRANSFER_BOUNCED: (Evidence("reason", "Why they send it back", "long", help="As they say it."),),
    K.NO_DEPLOYMENT: (Evidence("reason", "Why nobody is sent", "long"),),
    K.INACTIVE_REQUESTED: (
        Evidence("rationale", "Why nothing more can be done now", "long"),
        Evidence("next_review_at", "Next review", "instant"),
    ),
    K.CLOSURE_REQUESTED: (
        Evidence("reason", "Why it may be closed", "choice", required=False),
        Evidence("rationale", "What shows it", "long"),
    ),
    K.CLOSURE_SIGNED: (Evidence("rationale", "What you have read, and why it may be closed", "long"),),
    K.REOPENED: (Evidence("reason", "Why it is opened again", "long"),),
    K.NOTE: (Evidence("text", "Note", "long"),),
}


def fields_of(kind: FactKind, rule: StepRule | None = None) -> tuple[Evidence, ...]:
    """Give what a form asks for: the step's own evidence, then what the fact needs or may say besides."""
    ours = {field.name: field for field in _FIELDS.get(kind, ())}
    own = () if rule is None or _says_it_all(kind, rule) else rule.evidence
    own = tuple(_sharper(field, ours.get(field.name)) for field in own)
    named = {field.name for field in own}
    added = [field for field in ours.values() if field.name not in named]
    known = named | set(ours)
    bare = [Evidence(name, name.replace("_", " ").capitalize()) for name in REQUIRED.get(kind, ()) if name not in known]
    return tuple(_as_the_fact_has_it(kind, field) for field in (*own, *added, *bare))


def _says_it_all(kind: FactKind, rule: StepRule) -> bool:
    """Tell whether the fact says by itself what one of several ways to do a step takes."""
    return kind in (K.RISK_SET, K.DECLINED, K.TRANSFER_BOUNCED) and kind is not rule.done_by[0]


def _sharper(field: Evidence, ours: Evidence | None) -> Evidence:
    """Draw a field that the pack has as plain text as what the fact holds it to be: a time, a person."""
    if ours is None or field.type != "text" or ours.type in ("text", "long"):
        return field
    return replace(field, type=ours.type, help=ours.help, choices=ours.choices)


def _as_the_fact_has_it(kind: FactKind, field: Evidence) -> Evidence:
    """A field that the fact itself requires is mandatory, and of its words, whatever the pack says of it."""
    choices = field.choices or CHOICES.get((kind, field.name), ())
    required = field.required or field.name in REQUIRED.get(kind, ())
    kind_of_field = "choice" if choices else field.type
    return replace(field, type=kind_of_field, required=required, choices=choices)
