"""Reading doors: what the store knows, as the API answers it (contract section 6). Nothing here writes.

Each reads one state of the store, so that a case and its journal never contradict each other in one answer.
"""

from dataclasses import dataclass
from datetime import datetime

from policy.case import ACCEPTED_ELSEWHERE, Case, Step
from policy.closed_words import closed_case
from policy.errors import Unknown
from policy.outlook import awaiting
from policy.pack import Pack
from policy.reaching import counting
from policy.roster import Roster
from policy.terms import Anchor, Channel, Role, StepStatus
from policy.transfer import SENT_BACK
from runtime import feeds
from runtime.app import App
from store import cases as store_cases
from store import listing as store_listing
from store import messages as store_messages
from store import roster as store_roster
from store.cases import Stored
from store.listing import Wanted
from store.messages import Message

Json = dict[str, object]

# Who answers for a case that nobody has accepted: the first of these on duty.
FALLBACK = (Role.FORCE_INCIDENT_MANAGER, Role.CONTROL_ROOM_SERGEANT, Role.ON_CALL_SUPERINTENDENT)
PAGE = 50  # cases of one answer unless asked otherwise
MOST = 200  # cases of one answer at the most
JOURNAL_PAGE = 1_000  # entries of one answer
LAST_SEQ = 2**53  # more entries than any journal will have; every database holds the number


@dataclass(frozen=True)
class Answerable:
    """Who answers for a case at an instant, and how that came about."""

    person: str
    role: Role
    how: str  # accepted, escalated or fallback
    since_at: datetime
    offered_at: datetime | None = None
    accepted_at: datetime | None = None


def iso(at: datetime | None) -> str | None:
    """Write an instant in UTC with a Z."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def answerable(case: Case, roster: Roster, now: datetime) -> Answerable | None:
    """Give the one named person who answers for a case: its owner, else whoever is on duty to; None: no roster."""
    owner = case.owner
    if owner is not None:
        at = owner.accepted_at
        return Answerable(owner.person, owner.role, "accepted", at, owner.offered_at, at)
    areas = (case.area,) if case.area else ()
    for role in FALLBACK:
        duty = roster.choose(role, areas, now).chosen
        if duty is not None:
            told = [t.at for step in case.steps for t in step.told if t.person == duty.person and t.rung > 0]
            began = min(case.anchors.values(), default=now)
            since_at = min(told) if told else max(duty.from_at, began)
            return Answerable(duty.person, role, "escalated" if told else "fallback", since_at)
    return _at_the_last(case, roster, now)


def _at_the_last(case: Case, roster: Roster, now: datetime) -> Answerable | None:
    """Name somebody when none of those is on duty: the highest rank on duty, else the last of those to have gone.

    Somebody is always named (contract section 6), as long as the roster knows anybody.
    """
    ours = [duty for duty in roster.duties if duty.area not in roster.elsewhere]
    gone = [duty for duty in ours if duty.role in FALLBACK and duty.to_at <= now]
    gone.sort(key=lambda d: (-d.to_at.timestamp(), FALLBACK.index(d.role), d.person))
    last = roster.highest(now) or next(iter(gone), None)
    since_at = min(case.anchors.values(), default=now)
    return Answerable(last.person, last.role, "fallback", since_at) if last else None


# --- one case -------------------------------------------------------------------------------------


def stored(app: App, ref: str) -> Stored:
    """Give a case as it stands, or raise Unknown."""
    with app.sessions.reading() as s:
        return store_cases.load(s, ref)


def case_view(app: App, ref: str) -> Json:
    """Give a case as the API answers it, or raise Unknown."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        return view(app, store_cases.load(s, ref), store_roster.snapshot(s, now), now)


