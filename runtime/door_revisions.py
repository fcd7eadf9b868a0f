"""The doors of revisions: propose, approve, withdraw. Whatever way an edit comes in, it comes through here."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlmodel import Session

from policy.book import Book, Word
from policy.case import Step
from policy.errors import Fault, Invalid, Missing, Refused, Stale
from policy.intents import Entry
from policy.pack import Pack
from policy.pack_parse import Raw
from policy.permissions import Post
from policy.proposal import Proposal, Who, read_proposal, refuse_approval, refuse_drafting, refuse_override
from policy.revise import Change, apply, read_changes
from policy.revise_diff import Other, difference
from policy.terms import AlarmKey, MessageType, Role, Route
from runtime.app import App
from runtime.door_alarm import ring
from runtime.shelf import raw_of, sound, written
from store import accounts, acting, journal, outbox, revisions
from store.revisions import APPROVED, NUMBERS, PACK, PROPOSED, WITHDRAWN, Revision
from store.roster import AROUND

log = structlog.get_logger()


@dataclass(frozen=True)
class Edit:
    """A change that has been read against the revision that stands: the pack before, and as it would read."""

    given: Proposal
    before: Pack
    after: Pack
    raw: Raw
    changes: tuple[Change, ...]
    others: tuple[Other, ...] = ()
    over: tuple[str, ...] = ()  # steps whose time lies above their national ceiling by this change

    @property
    def whole(self) -> bool:
        """Tell whether more than numbers changes."""
        return bool(self.others)


def who_is(app: App, s: Session, person: str) -> Who:
    """Give what a person is, on duty or not: policy is not only edited on shift. Cover counts while it lasts."""
    now = app.clock.now()
    covers = [d for d in acting.duties(s, now - AROUND, now + AROUND) if d.person == person and not d.holds(now)]
    not_now = {(duty.role, duty.from_at) for duty in covers}
    mine = [duty for duty in app.roster(s, now).duties if duty.person == person]
    posts = [Post(duty.role, duty.rank) for duty in mine if (duty.role, duty.from_at) not in not_now]
    posts += [Post(Role(account.role), account=True) for account in accounts.of_person(s, person)]
    return Who(person, tuple(posts))


def read_edit(app: App, s: Session, pack: str, raw: object, *, for_preview: bool = False) -> Edit:
    """Read a proposal against the newest revision; raise Invalid, Stale or Unknown."""
    now = app.clock.now()
    app.shelf.must_have(pack)
    given = read_proposal(raw, now, for_preview=for_preview)
    latest = revisions.latest(s, pack) or revisions.FIRST
    if given.base != latest:
        raise Stale(
            f"revision {latest} of {pack} stands; the change was made to {given.base}: look at it again", current=latest
        )
    standing = raw_of(s, pack, latest)
    if given.text is not None:
        edited = _imported(pack, given.text, standing)
        differs = difference(standing, edited)
        changes, others = differs.changes, differs.others
    else:
        changes, others = read_changes(given.changes, standing), ()
        edited = apply(standing, changes)
        changes = difference(standing, edited).changes
    if not (changes or others):
        raise Invalid(
            "the revision has faults",
            [Fault("changes", "change nothing", "give a value that differs from the present one")],
        )
    before = app.shelf.get(s, pack, latest)
    if given.effective_from and given.effective_from < (since := _since(s, pack, latest)):
        said = f"revision {latest}, on which it builds, comes into force at {since.isoformat()}"
        raise Invalid("the revision has faults", [Fault("effective_from", said, "give that instant or a later one")])
    edited = _overridden(edited, given, changes)
    number = revisions.next_number(s, pack)
    after = _sound(pack, number, edited, changes)
    over = tuple(key for key, rule in after.steps.items() if rule.over_ceiling() and _newly(before, after, key))
    if over and given.override is None:  # an earlier override, or one in a pack's text, answers for no new time
        missing = [Missing(f"override: by, reason (steps.{key}.due)", "it lies above its ceiling") for key in over]
        said = f"{', '.join(over)}: above the national ceiling"
        raise Refused(said, rule="ceiling", missing=missing, who_may="superintendent or above, by name")
    return Edit(given, before, after, edited, tuple(changes), tuple(others), over)


def _since(s: Session, pack: str, number: int) -> datetime:
    return revisions.get(s, pack, number).effective_from


def _imported(pack: str, text: str, standing: Raw) -> Raw:
    """Read a whole pack; one that is not the pack it says it is is refused whole."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            "the pack has faults", [Fault("text", f"is not TOML: {error}", "mend the line that it names")]
        ) from None
    if raw.get("pack") != pack:
        said = f"says it is {raw.get('pack')!r}, and is proposed for {pack!r}"
        raise Invalid("the pack has faults", [Fault("text.pack", said, "propose it for the pack whose name it bears")])
    steps, known = raw.get("steps"), standing.get("steps")
    gone = [key for key in known if key not in steps] if isinstance(steps, dict) and isinstance(known, dict) else []
    if gone:
        said = f"leaves out {', '.join(sorted(gone))}"
        raise Invalid(
            "the pack has faults",
            [Fault("text.steps", said, 'keep every step; at a level that does not ask for it write "-"')],
        )
    return raw


