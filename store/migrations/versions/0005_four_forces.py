"""Floors of risk, re-reports, searches, transfers; prints of texts, and who has opened which role's card.

Written out on its own: a migration says what was, whatever the models say later.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TEXT = sa.String()
# Columns of a case: name, type, and what the cases that are there get; None where they get nothing.
ADDED: tuple[tuple[str, sa.types.TypeEngine[Any], object], ...] = (
    ("risk_floor", TEXT, None),
    ("to_confirm", sa.Boolean(), sa.false()),
    ("re_report_of", TEXT, None),
    ("unsearched", sa.Boolean(), sa.false()),
    ("force", TEXT, None),
    ("transfer", TEXT, None),
    ("bounces", sa.Integer(), "0"),
)


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    for name, kind, filled in ADDED:
        column: sa.Column[Any] = sa.Column(name, kind, nullable=filled is None, server_default=filled)  # type: ignore[arg-type]  # a default is a text or an expression
        op.add_column("case_record", column)
    op.create_table(
        "text_print",
        *(sa.Column(name, TEXT, nullable=False) for name in ("print", "case_ref", "step")),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_ref"], ["case_record.ref"], name="fk_text_print_case_ref_case_record", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("print", "case_ref", name="pk_text_print"),
    )
    op.create_table(
        "card_opened",
        *(sa.Column(name, TEXT, nullable=False) for name in ("person", "pack", "role")),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("person", "pack", "role", name="pk_card_opened"),
    )


def downgrade() -> None:
    """Take away what was added: floors, transfers and prints are forgotten."""
    op.drop_table("card_opened")
    op.drop_table("text_print")
    for name, _, _ in ADDED:
        op.drop_column("case_record", name)
