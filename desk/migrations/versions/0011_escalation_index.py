"""Raises are found by ticket through the rule that a cause is raised once: one index is enough."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_escalation_ticket_id", table_name="escalation")


def downgrade() -> None:
    op.create_index("ix_escalation_ticket_id", "escalation", ["ticket_id"])