def _overridden(raw: Raw, given: Proposal, changes: Sequence[Change]) -> Raw:
    if given.override is None:
        return raw
    named = {"by": given.override.by, "reason": given.override.reason}
    kept = raw.get("overrides")
    touched = {change.step: named for change in changes if change.step and change.field == "due"}
    return {**raw, "overrides": {**(kept if isinstance(kept, dict) else {}), **touched}}


def _sound(pack: str, number: int, raw: Raw, changes: Sequence[Change]) -> Pack:
    """Make the pack; a fault of the grammar is said at the change that brings it about."""
    try:
        return sound(pack, number, raw)
    except Invalid as error:
        over = [fault for fault in error.faults if "above the ceiling" in fault.message]
        if over and len(over) == len(error.faults):
            missing = [Missing(f"override: by, reason ({f.field.rpartition(': ')[2]})", f.message) for f in over]
            raise Refused(
                over[0].message, rule="ceiling", missing=missing, who_may="superintendent or above, by name"
            ) from None
        faults = [_at_the_change(fault, changes) for fault in error.faults]
        raise Invalid("the revision has faults", faults) from None


def _at_the_change(fault: Fault, changes: Sequence[Change]) -> Fault:
    for number, change in enumerate(changes):
        step = f"steps.{change.step}"
        if change.step and (fault.field.endswith(step) or f"{step}." in fault.field):
            return replace(fault, field=f"changes.{number}.value", message=f"{change.step}: {fault.message}")
    return fault


def _newly(before: Pack, after: Pack, key: str) -> bool:
    old = before.steps.get(key)
    return old is None or old.over_ceiling() != after.steps[key].over_ceiling()


def propose(app: App, pack: str, raw: object, by: str, route: Route) -> Revision:
    """Propose a revision in the name of `by`; nothing follows it before another person has approved it."""
    now = app.clock.now()
    with app.sessions() as s:
        refuse_drafting(who_is(app, s, by))
        edit = read_edit(app, s, pack, raw)
        override = edit.given.override
        if edit.over and override is not None:
            refuse_override(who_is(app, s, override.by))
        made = Revision(
            pack=pack, number=revisions.next_number(s, pack), base=edit.given.base,
            changes=[*(change.as_dict() for change in edit.changes), *(vars(other) for other in edit.others)],
            text=written(edit.raw), reason=edit.given.reason, applies_to=edit.given.applies_to,
            effective_from=edit.given.effective_from or max(now, _since(s, pack, edit.given.base)),
            proposed_by=by, proposed_at=now,
            override={**override.model_dump(), "steps": list(edit.over)} if override and edit.over else None,
            kind=PACK if edit.whole else NUMBERS,
        )  # fmt: skip
        revisions.put(s, made)
        if route is Route.PREFECT:
            _tell_whoever_is_named(app, s, made)
        _note(s, "revision_proposed", made, by, route, now)
    log.info("revision_proposed", pack=pack, revision=made.number, by=by, route=route)
    app.knock("timer")
    return made


def _tell_whoever_is_named(app: App, s: Session, made: Revision) -> None:
    """Tell the person in whose name something was proposed where nobody signs in: it may have been somebody else."""
    now, who = app.clock.now(), who_is(app, s, made.proposed_by)
    book = Book.of_home(app.rules(s), app.roster(s, now), now)
    text = f"Revision {made.number} of {made.pack} was proposed in your name in Prefect; if it was not you, withdraw it"
    role = who.posts[0].role if who.posts else Role.POLICY_ADMIN
    title = "Proposed in your name in Prefect"
    book.say(Word(MessageType.ALARM, title, text, now), made.proposed_by, role, Step(key="revision_proposed"))
    outbox.put(s, None, book.outcome().tells, queued_at=now, speed=app.clock.speed)


