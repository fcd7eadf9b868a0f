"""The book in which one decision is written down: the case as it becomes, and what must be done about it."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from policy.actions import asked
from policy.case import Case, Step, Told
from policy.intents import Alarm, Ask, Cancel, Entry, Outcome, Tell
from policy.merging import merged
from policy.pack import CASE_AREA, OTHER_FORCE, WHOSE, Addressee, Pack, StepRule
from policy.record_terms import AgeBand
from policy.roster import Choice, Contact, Roster
from policy.terms import AlarmKey, Anchor, Kind, MessageType, Risk, Role, Stage
from policy.values import replace
from policy.vital import with_vital

AFTERWARDS = (MessageType.CANCEL, MessageType.ALARM)  # said because something is over, or has gone wrong
# Who hears an alarm: the first of these on duty (contract section 6, `responsible`).
ALARM_ROLES = (Role.FORCE_INCIDENT_MANAGER, Role.CONTROL_ROOM_SERGEANT, Role.ON_CALL_SUPERINTENDENT)


@dataclass(frozen=True)
class Word:
    """What is said beside a step's own messages: that something is over, or has gone wrong."""

    type: MessageType
    title: str
    text: str
    at: datetime
    still: tuple[Ask, ...] = ()  # what the person is asked all the same

    @property
    def mark(self) -> str:
        """Keep two alarms about one step apart; a stand-down goes out once however often it is decided."""
        if self.type is MessageType.CANCEL:
            return "once"
        return f"{zlib.crc32(self.text.encode()):08x}:{int(self.at.timestamp())}"


