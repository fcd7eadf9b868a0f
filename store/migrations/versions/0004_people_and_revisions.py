"""People sign in as themselves; revisions of packs come into force; pages in Prefect that are behind their case.

Written out on its own: a migration says what was, whatever the models say later.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TEXT = sa.String()

# Table: name, type, and what rows that are there get; None where they get nothing.
ADDED: dict[str, tuple[tuple[str, sa.types.TypeEngine[Any], str | None], ...]] = {
    "account": (
        ("wrong", sa.Integer(), "0"),
        ("locked_until", INSTANT, None),
        ("break_glass", sa.Boolean(), "false"),
        ("disabled_at", INSTANT, None),
        ("subject", TEXT, None),
        ("created_at", INSTANT, None),
    ),
    "token": (
        ("scopes", sa.JSON(none_as_null=True), None),
        ("expires_at", INSTANT, None),
        ("created_by", TEXT, None),
        ("person", TEXT, None),
        ("last_used_at", INSTANT, None),
    ),
    "pack_revision": (
        ("kind", TEXT, "numbers"),
        ("withdrawn_reason", TEXT, None),
        ("settled_at", INSTANT, None),
    ),
    "case_record": (("refresh_at", INSTANT, None),),
}
INDEXES = (
    ("ix_account_subject", "account", ["subject"], True),
    ("ix_case_record_refresh_at", "case_record", ["refresh_at"], False),
    ("ix_case_record_pack_revision", "case_record", ["pack", "revision"], False),
)


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    for table, columns in ADDED.items():
        for name, kind, filled in columns:
            op.add_column(table, _column(name, kind, filled))
    for name, table, names, unique in INDEXES:
        op.create_index(name, table, names, unique=unique)
    _sign_in()
    _looked()
    _acting()
    _preview()


def downgrade() -> None:
    """Take away what was added: sessions end, revisions lose how they came."""
    for table in ("preview", "acting", "looked", "sign_in"):
        op.drop_table(table)
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table_name=table)
    for table, columns in ADDED.items():
        for name, _, _ in columns:
            op.drop_column(table, name)


def _column(name: str, kind: sa.types.TypeEngine[Any], filled: str | None) -> sa.Column[Any]:
    default = sa.false() if filled == "false" else filled
    return sa.Column(name, kind, nullable=filled is None, server_default=default)


def _sign_in() -> None:
    op.create_table(
        "sign_in",
        *(sa.Column(name, TEXT, nullable=False) for name in ("digest", "user", "person", "csrf", "how")),
        sa.Column("reason", TEXT, nullable=True),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("begun_at", "seen_at", "until_at")),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in"),
    )


def _looked() -> None:
    op.create_table(
        "looked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_ref", TEXT, nullable=False),
        sa.Column("person", TEXT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("via", TEXT, nullable=False),
        sa.Column("sign_in", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["case_ref"], ["case_record.ref"], name="fk_looked_case_ref_case_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_looked"),
    )
    op.create_index("ix_looked_case_ref", "looked", ["case_ref"])


def _acting() -> None:
    op.create_table(
        "acting",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("person", "role", "rank", "area")),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("to_at", INSTANT, nullable=False),
        sa.Column("granted_by", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["person"], ["person.id"], name="fk_acting_person_person"),
        sa.PrimaryKeyConstraint("id", name="pk_acting"),
    )


def _preview() -> None:
    op.create_table(
        "preview",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("pack", TEXT, nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_preview"),
    )