def approve(app: App, pack: str, number: int, by: str, route: Route) -> Revision:
    """Approve a revision; it is in force from its instant on, and never from before this one."""
    now = app.clock.now()
    with app.sessions() as s:
        made = revisions.get(s, pack, number)
        if made.status != PROPOSED:
            raise Refused(
                f"revision {number} of {pack} is {made.status}", rule="settled", who_may="nobody: propose another"
            )
        revisions.hold(s, pack, made.base)
        override, whole = made.override is not None, made.kind == PACK
        refuse_approval(who_is(app, s, by), made.proposed_by, override=override, whole=whole)
        _refuse_stale(s, made)
        if made.override is not None:
            refuse_override(who_is(app, s, str(made.override["by"])))
        revisions.approve(s, pack, number, by, now, max(made.effective_from, now))
        made = revisions.get(s, pack, number)
        _note(s, "revision_approved", made, by, route, now)
    if made.override is not None:
        steps = ", ".join(str(step) for step in _list(made.override.get("steps")))
        ring(
            app, AlarmKey.CEILING_OVERRIDE, f"{pack} revision {number}: {steps}, by {made.override['by']}", route=route
        )
    log.info("revision_approved", pack=pack, revision=number, by=by, route=route)
    app.knock("timer")
    return made


def _refuse_stale(s: Session, made: Revision) -> None:
    latest = revisions.latest(s, made.pack) or revisions.FIRST
    if latest != made.base:
        missing = Missing(
            f"revision {latest} as its base", "another was approved since: what was previewed is not what would be"
        )
        raise Refused(
            f"revision {made.number} of {made.pack} changes {made.base}, and {latest} stands now",
            rule="stale_base", missing=[missing], who_may="anybody who may propose: look at the preview again",
        )  # fmt: skip


def withdraw(app: App, pack: str, number: int, by: str, reason: str, route: Route) -> Revision:
    """Withdraw a revision: proposed, or in force. From this instant on no case begins under it and no form of it opens.

    The open cases that follow it are brought to the one that is in force then.
    """
    now = app.clock.now()
    if len(reason.strip()) < 3:
        raise Invalid("the withdrawal has faults", [Fault("reason", "is missing", "say in some words why")])
    with app.sessions() as s:
        revisions.hold(s, pack, number)
        made = revisions.get(s, pack, number)
        _refuse_withdrawal(s, app, made, by, now)
        revisions.withdraw(s, pack, number, by, now, reason.strip())
        made = revisions.get(s, pack, number)
        _note(s, "revision_withdrawn", made, by, route, now)
    log.info("revision_withdrawn", pack=pack, revision=number, by=by, route=route)
    app.knock("timer")
    return made


def _refuse_withdrawal(s: Session, app: App, made: Revision, by: str, now: datetime) -> None:
    who = who_is(app, s, by)
    if made.status == WITHDRAWN:
        raise Refused(
            f"revision {made.number} of {made.pack} is withdrawn", rule="settled", who_may="nobody: it is done"
        )
    if made.status == PROPOSED and by == made.proposed_by:
        return
    refuse_approval(who, "", override=False, whole=False)
    later = [one for one in revisions.history(s, made.pack) if one.base == made.number and one.status == APPROVED]
    if later:
        said = f"revision {later[-1].number} builds on it"
        missing = Missing(
            f"the withdrawal of revision {later[-1].number} first", "what builds on it holds its numbers too"
        )
        raise Refused(said, rule="built_upon", missing=[missing], who_may="whoever withdraws that one first")
    if not [one for one in revisions.history(s, made.pack) if one.number != made.number and one.in_force(now)]:
        raise Refused(
            "it is the only one in force", rule="last_revision", who_may="nobody: propose what is to stand in its place"
        )


def _note(s: Session, kind: str, made: Revision, by: str, route: Route, now: datetime) -> None:
    """Write a revision into the journal of the home, with what an auditor asks of it."""
    body = {
        "pack": made.pack, "revision": made.number, "base": made.base, "changes": list(made.changes),
        "reason": made.withdrawn_reason or made.reason, "effective_from": made.effective_from,
        "applies_to": made.applies_to, "override": made.override, "proposed_by": made.proposed_by,
    }  # fmt: skip
    journal.append(s, [Entry(kind, now, body, by)], case=None, route=route, written_at=now)


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
