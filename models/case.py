"""Cases and their steps. `record` is the only personal data of a missing person in the store."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field

from models.columns import PlainJson, Table, UtcDateTime, Words


class CaseRow(Table, table=True):
    """One case: what policy knows of it, and what the engine needs to act on it.

    `version` counts the changes of the case itself; run, passes and lease are the engine's and leave it.
    `urgency` is the weight of the risk that the timers run as, `overdue` the number of overdue steps: both
    are derived from the case at each save, so that the database can order and filter by them.
    """

    __tablename__ = "case_record"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_case_record_wake_at", "wake_at"),
        Index("ix_case_record_owner_person_status", "owner_person", "status"),
        Index("ix_case_record_status_ref", "status", "ref"),
        Index("ix_case_record_person_key", "person_key"),
        Index("ix_case_record_refresh_at", "refresh_at"),
        Index("ix_case_record_pack_revision", "pack", "revision"),
    )

    ref: str = Field(primary_key=True)
    source: str = Field(sa_type=Words)
    source_id: str = Field(sa_type=Words)
    serial: str | None = Field(default=None, sa_type=Words)
    pack: str
    revision: int
    version: int = 1
    status: str
    risk: str | None = None
    risk_rank: str | None = None
    area: str | None = Field(default=None, sa_type=Words)
    age_band: str
    anchors: dict[str, object] = Field(default_factory=dict, sa_type=PlainJson)
    owner_person: str | None = Field(default=None, sa_type=Words)
    owner_role: str | None = None
    owner_offered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    owner_accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    offered_to: str | None = Field(default=None, sa_type=Words)
    offered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tagged_to: str | None = Field(default=None, sa_type=Words)
    flags: list[str] = Field(default_factory=list, sa_type=PlainJson)
    call_type: str
    defective: bool = False
    non_compliant: bool = False
    example: bool = False
    urgency: int = 0
    overdue: int = 0
    wake_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    run_id: str | None = None
    run_number: int = 0
    passes: int = 0
    lease_holder: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)  # wall time, not procedure time
    created_at: datetime = Field(sa_type=UtcDateTime)
    record: dict[str, object] = Field(default_factory=dict, sa_type=PlainJson)
    defects: list[object] = Field(default_factory=list, sa_type=PlainJson)
    wellbeing: str | None = None
    interviewer: str | None = Field(default=None, sa_type=Words)
    closure_by: str | None = Field(default=None, sa_type=Words)
    closure_reason: str | None = None
    do_not_disclose: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    resourced: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    linked: list[str] | None = Field(default=None, sa_type=PlainJson)
    late: str | None = None
    shift_ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    risk_floor: str | None = None
    to_confirm: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    re_report_of: str | None = None
    unsearched: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    force: str | None = Field(default=None, sa_type=Words)
    transfer: str | None = None
    bounces: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    refresh_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # since when its page in Prefect is behind
    person_key: str | None = None  # a digest: two records of one person have the same


class StepRow(Table, table=True):
    """One occurrence of one step of a case; `position` keeps the order in which policy holds them."""

    __tablename__ = "step"

    case_ref: str = Field(primary_key=True, foreign_key="case_record.ref", ondelete="CASCADE")
    key: str = Field(primary_key=True)
    occurrence: int = Field(primary_key=True)
    position: int
    status: str
    anchor_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    span_s: float | None = None
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_by: str | None = Field(default=None, sa_type=Words)
    holder: str | None = Field(default=None, sa_type=Words)
    role: str | None = None
    rung: int = -1
    rounds: int = 0
    reminders: int = 0
    remind_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    climb_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told: list[object] = Field(default_factory=list, sa_type=PlainJson)
    reason: str | None = Field(default=None, sa_type=Words)
    evidence: dict[str, object] = Field(default_factory=dict, sa_type=PlainJson)
    opens_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    warn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ladder_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    warned: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
