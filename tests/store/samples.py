"""Things to store, all of them on the evening of 10 January 2026."""

from datetime import UTC, datetime, timedelta

from policy.case import Case, Owner, Step, Told
from policy.intents import Ask, Entry, Tell
from policy.record_terms import AgeBand
from policy.roster import Contact
from policy.terms import (
    Anchor,
    Channel,
    MessageType,
    Rank,
    Risk,
    Role,
    Stage,
    StepStatus,
)
from store.cases import Stored

AT = datetime(2026, 1, 10, 19, 0, tzinfo=UTC)
WALL = datetime(2031, 5, 5, 5, 5, 5, 123456, tzinfo=UTC)  # real time has nothing to do with the procedure's


def minutes(number: float) -> timedelta:
    """That many minutes."""
    return timedelta(minutes=number)


def a_step(key: str = "notify_local_supervisor", occurrence: int = 1) -> Step:
    """A step with something in every field."""
    return Step(
        key=key,
        occurrence=occurrence,
        status=StepStatus.OVERDUE,
        anchor_at=AT,
        due_at=AT + minutes(10),
        span=minutes(10),
        holder="insp-a",
        role=Role.DUTY_INSPECTOR,
        rung=1,
        rounds=2,
        reminders=3,
        remind_at=AT + minutes(3),
        climb_at=AT + minutes(20),
        told=(Told("insp-a", Role.DUTY_INSPECTOR, 0, AT),),
        reason="busy \0 \ud800 night",
        evidence={"unit": "R1", "n": 1, "ok": True, "list": ["a"], "odd": "\0\ud800"},
    )


def a_case(ref: str = "MP-2026-000001", risk: Risk | None = Risk.MEDIUM) -> Case:
    """A case with something in every field."""
    return Case(
        ref=ref,
        pack="staffordshire",
        revision=1,
        area="stoke",
        age_band=AgeBand.B13_15,
        risk=risk,
        risk_rank=Rank.INSPECTOR,
        anchors={Anchor.CMS_CREATED: AT, Anchor.CALL_RECEIVED: AT - minutes(2)},
        steps=(Step("record_incident", status=StepStatus.DONE, done_at=AT, done_by="ch-1"), a_step()),
        owner=Owner("insp-a", Role.DUTY_INSPECTOR, AT, AT + minutes(1)),
        offered_to="insp-n",
        offered_at=AT,
        tagged_to="insp-a",
        flags=frozenset({"child_in_care", "dementia"}),
    )


def stored(case: Case, wake_at: datetime | None = AT) -> Stored:
    """A case as a door hands it to the store."""
    return Stored(
        case=case,
        version=0,
        source="compact",
        source_id=f"CMP-{case.ref}",
        created_at=AT,
        serial="STORM-1",
        wake_at=wake_at,
        record={"person": {"name": "Somebody \0\ud800"}, "seen": 1.5},
        defects=({"field": "area"},),
    )


def a_tell(
    person: str = "insp-a",
    *,
    kind: MessageType = MessageType.NOTIFY,
    rung: int = 0,
    contacts: tuple[Contact, ...] | None = None,
) -> Tell:
    """A tell of the inspector, by webhook and e-mail unless said otherwise."""
    both = (
        Contact(Channel.WEBHOOK, f"http://127.0.0.1/{person}"),
        Contact(Channel.EMAIL, f"{person}@force.example"),
    )
    step = "notify_local_supervisor"
    return Tell(
        type=kind,
        stage=Stage.NOTIFY,
        title="Notify LOI",
        person=person,
        role=Role.DUTY_INSPECTOR,
        label="LOI",
        contacts=both if contacts is None else contacts,
        step=step,
        occurrence=1,
        rung=rung,
        reminder=0,
        due_at=AT,
        asks=(Ask(step, 1, "Acknowledge that you have this case", AT + minutes(10)),),
    )


def an_entry(kind: str = "told", **body: object) -> Entry:
    """A line for the journal."""
    return Entry(kind, AT, body, by="insp-a")
