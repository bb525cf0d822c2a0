"""Reports' indexes hold tickets that were answered or resolved: a change of others need not write
them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WHEN = ("first_response_at", "resolved_at")
OTHERS = ("department", "level", "due_at", "created_at")


def upgrade() -> None:
    for when in WHEN:
        op.drop_index(f"ix_ticket_{when}_report", table_name="ticket")
        known = sa.text(f"{when} IS NOT NULL")
        op.create_index(
            f"ix_ticket_{when}_report",
            "ticket",
            [when, *OTHERS],
            sqlite_where=known,
            postgresql_where=known,
        )


def downgrade() -> None:
    for when in WHEN:
        op.drop_index(f"ix_ticket_{when}_report", table_name="ticket")
        op.create_index(f"ix_ticket_{when}_report", "ticket", [when, *OTHERS])
