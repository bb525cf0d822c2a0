"""Routing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("outcome IS NULL")


def upgrade() -> None:
    op.create_table(
        "staff_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_group")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_group_name")),
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["staff_group.id"],
            name=op.f("fk_group_member_group_id_staff_group"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_group_member_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("group_id", "staff_id", name=op.f("pk_group_member")),
    )
    with op.batch_alter_table("group_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_group_member_staff_id"), ["staff_id"], unique=False)
    op.create_table(
        "agent_state",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("presence", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("took_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "presence IN ('available','away','offline')",
            name=op.f("ck_agent_state_presence_known"),
        ),
        sa.CheckConstraint(
            "capacity BETWEEN 0 AND 50", name=op.f("ck_agent_state_capacity_sensible")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_agent_state_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_agent_state")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("last_agent_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_conversation_group_id_staff_group"),
            "staff_group",
            ["group_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_conversation_last_agent_id_staff"), "staff", ["last_agent_id"], ["id"]
        )
    op.create_table(
        "queue_wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('talk','call_back','left')", name=op.f("ck_queue_wait_outcome_known")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_queue_wait_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["staff_group.id"],
            name=op.f("fk_queue_wait_group_id_staff_group"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_queue_wait_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_wait")),
    )
    with op.batch_alter_table("queue_wait", schema=None) as batch_op:
        batch_op.create_index(
            "ix_queue_wait_conversation_id", ["conversation_id", "id"], unique=False
        )
        batch_op.create_index("ix_queue_wait_queued_at", ["queued_at"], unique=False)
        batch_op.create_index("ix_queue_wait_taken_at", ["taken_at"], unique=False)
    # Whoever waits at this moment goes on waiting.
    op.execute(
        "INSERT INTO queue_wait (conversation_id, reason, is_urgent, queued_at)"
        " SELECT id, coalesce(queue_reason, 'other'), is_urgent, queued_at FROM conversation"
        " WHERE mode = 'queued' AND queued_at IS NOT NULL"
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("wait_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('accepted','declined','expired','withdrawn')",
            name=op.f("ck_offer_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_offer_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wait_id"],
            ["queue_wait.id"],
            name=op.f("fk_offer_wait_id_queue_wait"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["staff_group.id"],
            name=op.f("fk_offer_group_id_staff_group"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_offer_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        for name in ("conversation", "staff"):
            batch_op.create_index(
                f"ix_offer_open_{name}",
                [f"{name}_id"],
                unique=True,
                sqlite_where=OPEN,
                postgresql_where=OPEN,
            )
        batch_op.create_index("ix_offer_wait_id", ["wait_id"], unique=False)
    # Trends read these by time.
    op.create_index("ix_flagged_reply_created_at", "flagged_reply", ["created_at"])
    op.create_index(
        "ix_suggestion_use_created_at_outcome", "suggestion_use", ["created_at", "outcome"]
    )


def downgrade() -> None:
    op.drop_index("ix_suggestion_use_created_at_outcome", "suggestion_use")
    op.drop_index("ix_flagged_reply_created_at", "flagged_reply")
    op.drop_table("offer")
    op.drop_table("queue_wait")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_conversation_last_agent_id_staff"), type_="foreignkey"
        )
        batch_op.drop_constraint(
            batch_op.f("fk_conversation_group_id_staff_group"), type_="foreignkey"
        )
        batch_op.drop_column("last_agent_id")
        batch_op.drop_column("group_id")
    op.drop_table("agent_state")
    op.drop_table("group_member")
    op.drop_table("staff_group")