def view(app: App, held: Stored, roster: Roster, now: datetime) -> Json:
    """Give a case that is already loaded as the API answers it."""
    case, pack = held.case, app.pack_of(held.case)
    who = answerable(case, roster.apart(pack.forces), now)
    owner = case.owner.person if case.owner else None
    due = [step.due_at for step in case.steps if step.status is StepStatus.OPEN and step.due_at]
    return {
        "case": case.ref,
        "version": held.version,
        "status": case.status,
        "risk": case.risk,
        "pack": case.pack,
        "revision": case.revision,
        "area": case.area,
        "age_band": case.age_band,
        "owner": owner,
        "responsible": who.person if who else None,
        "off_duty": owner is not None and _is_ours(case) and not roster.duties_of(owner, now),
        "offered_to": case.offered_to,
        "next_due_at": iso(min(due, default=None)),
        "flow_run_id": held.run_id,
        "overdue": len(case.overdue_steps()),
        "non_compliant": case.non_compliant,
        "defects": list(held.defects),
        "example": case.example,
        "linked": list(case.linked),
        "re_report_of": case.re_report_of,
        "risk_floor": case.risk_floor,
        "closed_case": _closed(case, pack, now),
        "left_roster": _left_the_roster(case, roster),
        "late": case.late,
        "do_not_disclose": case.do_not_disclose,
        "wellbeing": case.wellbeing,
        "transfer": _transfer(case, pack),
        "steps": [_step(step, pack) for step in case.steps],
    }


def _left_the_roster(case: Case, roster: Roster) -> bool:
    """Tell whether the owner of an open case of ours is not on the roster any more: it is theirs on the record only."""
    ours = case.owner is not None and not case.closed and case.transfer != ACCEPTED_ELSEWHERE
    return ours and case.owner is not None and roster.rank_of(case.owner.person) is None


def _closed(case: Case, pack: Pack, now: datetime) -> Json | None:
    """Say of a closed case that no one is working on it, who has been told, and until when it is decided."""
    truth = closed_case(case, pack, now)
    return {"says": truth.says, "told": truth.told, "decides_by": iso(truth.decides_by)} if truth else None


def _is_ours(case: Case) -> bool:
    return case.transfer != ACCEPTED_ELSEWHERE


def _transfer(case: Case, pack: Pack) -> Json | None:
    """Say how a case stands between two forces; None where no other force was ever asked."""
    if case.force is None:
        return None
    at = case.anchors.get(Anchor.TRANSFER_OFFERED)
    title, back = pack.force_title(case.force), case.bounces and case.transfer is None
    state = SENT_BACK if back else case.transfer
    return {"force": case.force, "title": title, "state": state, "offered_at": iso(at), "bounces": case.bounces}


def _step(step: Step, pack: Pack) -> Json:
    rule = pack.steps[step.key]
    return {
        "key": step.key,
        "occurrence": step.occurrence,
        "title": rule.title,
        "stage": rule.stage,
        "status": step.status,
        "anchor_at": iso(step.anchor_at),
        "due_at": iso(step.due_at),
        "done_at": iso(step.done_at),
        "done_by": step.done_by,
        "role": step.role,
        "holder": step.holder,
        "rung": step.rung,
        "reason": step.reason,
        "basis": {"rule": rule.basis.rule, "time": rule.basis.time},
    }


def messages(app: App, ref: str) -> Json:
    """Give every message of a case, in the order in which they were put."""
    with app.sessions.reading() as s:
        held = store_cases.load(s, ref)
        sent = store_messages.of_case(s, ref)
    risk = held.case.timer_risk(app.pack_of(held.case).child_floor)
    ways: dict[str, set[Channel]] = {}
    for message in sent:
        ways.setdefault(message.act, set()).add(message.channel)
    return {"messages": [_message(m, m.channel in counting(ways[m.act], risk)) for m in sent]}


