"""A case between two forces: offered, accepted by a named person there, or sent back (W40, W41, W55, W56).

Whoever offers a case has it until a named person of the other force has accepted it; an e-mail is no person (W41).
No anchor of the case moves with it, so that its clock stays with the first report.
"""

import re
from collections.abc import Collection
from datetime import datetime

from policy import forms, handover
from policy.book import Book, Word
from policy.case import (
    ACCEPTED_ELSEWHERE,
    OFFERED_ELSEWHERE,
    PENDING,
    Case,
    Owner,
    Step,
    Told,
    finished,
    let_go,
    waiting,
)
from policy.errors import Fault, Invalid, Missing, Refused
from policy.facts import Fact
from policy.pack import OTHER_FORCE, Addressee, ForceRule, Pack
from policy.pack_parse import case_steps
from policy.spans import local_time
from policy.terms import AlarmKey, Anchor, FactKind, Kind, MessageType, Rank, Role
from policy.values import replace

K = FactKind
ANSWERS = frozenset({K.TRANSFER_ACCEPTED, K.TRANSFER_BOUNCED})
OWNERSHIP = frozenset({K.ACCEPTED, K.DELEGATED, K.HANDOVER_OFFERED})  # within one force
SENT_BACK = "bounced"
LONGEST = 64  # letters of a name, as of a roster id
RULE = "transfer_to_force"
CONTROL_ROOM = Addressee(Role.FORCE_INCIDENT_MANAGER, OTHER_FORCE)
WAYS = ("how", "method", "channel")  # fields in which a sender says how the other force has answered
MAIL = re.compile(r"\be?[-\s]?mail", re.IGNORECASE)
SPOKEN = re.compile(r"\b(voice|(tele)?phone|spoke|in person|face to face)", re.IGNORECASE)
FILLERS = frozenset({"police", "constabulary", "service", "force", "the", "and"})


def offered(book: Book, fact: Fact, at: datetime) -> None:
    """Offer the case to another force; it stays ours until a named person there has accepted it."""
    force, to = _named(book, fact), fact.text("to")
    _refuse_second_offer(book, force)
    _refuse_stranger(book, to, force.key)
    book.case = replace(book.case, force=force.key, transfer=OFFERED_ELSEWHERE)
    book.case = book.case.with_anchor(Anchor.TRANSFER_OFFERED, at)
    _ask_anew(book, book.pack.completed_by(K.TRANSFER_ACCEPTED))
    _note(book, fact, at, state=OFFERED_ELSEWHERE, to=to or None, brief=brief(book.case, book.pack))
    for duty in book.roster.duties_of(to, book.now)[:1]:
        text = "Another force offers you this case: accept it by name, or send it back with the reason"
        word = Word(MessageType.TASK, "Tell whoever the case is offered to there", text, at)
        book.say(word, to, duty.role, Step(RULE))


def accepted(book: Book, fact: Fact, at: datetime) -> None:
    """Give the case to the named person of the other force; what seeks the person is asked of nobody here any more."""
    _refuse_without_offer(book)
    refuse_mail(book, fact)
    person = fact.text("person")
    if len(person) > LONGEST:
        fault = Fault("evidence.person", f"has {len(person)} letters", "name one person: rank, number and name")
        raise Invalid("the fact transfer_accepted has faults", [fault])
    _refuse_stranger(book, person, book.case.force)
    duties = book.roster.spells_of(person)
    role = duties[0].role if duties else Role.FORCE_INCIDENT_MANAGER
    offered_at = book.case.anchors[Anchor.TRANSFER_OFFERED]
    for step in _answered(book):
        book.put(finished(step, at, person))
        book.over(step, person, at)
    owner = Owner(person, role, offered_at, at)
    book.case = replace(book.case, owner=owner, transfer=ACCEPTED_ELSEWHERE, offered_to=None, offered_at=None)
    book.case = book.case.with_anchor(Anchor.TRANSFER_ACCEPTED, at)
    for key in (AlarmKey.UNOWNED_AFTER_SHIFT, AlarmKey.BOUNCE):
        book.clear(key)
    book.note("owner", at, by=fact.by, owner=person, role=role, offered_at=offered_at)
    _note(book, fact, at, state=ACCEPTED_ELSEWHERE, person=person)


