"""The first schema: cases, messages, journal, roster, alarms, accounts, revisions.

Written out in full and on its own: a migration says what was, whatever the models say later.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORDS, WHOLE, NUMBER, FLAG = sa.String(), sa.Integer(), sa.Float(), sa.Boolean()
INSTANT, PLAIN = sa.DateTime(timezone=True), sa.JSON()

SQLITE_TRIGGERS = (
    "CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the "
    "journal is append-only'); END",
    "CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the "
    "journal is append-only'); END",
    "CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN EXISTS (SELECT 1 FROM "
    "journal WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
)
POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE "
    "FUNCTION journal_is_append_only()",
    "CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE "
    "FUNCTION journal_is_append_only()",
)


def upgrade() -> None:
    """Make every table, and the triggers that keep the journal append-only."""
    _account()
    _alarm()
    _case_record()
    _home()
    _journal()
    _pack_revision()
    _person()
    _token()
    _duty()
    _fact_seen()
    _message()
    _step()
    _attempt()
    dialect = op.get_context().dialect.name
    for statement in SQLITE_TRIGGERS if dialect == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: before the first schema there is nothing, and a journal is not thrown away."""
    raise NotImplementedError("there is no schema before the first")


def _of(kind: TypeEngine[Any], *names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=null) for name in names]


def _account() -> None:
    op.create_table(
        "account",
        *_of(WORDS, "user", "password_hash", "person", "role"),
        sa.PrimaryKeyConstraint("user", name="pk_account"),
    )