def _message(message: Message, counts: bool) -> Json:
    """Give one message; `counts` tells whether its person is told once this channel has it (`policy.reaching`)."""
    sent_at = message.sent_at or message.received_at
    late_s = None if sent_at is None else round((sent_at - message.due_at).total_seconds(), 3)
    return {
        "attempt_key": message.attempt_key,
        "to": message.person,
        "role": message.role,
        "channel": message.channel,
        "type": message.type,
        "step": message.step,
        "occurrence": message.occurrence,
        "rung": message.rung,
        "reminder": message.reminder,
        "about": list(dict.fromkeys(ask.step for ask in message.asks)),
        "state": message.state,
        "due_at": iso(message.due_at),
        "sent_at": iso(message.sent_at),
        "received_at": iso(message.received_at),
        "late_s": late_s,
        "by": message.by,
        "counts": counts,
        "tries": message.tries,
        "detail": message.detail,
    }


# --- many cases -----------------------------------------------------------------------------------


def cases(app: App, wanted: Wanted, limit: int = PAGE, cursor: str | None = None) -> Json:
    """Give the cases that are wanted, a page at a time."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        held, following = store_listing.listing(s, wanted, limit, cursor)
        roster = store_roster.snapshot(s, now)
    shown = [view(app, one, roster, now) for one in held]
    return {"cases": shown, "next": following, "as_of": iso(now)}


def board(app: App) -> Json:
    """Give the cases that are not closed as rows: the overdue first, then by risk and by what falls due first."""
    now = app.clock.now()
    with app.sessions.reading() as s:
        late, _ = store_listing.listing(s, Wanted(live=True, overdue=True), MOST)
        held, _ = store_listing.listing(s, Wanted(live=True, overdue=False), MOST)
        roster = store_roster.snapshot(s, now)
        named_nobody, _ = store_listing.listing(s, Wanted(non_compliant=True), MOST)
        age_s = feeds.oldest_age_s(app, s)
    both = sorted((*late, *held), key=lambda one: _pressing(one.case))
    rows = [_row_of_any(app, one, roster, now) for one in both]
    refs = [one.ref for one in named_nobody]
    return {"as_of": iso(now), "feed_age_s": age_s, "rows": rows, "non_compliant": refs}


def _pressing(case: Case) -> tuple[bool, int, float]:
    due = [step.due_at.timestamp() for step in case.live_steps() if step.due_at]
    return (not case.overdue_steps(), -case.timer_risk().weight, min(due, default=float("inf")))


def _row_of_any(app: App, held: Stored, roster: Roster, now: datetime) -> Json:
    """Give the row of a case, and a bare one where its pack is gone: one such case must not hide all others."""
    try:
        return _row(app, held, roster, now)
    except Unknown:
        due = min((step.due_at for step in held.case.live_steps() if step.due_at), default=None)
        bare = {"case": held.ref, "serial": held.serial, "risk": held.case.risk, "age_band": held.case.age_band}
        owner = held.case.owner.person if held.case.owner else None
        who = {"owner": owner, "offered_to": held.case.offered_to, "responsible": owner or held.case.offered_to}
        gone = {"awaiting": f"the pack {held.case.pack}, which is gone", "since": None, "due_at": iso(due)}
        return bare | {"area": held.case.area} | who | gone | {"then": "", "overdue": len(held.case.overdue_steps())}


def _row(app: App, held: Stored, roster: Roster, now: datetime) -> Json:
    """Say what a case awaits, by when, and what happens then."""
    case = held.case
    pack = app.pack_of(case)
    who, awaited = answerable(case, roster.apart(pack.forces), now), awaiting(case, pack, now)
    return {
        "case": case.ref,
        "serial": held.serial,
        "risk": case.risk,
        "age_band": case.age_band,
        "area": case.area,
        "owner": case.owner.person if case.owner else None,
        "offered_to": case.offered_to,
        "responsible": who.person if who else None,
        "awaiting": awaited.what,
        "since": iso(awaited.since),
        "due_at": iso(awaited.by),
        "then": awaited.then,
        "overdue": len(case.overdue_steps()),
    }


def clock(app: App) -> Json:
    """Say what time it is in the procedure, and how fast it passes."""
    from runtime.clock import RehearsalClock

    rehearsal = isinstance(app.clock, RehearsalClock)
    return {"now": iso(app.clock.now()), "speed": app.clock.speed, "rehearsal": rehearsal}
