"""Chat: cards, read marks, photos."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a customer's chat shows beside text."""
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        for name in ("customer_read_seq", "staff_read_seq"):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("card", sa.JSON(), nullable=True))
    op.create_table(
        "chat_photo",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_chat_photo_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_chat_photo_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_chat_photo_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_photo")),
    )
    with op.batch_alter_table("chat_photo", schema=None) as batch_op:
        for name in ("conversation_id", "message_id", "ticket_id"):
            batch_op.create_index(batch_op.f(f"ix_chat_photo_{name}"), [name], unique=False)


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("chat_photo")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("card")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        for name in ("staff_read_seq", "customer_read_seq"):
            batch_op.drop_column(name)