def bounced(book: Book, fact: Fact, at: datetime) -> None:
    """Take the case back: what it asks for comes back with it, and both control rooms hear of every return (W41)."""
    case = book.case
    if case.transfer is None:
        why = "only what was offered, or accepted, is sent back"
        raise _refused(book, f"no other force is asked to take {case.ref}", "transfer_offered", why)
    force = _title(book)
    for step in book.case.live_steps():
        if step.key in book.pack.completed_by(K.TRANSFER_BOUNCED):
            reason = f"{force} has sent the case back"
            book.note("not_required", at, step=step.key, occurrence=step.occurrence, reason=reason)
            book.over(step, fact.by, at)
            book.put(let_go(step, reason))
    returned = case.transfer == ACCEPTED_ELSEWHERE
    book.case = replace(book.case, transfer=None, bounces=case.bounces + 1, owner=None if returned else case.owner)
    _note(book, fact, at, state=SENT_BACK)
    if returned:
        book.note("unowned", book.now, by=fact.by, before=case.owner.person if case.owner else None)
        _ask_anew(book, {*book.pack.of_kind(Kind.NOTIFY), *filter(None, [book.pack.first_offer])})
    _tell_both(book, force, at)


def brief(case: Case, pack: Pack) -> dict[str, object]:
    """Give what the other force must know, from one template and without a name (W56: nothing is left to memory)."""
    actions = [
        {"step": step.key, "occurrence": step.occurrence, "holder": step.holder, "due_at": step.due_at}
        for step in case.live_steps()
        if handover.is_action(step, pack.steps[step.key])
    ]
    return {
        "risk": case.risk,
        "runs_as": case.timer_risk(pack.child_floor),
        "risk_set_at": case.anchors.get(Anchor.RISK_SET),
        "reported_at": case.anchors[Anchor.CALL_RECEIVED],
        "spoken_at": case.anchors.get(Anchor.LAST_CONTACT),
        "next_review_at": case.anchors.get(Anchor.NEXT_REVIEW),
        "age_band": case.age_band,
        "call_type": case.call_type,
        "hazards": sorted(case.flags),
        "actions": actions,
        "bounces": case.bounces,
    }


# --- who may


def forces_of(book: Book, person: str) -> Collection[str]:
    """Give the other forces in whose control rooms the roster knows somebody; empty for our own, and for strangers."""
    theirs = book.roster.of_other_force(person)
    return {duty.area for duty in book.roster.spells_of(person)} if theirs else ()


def refuse_other_force(book: Book, fact: Fact) -> None:
    """Let another force answer what it was asked and deal with what it has accepted; let nobody own past it."""
    case, theirs = book.case, forces_of(book, fact.by)
    with_them = case.transfer == ACCEPTED_ELSEWHERE
    if theirs:
        if case.force in theirs and (with_them or (fact.kind in ANSWERS and case.transfer is not None)):
            return
        why = "another force acts on a case only when it is asked to take it, or has accepted it"
        raise _refused(book, f"{fact.by} is of another force, and {case.ref} is ours", "transfer_offered", why)
    if fact.kind not in OWNERSHIP:
        return
    if with_them:
        why = "it is ours again when it is sent back"
        raise _refused(book, f"{_title(book)} has accepted {case.ref}", "transfer_bounced", why)
    if forces_of(book, fact.text("to")):
        why = "a case goes to another force by an offer to it, which a named person there accepts"
        raise _refused(book, f"{fact.text('to')} is of another force", "transfer_offered", why)


def refuse_mail(book: Book, fact: Fact) -> None:
    """Refuse an acceptance by e-mail: one was not read for four hours, and the person died (W41)."""
    said = " ".join(fact.text(name) for name in WAYS)
    if forms.said_yes(fact.evidence.get("by_email")) or (MAIL.search(said) and not SPOKEN.search(said)):
        why = "e-mail is never acceptance: speak to a named person there, who says that the case is theirs"
        raise _refused(book, "e-mail is never acceptance", "acceptance by voice, or by the person themselves", why)


def _refuse_without_offer(book: Book) -> None:
    case = book.case
    if case.transfer is None:
        why = "a force accepts what it was asked to take; transfer_offered names the force"
        raise _refused(book, f"{case.ref} is not offered to another force", "transfer_offered", why)
    if case.transfer == ACCEPTED_ELSEWHERE:
        who = case.owner.person if case.owner else ""
        at = local_time(case.anchors[Anchor.TRANSFER_ACCEPTED], book.now)
        why = "whoever has accepted it hands it over there, or sends it back"
        raise _refused(book, f"{who} of {_title(book)} accepted it at {at}", "transfer_bounced", why)


