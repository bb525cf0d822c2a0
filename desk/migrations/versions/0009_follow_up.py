"""Follow up: one-time codes for customers who ask how their ticket stands."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "progress_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_code")),
    )
    with op.batch_alter_table("progress_code", schema=None) as batch_op:
        batch_op.create_index("ix_progress_code_phone_index_at", ["phone_index", "at"])
        batch_op.create_index("ix_progress_code_conversation_id_at", ["conversation_id", "at"])


def downgrade() -> None:
    op.drop_table("progress_code")
