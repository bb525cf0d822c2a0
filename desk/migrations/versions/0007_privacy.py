"""Privacy: a conversation is bound to its customer's browser; sharing; sealed copies."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A conversation may be opened by several browsers, each with a token of its own."""
    _add_access()
    _add_sharing()
    _add_sealed_copies()


def downgrade() -> None:
    """Keep the oldest browser's token; who has none gets one that nobody knows."""
    for table in ("sealed_copy", "share_use", "share"):
        op.drop_table(table)
    _drop_access()


def _add_access() -> None:
    op.create_table(
        "customer_access",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_customer_access_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_customer_access")),
    )
    op.create_table(
        "return_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_return_link_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_return_link")),
    )
    for table, column in (
        ("customer_access", "conversation_id"),
        ("return_link", "conversation_id"),
        ("return_link", "expires_at"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)
    op.execute(
        "INSERT INTO customer_access (token_hash, conversation_id, created_at)"
        " SELECT token_hash, id, created_at FROM conversation"
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_conversation_token_hash"), type_="unique")
        batch_op.drop_column("token_hash")


def _add_sharing() -> None:
    op.create_table(
        "share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("applicant_id", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_key", sa.String(length=128), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting','approved','refused','withdrawn','used_up')",
            name=op.f("ck_share_state_known"),
        ),
        sa.CheckConstraint("format IN ('xlsx','json')", name=op.f("ck_share_format_known")),
        sa.CheckConstraint("used <= granted", name=op.f("ck_share_used_within_granted")),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["staff.id"], name=op.f("fk_share_applicant_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_share_decided_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
    )
    op.create_index(op.f("ix_share_applicant_id"), "share", ["applicant_id"])
    op.create_index("ix_share_state_requested_at", "share", ["state", "requested_at"])
    op.create_table(
        "share_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("share_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"], ["share.id"], name=op.f("fk_share_use_share_id_share")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_share_use_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_use")),
    )
    op.create_index(op.f("ix_share_use_share_id"), "share_use", ["share_id"])


def _add_sealed_copies() -> None:
    op.create_table(
        "sealed_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_copy")),
    )
    for column in ("subject", "sealed_at"):
        op.create_index(op.f(f"ix_sealed_copy_{column}"), "sealed_copy", [column])


def _drop_access() -> None:
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token_hash", sa.String(length=64), nullable=True))
    # An id is no hash of a token: nothing opens such a conversation.
    op.execute(
        "UPDATE conversation SET token_hash = coalesce((SELECT min(a.token_hash) FROM"
        " customer_access a WHERE a.conversation_id = conversation.id AND a.created_at ="
        " (SELECT min(b.created_at) FROM customer_access b"
        " WHERE b.conversation_id = conversation.id)), id)"
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.alter_column("token_hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_conversation_token_hash"), ["token_hash"])
    op.drop_table("return_link")
    op.drop_table("customer_access")
