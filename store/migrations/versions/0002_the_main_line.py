"""What a case carries from its first report to its closure: found, interviewed, closed; warnings and series of steps.

Written out on its own: a migration says what was, whatever the models say later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CASE_WORDS = ("wellbeing", "interviewer", "closure_by", "closure_reason", "late", "person_key")
CASE_FLAGS = ("do_not_disclose", "resourced")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns; what is there already gets the value that means *not yet*."""
    for name in CASE_WORDS:
        op.add_column("case_record", sa.Column(name, sa.String(), nullable=True))
    for name in CASE_FLAGS:
        op.add_column("case_record", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("case_record", sa.Column("linked", sa.JSON(), nullable=True))
    op.add_column("case_record", sa.Column("shift_ends_at", INSTANT, nullable=True))
    op.create_index("ix_case_record_person_key", "case_record", ["person_key"])
    for name in ("opens_at", "warn_at", "ladder_at"):
        op.add_column("step", sa.Column(name, INSTANT, nullable=True))
    op.add_column("step", sa.Column("warned", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take the columns away again, with what they hold."""
    op.drop_index("ix_case_record_person_key", "case_record")
    for name in (*CASE_WORDS, *CASE_FLAGS, "linked", "shift_ends_at"):
        op.drop_column("case_record", name)
    for name in ("opens_at", "warn_at", "ladder_at", "warned"):
        op.drop_column("step", name)
