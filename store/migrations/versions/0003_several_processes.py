"""Several workers, timers and watchdogs at once: who lives, who holds a post; and a second channel to a person.

Written out on its own: a migration says what was, whatever the models say later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Heartbeats begin anew, one row a process: they are seconds old at the most."""
    op.drop_table("part")
    op.create_table(
        "part",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", "process"),
    )
    op.create_table(
        "post",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("duty", sa.Column("sms", sa.String(), nullable=True))


def downgrade() -> None:
    """Back to one heartbeat a part; the second channel's addresses go."""
    op.drop_column("duty", "sms")
    op.drop_table("post")
    op.drop_table("part")
    op.create_table(
        "part",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
