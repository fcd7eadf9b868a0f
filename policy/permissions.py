"""Who may do what: one explicit table of roles and deeds (domain 11.2), printed for the auditor by `vigil permissions`.

The table says what a role may; where a deed also takes a rank, the pack says which, and both must hold. Information
is never refused: a raise of the risk takes effect at once whoever the force knows says it, and stays to be confirmed
where that is somebody below a sergeant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policy.terms import Rank, Risk, Role
from policy.values import once


class Deed(StrEnum):
    """What the table is about, in the order of its columns."""

    CREATE = "create"
    SET_FIRST_RISK = "set_first_risk"
    RAISE_RISK = "raise_risk"
    LOWER_RISK = "lower_risk"
    OWN = "own"
    REVIEW = "review"
    TRANSFER = "transfer"
    CLOSE = "close"
    EDIT_POLICY = "edit_policy"
    APPROVE_POLICY = "approve_policy"
    APPROVE_OVERRIDE = "approve_override"
    APPROVE_PACK = "approve_pack"
    READ_CASE = "read_case"
    READ_ALL = "read_all"


class Word(StrEnum):
    """What a cell may say; `MEANINGS` explains each."""

    YES = "yes"
    NO = "no"
    REPORT = "report"
    PROVISIONAL = "provisional"
    CONFIRM = "confirm"
    PROPOSE = "propose"
    WITH_REASON = "with_reason"
    UNTIL_ACCEPTED = "until_accepted"
    TASKS = "tasks"
    OVERSIGHT = "oversight"
    PATTERNS = "patterns"
    UP_TO_MEDIUM = "up_to_medium"
    INTAKE = "intake"
    BRIEFED = "briefed"
    APPROVE = "approve"
    PRIMACY = "primacy"
    SUBMIT = "submit"
    SIGN = "sign"
    OWN_AREA = "own_area"
    TOLD = "told"


W, D, R = Word, Deed, Role

MEANINGS: Mapping[Word, str] = {
    W.YES: "may; where the pack asks for a rank, that rank too. Raise: said below a sergeant, it stays to be confirmed",
    W.NO: "may not: refused, and who may is named",
    W.REPORT: "tells the police like anybody known: a report is information and is never refused",
    W.PROVISIONAL: "takes effect at once and stays to be confirmed",
    W.CONFIRM: "sets, confirms or amends",
    W.PROPOSE: "raise: takes effect at once and, below a sergeant, stays to be confirmed. Lower: refused, says why in a"
    " review or a note. Transfer: offers it. Policy: proposes a revision, another person approves",
    W.WITH_REASON: "lower: may, with a rationale. Read: only with a reason, which is kept",
    W.UNTIL_ACCEPTED: "answers for the case until somebody accepts; may accept what was offered",
    W.TASKS: "does tasks of the case, does not own it",
    W.OVERSIGHT: "own: oversees, takes the case itself when it is offered. Review: looks over many, reviews none",
    W.PATTERNS: "works on what cases have in common, owns none",
    W.UP_TO_MEDIUM: "may at very low, low and medium risk; a closure may be asked for at any",
    W.INTAKE: "reviews tasks of the intake, and series until another person owns the case",
    W.BRIEFED: "is briefed, reviews none",
    W.APPROVE: "offers a transfer and approves it",
    W.PRIMACY: "decides which force leads: offers a transfer and approves it",
    W.SUBMIT: "asks for the closure, another signs",
    W.SIGN: "signs as the other hand what was asked for, asks for none and lets none rest",
    W.OWN_AREA: "cases of their own area, and those of which they were told; others with a reason, which is kept",
    W.TOLD: "only cases of which they were told",
}


@dataclass(frozen=True)
class Row:
    """One role: the row of domain 11.2 that it stands for (or why it has its cells), and its cells in deed order."""

    role: Role
    of: str
    cells: str

    def __getitem__(self, deed: Deed) -> Word:
        """Give the cell of a deed."""
        return self._by_deed[deed]

    @once
    def _by_deed(self) -> Mapping[Deed, Word]:
        return dict(zip(Deed, map(Word, self.cells.split()), strict=True))


_FCC = "FCC sergeant / dispatcher; reads all: CHOSEN, the control room works force-wide"
_SIGNS = "11.2 says `no` under close, yet whoever has the pack's rank is the other hand: CHOSEN"
_DI = "DI (MPT/CID/Safeguarding); owns and reviews what is below high too: CHOSEN"
_SAID = "`-` under create is a report, under first risk a confirmation, for both climb to them: CHOSEN"

# create first raise lower | own review transfer close | edit_policy approve_policy override pack | read_case read_all
TABLE: Mapping[Role, Row] = {
    row.role: row
    for row in (
        Row(R.CALL_HANDLER, "Call handler (staff); reads all: CHOSEN, the control room works force-wide",
            "yes provisional yes no  no no no no  no no no no  yes yes"),
        Row(R.CONTROL_ROOM_OPERATOR, _FCC,
            "yes confirm yes no  until_accepted no propose no  no no no no  yes yes"),
        Row(R.CONTROL_ROOM_SERGEANT, f"{_FCC}; {_SIGNS}",
            "yes confirm yes no  until_accepted no propose sign  no no no no  yes yes"),
        Row(R.FORCE_INCIDENT_MANAGER, f"FIM (control-room inspector); {_SIGNS}",
            "yes confirm yes with_reason  until_accepted intake approve sign  no no no no  yes yes"),
        Row(R.DUTY_INSPECTOR, "LOI / Duty Officer; owns high too where the pack offers it to them: CHOSEN",
            "yes confirm yes with_reason  yes yes approve yes  no no no no  own_area no"),
        Row(R.RESPONSE_SERGEANT, "Response sergeant (verifies the first risk)",
            "yes confirm yes propose  up_to_medium yes propose up_to_medium  no no no no  own_area no"),
        Row(R.RESPONSE_OFFICER, "Response constable",
            "report no propose no  tasks no no submit  no no no no  own_area no"),
        Row(R.DUTY_CHIEF_INSPECTOR, f"no row: CHOSEN as the DCI, by rank; {_SAID}",
            "report confirm yes with_reason  oversight yes approve yes  propose no no no  own_area no"),
        Row(R.ON_CALL_SUPERINTENDENT, f"Superintendent / det. superintendent; signs what climbs to them, proposes what"
            f" another approves; {_SAID}",
            "report confirm yes yes  oversight yes primacy yes  propose yes yes no  yes yes"),
        Row(R.MISSING_OFFICER, "MPT/MPIT officer",
            "yes no propose no  tasks no no submit  no no no no  own_area no"),
        Row(R.MISSING_SERGEANT, "DS (MPT); what is below medium too: CHOSEN",
            "yes confirm yes propose  up_to_medium up_to_medium propose up_to_medium  no no no no  own_area no"),
        Row(R.MISSING_INSPECTOR, _DI, "yes confirm yes with_reason  yes yes approve yes  no no no no  own_area no"),
        Row(R.MISSING_CHIEF_INSPECTOR, f"DCI (MPT lead); {_SAID}",
            "report confirm yes with_reason  oversight yes approve yes  propose no no no  own_area no"),
        Row(R.CID_INSPECTOR, _DI, "yes confirm yes with_reason  yes yes approve yes  no no no no  own_area no"),
        Row(R.SAFEGUARDING_INSPECTOR, _DI,
            "yes confirm yes with_reason  yes yes approve yes  no no no no  own_area no"),
        Row(R.COMMS_DATA_OFFICER, "no row: CHOSEN, a specialist who does what is asked of them",
            "report no propose no  tasks no no no  no no no no  own_area no"),
        Row(R.SEARCH_ADVISER, "no row: CHOSEN, a specialist who does what is asked of them",
            "report no propose no  tasks no no no  no no no no  own_area no"),
        Row(R.MISSING_COORDINATOR, "Missing person coordinator",
            "report no propose no  patterns oversight no no  propose no no no  own_area no"),
        Row(R.ANALYST, "no row: CHOSEN, counts and compares; acts on no case",
            "report no propose no  no no no no  no no no no  own_area no"),
        Row(R.CHIEF_OFFICER, "ACC / chief officer; lowers, proposes and approves by rank: CHOSEN",
            "report no propose yes  no briefed no no  propose yes yes yes  yes yes"),
        Row(R.LOCAL_AUTHORITY, "Council / RHI provider (the interview and its outcome are tasks)",
            "report no propose no  tasks no no no  no no no no  told no"),
        Row(R.HOME_CONTACT, "Care home SPOC",
            "report no propose no  no no no no  no no no no  told no"),
        Row(R.POLICY_ADMIN, "Policy admin; sees no case without a reason: CHOSEN",
            "report no propose no  no no no no  propose yes no no  with_reason no"),
        Row(R.AUDITOR, "Auditor (a raise is information all the same)",
            "no no propose no  no no no no  no no no no  yes yes"),
        Row(R.SYSTEM, "no row: CHOSEN, a machine by its token; for people it speaks `by` them",
            "yes provisional yes no  no no no no  no no no no  yes yes"),
    )
}  # fmt: skip
NO_ROLE: Mapping[str, str] = {
    "SIO": "a senior investigating officer is on the roster as cid_inspector or above",
    "UKMPU": "receives and advises; is told by a step, and does nothing here",
}

# Where 11.2 says a rank, whoever of the police has it may, whatever they are on duty as.
RANKED: Mapping[Deed, tuple[tuple[Rank, Word], ...]] = {
    D.LOWER_RISK: ((Rank.SUPERINTENDENT, W.YES), (Rank.INSPECTOR, W.WITH_REASON)),
    D.EDIT_POLICY: ((Rank.SUPERINTENDENT, W.PROPOSE),),
    D.APPROVE_POLICY: ((Rank.SUPERINTENDENT, W.YES),),
    D.APPROVE_OVERRIDE: ((Rank.SUPERINTENDENT, W.YES),),
    D.APPROVE_PACK: ((Rank.ACC, W.YES),),
    D.READ_CASE: ((Rank.SUPERINTENDENT, W.YES),),
    D.READ_ALL: ((Rank.SUPERINTENDENT, W.YES),),
}
NOT_POLICE = frozenset({R.LOCAL_AUTHORITY, R.HOME_CONTACT, R.POLICY_ADMIN, R.AUDITOR, R.SYSTEM})
OF_THE_ACCOUNT = frozenset(  # what the role of an account gives beside the duties that its person is on
    {D.EDIT_POLICY, D.APPROVE_POLICY, D.APPROVE_OVERRIDE, D.APPROVE_PACK, D.READ_CASE, D.READ_ALL}
)

# Which words let a deed take effect, risk and stage apart (`allows`).
SUFFICES: Mapping[Deed, frozenset[Word]] = {
    D.CREATE: frozenset({W.YES, W.REPORT}),
    D.SET_FIRST_RISK: frozenset({W.PROVISIONAL, W.CONFIRM}),
    D.RAISE_RISK: frozenset({W.YES, W.PROPOSE}),
    D.LOWER_RISK: frozenset({W.YES, W.WITH_REASON}),
    D.OWN: frozenset({W.YES, W.UNTIL_ACCEPTED, W.OVERSIGHT}),
    D.REVIEW: frozenset({W.YES}),
    D.TRANSFER: frozenset({W.APPROVE, W.PRIMACY}),
    D.CLOSE: frozenset({W.YES}),
    D.EDIT_POLICY: frozenset({W.PROPOSE}),
    **dict.fromkeys((D.APPROVE_POLICY, D.APPROVE_OVERRIDE, D.APPROVE_PACK, D.READ_ALL), frozenset({W.YES})),
    D.READ_CASE: frozenset({W.YES, W.OWN_AREA, W.WITH_REASON}),
}


def allows(deed: Deed, word: Word, risk: Risk = Risk.MEDIUM) -> bool:
    """Tell whether a cell's word lets the deed take effect, at the level that the timers run as."""
    if word is W.UP_TO_MEDIUM:
        return risk.weight <= Risk.MEDIUM.weight
    return word in SUFFICES[deed]


@dataclass(frozen=True)
class Post:
    """What somebody is at an instant: a duty that they are on, or the role of their account (then of no rank)."""

    role: Role
    rank: Rank = Rank.STAFF
    account: bool = False

    def words(self, deed: Deed) -> Iterable[Word]:
        """Give what the table says of a deed: the role's cell, and the rank's where 11.2 names a rank."""
        if self.account and deed not in OF_THE_ACCOUNT:
            return
        yield TABLE[self.role][deed]
        if self.role not in NOT_POLICE:
            yield from (word for rank, word in RANKED.get(deed, ()) if self.rank.weight >= rank.weight)


def words_of(deed: Deed, posts: Iterable[Post]) -> frozenset[Word]:
    """Give all that the table says of a deed to somebody with these posts."""
    return frozenset(word for post in posts for word in post.words(deed))


def may(deed: Deed, posts: Iterable[Post], risk: Risk = Risk.MEDIUM) -> bool:
    """Tell whether somebody may: of several posts the most permissive counts; without a post nobody may anything."""
    return any(allows(deed, word, risk) for word in words_of(deed, posts))