def _refuse_second_offer(book: Book, force: ForceRule) -> None:
    case = book.case
    if case.transfer is None:
        return
    did = "has accepted" if case.transfer == ACCEPTED_ELSEWHERE else "is asked to take"
    why = f"a case is offered to one force at a time; it is free for {force.title} when it was sent back"
    raise _refused(book, f"{_title(book)} {did} {case.ref}", "transfer_bounced", why)


def _refuse_stranger(book: Book, person: str, force: str | None) -> None:
    """Refuse somebody of ours, by their area or because they were told of the case here, and of a third force."""
    theirs, areas = forces_of(book, person), {duty.area for duty in book.roster.spells_of(person)}
    told = any(step.told_person(person) for step in book.case.steps)
    if force in theirs or not (theirs or told or areas & book.pack.areas.keys()):
        return
    title = book.pack.force_title(force)
    why = f"nobody accepts a case from themselves; put {title}'s people on the roster in the area {force}"
    raise _refused(book, f"{person} is not of {title}", f"a named person of {title}", why)


def _named(book: Book, fact: Fact) -> ForceRule:
    """Find the force that is named by its key or its title; refuse ours, and one that the pack does not know."""
    given, own = fact.text("force"), book.pack.own_force
    said = _bare(given)
    if own is not None and said in (_bare(own.key), _bare(own.title)):
        raise _refused(book, f"{own.title} is this force", "another force", "within the force a case is handed over")
    for force in book.pack.forces.values():
        if said in (_bare(force.key), _bare(force.title)):
            return force
    listed = ", ".join(sorted(book.pack.forces)) or "none yet: name them in the pack, [forces.<key>]"
    raise _refused(book, f"{given!r} is no force that {book.pack.title} knows", "force", f"use one of: {listed}")


def _title(book: Book) -> str:
    return book.pack.force_title(book.case.force)


def _bare(name: str) -> str:
    return "".join(word for word in re.split(r"[\W_]+", name.casefold()) if word not in FILLERS)


def _refused(book: Book, detail: str, what: str, why: str) -> Refused:
    who = book.roster.who_may(Rank.INSPECTOR, book.now, book.case.area)
    return Refused(detail, rule=RULE, missing=[Missing(what, why)], who_may=who)


# --- what follows


def _answered(book: Book) -> list[Step]:
    """Give what another force's acceptance answers: the offer to it, and every notice and offer of the case here."""
    ends = {*book.pack.completed_by(K.TRANSFER_ACCEPTED), *book.pack.asks}
    return [step for step in book.case.live_steps() if step.key in ends]


def _ask_anew(book: Book, keys: Collection[str]) -> None:
    """Ask again, counted from now, for what the case had done with."""
    for rule in case_steps(book.pack):
        latest = book.case.step(rule.key) if rule.key in keys else None
        if latest is not None and latest.status not in PENDING:
            book.put(waiting(rule.key, latest.occurrence + 1, book.now))


def _note(book: Book, fact: Fact, at: datetime, **more: object) -> None:
    book.note("transfer", at, by=fact.by, force=book.case.force, bounces=book.case.bounces, **more)


def _tell_both(book: Book, force: str, at: datetime) -> None:
    """Ring in both control rooms, tell the owner, and from the second return on whoever decides which force leads."""
    detail, step = f"sent back by {force}, return {book.case.bounces}", Step(RULE)
    book.alarm(AlarmKey.BOUNCE, detail, at, step)
    there = book.choose(CONTROL_ROOM).chosen
    if there is not None:
        told = Told(there.person, there.role, 0, at)
        book.alarm(AlarmKey.BOUNCE, f"{detail}: {force} is told too", at, step, told)
    leads = book.choose(Addressee(Role.ON_CALL_SUPERINTENDENT)).chosen if book.case.bounces > 1 else None
    if leads is not None:
        told = Told(leads.person, leads.role, 0, at)
        book.alarm(AlarmKey.BOUNCE, f"{detail}: decide which force leads", at, step, told)
    owner = book.case.owner
    if owner is not None:
        text = f"{force} has sent the case back: it is yours as before"
        word = Word(MessageType.TASK, "Tell the owner that the case is back", text, at)
        book.say(word, owner.person, owner.role, step)
