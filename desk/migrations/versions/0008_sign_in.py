"""Sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_provisioned", sa.Boolean(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_identity_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_staff_identity_issuer_subject")),
        sa.UniqueConstraint("staff_id", "issuer", name=op.f("uq_staff_identity_staff_id_issuer")),
    )
    op.create_table(
        "sign_on_try",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('login','link','confirm')", name=op.f("ck_sign_on_try_purpose_known")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_sign_on_try_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_on_try")),
    )
    with op.batch_alter_table("sign_on_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_on_try_expires_at"), ["expires_at"], unique=False)
    op.create_table(
        "account_notice_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_account_notice_mark_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_notice_mark")),
    )
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_column("confirmed_at")
    op.drop_table("account_notice_mark")
    with op.batch_alter_table("sign_on_try", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_on_try_expires_at"))
    op.drop_table("sign_on_try")
    op.drop_table("staff_identity")