def _alarm() -> None:
    op.create_table(
        "alarm",
        *_of(WHOLE, "id"),
        *_of(WORDS, "key"),
        *_of(WORDS, "to_person", null=True),
        *_of(WORDS, "case_ref", "detail"),
        *_of(INSTANT, "at"),
        *_of(INSTANT, "cleared_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    where = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_alarm_standing",
        "alarm",
        ["key", "case_ref", "detail"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _case_record() -> None:
    op.create_table(
        "case_record",
        *_of(WORDS, "ref", "source", "source_id"),
        *_of(WORDS, "serial", null=True),
        *_of(WORDS, "pack"),
        *_of(WHOLE, "revision", "version"),
        *_of(WORDS, "status"),
        *_of(WORDS, "risk", "risk_rank", "area", null=True),
        *_of(WORDS, "age_band"),
        *_of(PLAIN, "anchors"),
        *_of(WORDS, "owner_person", "owner_role", null=True),
        *_of(INSTANT, "owner_offered_at", "owner_accepted_at", null=True),
        *_of(WORDS, "offered_to", null=True),
        *_of(INSTANT, "offered_at", null=True),
        *_of(WORDS, "tagged_to", null=True),
        *_of(PLAIN, "flags"),
        *_of(WORDS, "call_type"),
        *_of(FLAG, "defective", "non_compliant", "example"),
        *_of(WHOLE, "urgency", "overdue"),
        *_of(INSTANT, "wake_at", null=True),
        *_of(WORDS, "run_id", null=True),
        *_of(WHOLE, "run_number", "passes"),
        *_of(WORDS, "lease_holder", null=True),
        *_of(INSTANT, "lease_until", null=True),
        *_of(INSTANT, "created_at"),
        *_of(PLAIN, "record", "defects"),
        sa.PrimaryKeyConstraint("ref", name="pk_case_record"),
        sa.UniqueConstraint("source", "source_id", name="uq_case_record_source_source_id"),
    )
    op.create_index("ix_case_record_owner_person_status", "case_record", ["owner_person", "status"])
    op.create_index("ix_case_record_status_ref", "case_record", ["status", "ref"])
    op.create_index("ix_case_record_wake_at", "case_record", ["wake_at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        *_of(INSTANT, "at", "written_at"),
        *_of(WORDS, "case_ref", null=True),
        *_of(WORDS, "by", "route", "kind"),
        *_of(PLAIN, "body"),
        *_of(WORDS, "body_hash", "prev_hash", "hash"),
        sa.PrimaryKeyConstraint("seq", name="pk_journal"),
    )
    op.create_index("ix_journal_case_ref_seq", "journal", ["case_ref", "seq"])


def _pack_revision() -> None:
    op.create_table(
        "pack_revision",
        *_of(WORDS, "pack"),
        *_of(WHOLE, "number", "base"),
        *_of(WORDS, "status"),
        *_of(PLAIN, "changes"),
        *_of(WORDS, "text", "reason", "applies_to"),
        *_of(INSTANT, "effective_from"),
        *_of(WORDS, "proposed_by"),
        *_of(INSTANT, "proposed_at"),
        *_of(WORDS, "approved_by", null=True),
        *_of(INSTANT, "approved_at", null=True),
        *_of(WORDS, "withdrawn_by", null=True),
        *_of(INSTANT, "withdrawn_at", null=True),
        *_of(PLAIN, "override", null=True),
        sa.PrimaryKeyConstraint("pack", "number", name="pk_pack_revision"),
        sa.CheckConstraint("number > base", name=op.f("ck_pack_revision_after_base")),
    )


def _person() -> None:
    op.create_table(
        "person",
        *_of(WORDS, "id", "name", "rank"),
        *_of(FLAG, "current"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )


def _token() -> None:
    op.create_table(
        "token",
        *_of(WORDS, "digest", "name", "role"),
        *_of(INSTANT, "created_at"),
        *_of(INSTANT, "revoked_at", null=True),
        sa.PrimaryKeyConstraint("digest", name="pk_token"),
    )


def _duty() -> None:
    op.create_table(
        "duty",
        *_of(WHOLE, "id"),
        *_of(WORDS, "person", "role", "rank", "area"),
        *_of(INSTANT, "from_at", "to_at"),
        *_of(WORDS, "email", "webhook", "phone", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_duty"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_duty_person_person"),
    )
    op.create_index("ix_duty_to_at_from_at", "duty", ["to_at", "from_at"])


def _fact_seen() -> None:
    op.create_table(
        "fact_seen",
        *_of(WORDS, "case_ref", "digest"),
        *_of(INSTANT, "at"),
        sa.PrimaryKeyConstraint("case_ref", "digest", name="pk_fact_seen"),
        sa.ForeignKeyConstraint(
            ["case_ref"], ["case_record.ref"], name="fk_fact_seen_case_ref_case_record", ondelete="CASCADE"
        ),
    )


def _message() -> None:
    op.create_table(
        "message",
        *_of(WHOLE, "id"),
        *_of(WORDS, "attempt_key"),
        *_of(WORDS, "case_ref", null=True),
        *_of(WORDS, "stage", "title", "person", "role", "label", "channel", "address", "type", "step"),
        *_of(WHOLE, "occurrence", "rung", "reminder"),
        *_of(PLAIN, "asks"),
        *_of(INSTANT, "due_at", "queued_at", "not_before"),
        *_of(WORDS, "state"),
        *_of(WHOLE, "tries"),
        *_of(INSTANT, "sent_at", "received_at", null=True),
        *_of(WORDS, "by"),
        *_of(WORDS, "claimed_by", null=True),
        *_of(INSTANT, "claimed_until", null=True),
        *_of(WORDS, "detail", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("attempt_key", name="uq_message_attempt_key"),
        sa.ForeignKeyConstraint(
            ["case_ref"], ["case_record.ref"], name="fk_message_case_ref_case_record", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_message_case_ref_state_not_before", "message", ["case_ref", "state", "not_before"])
    op.create_index("ix_message_person_channel_id", "message", ["person", "channel", "id"])


def _step() -> None:
    op.create_table(
        "step",
        *_of(WORDS, "case_ref", "key"),
        *_of(WHOLE, "occurrence", "position"),
        *_of(WORDS, "status"),
        *_of(INSTANT, "anchor_at", "due_at", null=True),
        *_of(NUMBER, "span_s", null=True),
        *_of(INSTANT, "done_at", null=True),
        *_of(WORDS, "done_by", "holder", "role", null=True),
        *_of(WHOLE, "rung", "rounds", "reminders"),
        *_of(INSTANT, "remind_at", "climb_at", null=True),
        *_of(PLAIN, "told"),
        *_of(WORDS, "reason", null=True),
        *_of(PLAIN, "evidence"),
        sa.PrimaryKeyConstraint("case_ref", "key", "occurrence", name="pk_step"),
        sa.ForeignKeyConstraint(
            ["case_ref"], ["case_record.ref"], name="fk_step_case_ref_case_record", ondelete="CASCADE"
        ),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        *_of(WHOLE, "id"),
        *_of(WORDS, "attempt_key"),
        *_of(INSTANT, "at"),
        *_of(WORDS, "outcome"),
        *_of(WHOLE, "status_code", null=True),
        *_of(WORDS, "detail", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.ForeignKeyConstraint(
            ["attempt_key"], ["message.attempt_key"], name="fk_attempt_attempt_key_message", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_attempt_attempt_key", "attempt", ["attempt_key"])


def _home() -> None:
    op.create_table(
        "counter",
        *_of(WORDS, "name"),
        *_of(WHOLE, "value"),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "meta",
        *_of(WORDS, "key", "value"),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "part",
        *_of(WORDS, "name"),
        *_of(WHOLE, "pid"),
        *_of(INSTANT, "beat_at"),
        sa.PrimaryKeyConstraint("name", name="pk_part"),
    )