class Book:
    """Collects one outcome. Lives for one decision and is never kept."""

    def __init__(self, case: Case, pack: Pack, roster: Roster, now: datetime) -> None:
        self.case = case
        self.pack = pack
        self.roster = roster.apart(pack.forces)
        self.now = now
        self.by = "vigil"  # who is behind what is written: the sender of a fact, or Vigil itself
        self._before = case
        self._tells: list[Tell] = []
        self._cancels: list[Cancel] = []
        self._alarms: list[Alarm] = []
        self._cleared: list[AlarmKey] = []
        self._entries: list[Entry] = []

    @classmethod
    def of_home(cls, pack: Pack, roster: Roster, now: datetime) -> "Book":
        """Open a book about the home itself, where no case is concerned."""
        return cls(Case("", pack.name, pack.revision, None, AgeBand.UNKNOWN), pack, roster, now)

    @property
    def risk(self) -> Risk:
        """Give the level that the timers run as."""
        return self.case.timer_risk(self.pack.child_floor)

    def rule(self, step: Step) -> StepRule:
        """Give the pack's rule of a step."""
        return self.pack.steps[step.key]

    def put(self, step: Step) -> Step:
        """Write a step down, and in whose hands it now is where that is new."""
        before = self.case.step(step.key, step.occurrence)
        if step.live and step.holder and (before is None or before.holder != step.holder):
            self.note("holder", self.now, step=step.key, occurrence=step.occurrence, person=step.holder, role=step.role)
        self.case = self.case.with_step(step)
        return step

    def note(self, kind: str, at: datetime, by: str = "vigil", **body: object) -> None:
        """Write a line for the journal."""
        self._entries.append(Entry(kind, at, body, by))

    def cancel(self, step: Step) -> None:
        """Let nothing more of a step go out, not even what this very decision was about to send."""
        self._cancels.append(Cancel(step.key, step.occurrence))
        self._tells = [t for t in self._tells if (t.step, t.occurrence) != step.id or t.type in AFTERWARDS]

    def unsent(self, step: Step) -> set[str]:
        """Give who would have been told of the step for the first time by this very decision."""
        before = self._before.step(step.key, step.occurrence)
        known = {told.person for told in before.told} if before else set()
        return {t.person for t in self._tells if (t.step, t.occurrence) == step.id} - known

    def clear(self, key: AlarmKey) -> None:
        """Say that an alarm's cause is gone."""
        self._cleared.append(key)
        self.case = replace(self.case, ringing=frozenset(r for r in self.case.ringing if r[0] != key))

    def choose(self, to: Addressee, at: datetime | None = None) -> Choice:
        """Find the named person for an addressee, now or as the roster had it at `at`."""
        when, owner = at or self.now, self.case.owner
        theirs = self.roster.duties_of(owner.person, when) if to.owner and owner is not None else ()
        if owner is not None and theirs:
            return Choice(to.role, self.pack.areas_for(to, self.case.area), theirs[0], (owner.person,))
        choice = self._in_role(to.role, to, when)
        if choice.chosen is None and to.otherwise is not None:  # a team that has gone home is no alarm
            return replace(self._in_role(to.otherwise, replace(to, area=CASE_AREA), when), instead_of=choice)
        return choice

    def _in_role(self, role: Role, to: Addressee, when: datetime) -> Choice:
        """Find who holds a role; a neighbour, or another force, is an exact area: our force-wide cover is neither."""
        areas = self.pack.areas_for(to, self.case.area)
        if to.area == OTHER_FORCE:
            areas = (self.case.force,) if self.case.force else ()
        choice = self.roster.choose(role, areas, when)
        stranger = to.area in WHOSE and choice.chosen is not None and choice.chosen.area not in areas
        return Choice(role, areas, None) if stranger else choice

    def chose(self, step: Step, choice: Choice, rung: int, at: datetime) -> None:
        """Write down who was chosen for a step, and from whom."""
        who = {"step": step.key, "occurrence": step.occurrence, "rung": rung, **choice.as_body()}
        self._entries.append(Entry("chosen", at, who))

    def tell(self, step: Step, to: Addressee, rung: int, reminder: int, at: datetime) -> tuple[Step, bool]:
        """Tell the person on duty for an addressee; give the step as it stands then, and whether anybody was there."""
        choice = self.choose(to)
        self.chose(step, choice, rung, at)
        if choice.chosen is None:
            self.alarm(AlarmKey.NOBODY_ON_DUTY, f"{step.key}: {to.role} on rung {rung}", at, step)
            return step, False
        told = Told(choice.chosen.person, choice.role, rung, at)
        return self.tell_person(step, told, replace(to, role=choice.role), reminder), True

    def tell_person(self, step: Step, told: Told, to: Addressee, reminder: int, slug: str = "") -> Step:
        """Tell one named person of a step, and give the step as told to them."""
        rule, rung = self.rule(step), told.rung
        kind = message_type(rule, rung, reminder)
        left_behind = rule.anchor is Anchor.SHIFT_END or self.case.owner is not None
        if kind is MessageType.TASK and rule.kind is Kind.ACCEPT and left_behind:
            kind = MessageType.HANDOVER  # somebody has it already, and it is offered to the next
        text = to.ask or asked(rule, self.case, self.pack)
        if rung > 0 and to.ask and rule.kind is not Kind.NOTIFY:  # a shared ladder: say of which step, and who has it
            text = f"{to.ask}: {rule.title}" + (f", with {step.holder}" if step.holder else "")
        ask = Ask(step.key, step.occurrence, with_vital(text, step.evidence), step.due_at)
        self._tells.append(
            Tell(
                type=kind,
                stage=Stage.ESCALATE if rung > 0 else rule.stage,
                title=self._title(step, to, rung, reminder),
                person=told.person,
                role=told.role,
                label=self.pack.short(told.role),
                contacts=self._contacts(told.person, told.role),
                step=step.key,
                occurrence=step.occurrence,
                rung=rung,
                reminder=reminder,
                due_at=told.at,
                asks=(ask,),
                slug=slug,
            )
        )
        known = any((t.person, t.rung) == (told.person, told.rung) for t in step.told)
        return step if known else replace(step, told=(*step.told, told))

    def over(self, step: Step, by: str, at: datetime) -> None:
        """Send nothing more of a finished step; whoever was called upon because it stayed undone hears that it is."""
        if self.rule(step).kind is Kind.NOTIFY or step.rung > 0:
            self.stand_down(step, by, at)
        else:
            self.cancel(step)

    def stand_down(self, step: Step, by: str, at: datetime) -> None:
        """Tell those who were told that somebody has it, and what is asked of them still."""
        silent = self.unsent(step) | {by}
        self.cancel(step)
        title = f"Stand down: {self.rule(step).title}"
        who = by if self.roster.rank_of(by) is not None else "somebody"  # an unknown voice may bear a name
        for told in step.told:
            if told.person not in silent:
                still = self._still_offered(told.person, step)
                text = f"{who} has acknowledged it for now" if still else f"No need to act any more: {who} has it"
                self.say(Word(MessageType.CANCEL, title, text, at, still), told.person, told.role, step)
                silent.add(told.person)

    def _still_offered(self, person: str, over: Step) -> tuple[Ask, ...]:
        """Give what is offered to the person all the same: to acknowledge is not to own."""
        return tuple(
            Ask(step.key, step.occurrence, self.rule(step).ask, step.due_at)
            for step in self.case.live_steps()
            if step.id != over.id and step.told_person(person) and self.rule(step).kind is Kind.ACCEPT
        )

    def alarm(self, key: AlarmKey, detail: str, at: datetime, step: Step | None = None, to: Told | None = None) -> None:
        """Ring an alarm and push it to `to`, else to whoever hears alarms now; one that stands is left alone."""
        if (key, detail) in self.case.ringing:
            return
        self.case = replace(self.case, ringing=self.case.ringing | {(key, detail)})
        listener = (to.person, to.role) if to else self.listener()
        self._alarms.append(Alarm(key, detail, listener[0] if listener else None))
        self.note("alarm", at, key=key, detail=detail, to=listener[0] if listener else None)
        if listener is not None:
            title = f"Alarm: {key.replace('_', ' ')}"
            word = Word(MessageType.ALARM, title, f"{title} ({detail.replace('_', ' ')})", at)
            self.say(word, *listener, step or Step(key=key))

    def listener(self) -> tuple[str, Role] | None:
        """Find who hears alarms: the Force Incident Manager, else the sergeant, else the superintendent.

        Where none of them is on duty it is whoever has the highest rank there: an alarm that nobody hears is none.
        """
        for role in ALARM_ROLES:
            choice = self.choose(Addressee(role, CASE_AREA))
            if choice.chosen is not None:
                return choice.chosen.person, role
        last = self.roster.highest(self.now)
        return (last.person, last.role) if last else None

    def _contacts(self, person: str, role: Role) -> tuple[Contact, ...]:
        """Find how to reach a person: by the duty they are on now, in this role if they hold several."""
        best = max(self.roster.spells_of(person), key=lambda d: (d.holds(self.now), d.role == role), default=None)
        return best.contacts if best else ()

    def say(self, word: Word, person: str, role: Role, step: Step) -> None:
        """Say something to one named person beside what a step asks of them."""
        rule = self.pack.steps.get(step.key)
        self._tells.append(
            Tell(
                type=word.type,
                stage=rule.stage if rule and word.type is MessageType.CANCEL else Stage.ESCALATE,
                title=word.title,
                person=person,
                role=role,
                label=self.pack.short(role),
                contacts=self._contacts(person, role),
                step=step.key,
                occurrence=step.occurrence,
                rung=max(step.rung, 0),
                reminder=0,
                due_at=word.at,
                asks=(Ask(step.key, step.occurrence, word.text, None), *word.still),
                slug=f"{word.type}:{step.key}:{word.mark}",
            )
        )

    def _title(self, step: Step, to: Addressee, rung: int, reminder: int) -> str:
        rule, short = self.rule(step), self.pack.short(to.role)
        which = f" {step.occurrence}" if rule.repeats else ""
        if rung > 0:
            again = f" again {reminder}" if reminder else ""
            return f"Escalate{again} to {WHOSE.get(to.area, '')}{short}"
        if reminder:
            return f"Remind {short} {reminder}" if rule.kind is Kind.NOTIFY else f"Remind: {rule.title}{which}"
        return f"{rule.act}{which}"

    def outcome(self) -> Outcome:
        """Close the book."""
        changed = bool(self._entries) or (self.case is not self._before and self.case != self._before)
        return Outcome(
            case=self.case,
            tells=tuple(merged(self._tells, self.pack)),
            cancels=tuple(self._cancels),
            alarms=tuple(self._alarms),
            cleared=tuple(self._cleared),
            entries=tuple(self._entries),
            changed=changed,
        )


def message_type(rule: StepRule, rung: int, reminder: int) -> MessageType:
    """Say why a step's message is sent."""
    if rung > 0:
        return MessageType.ESCALATE
    if reminder:
        return MessageType.REMIND
    return MessageType.NOTIFY if rule.kind is Kind.NOTIFY else MessageType.TASK
