"""Complaint follow-up."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('holiday','workday')", name=op.f("ck_calendar_day_kind_known")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "sent_report",
        sa.Column("period", sa.String(length=12), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("period", "begins_on", name=op.f("pk_sent_report")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_absence_begins_before_end")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_absence_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["staff.id"], name=op.f("fk_absence_substitute_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_duty_begins_before_end")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_duty_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_duty_begins_at"), ["begins_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_duty_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "idempotent_call",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_idempotent_call_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_idempotent_call")),
    )
    with op.batch_alter_table("idempotent_call", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotent_call_created_at"), ["created_at"], unique=False
        )

    op.create_table(
        "rectification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open','done','dropped')", name=op.f("ck_rectification_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff.id"], name=op.f("fk_rectification_owner_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification")),
    )
    with op.batch_alter_table("rectification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rectification_category"), ["category"], unique=False)

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_saved_view_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_view_staff_id_name")),
    )
    op.create_table(
        "ticket_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=128), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_ticket_group_created_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_group")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_webhook_created_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_attachment_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "commitment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open','kept','broken')", name=op.f("ck_commitment_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_commitment_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_commitment_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_commitment_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_commitment_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("message_id", "what", name=op.f("uq_commitment_message_id_what")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_commitment_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index("ix_commitment_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "coordination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("led_by_id", sa.Integer(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["led_by_id"], ["staff.id"], name=op.f("fk_coordination_led_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_coordination_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coordination")),
    )
    with op.batch_alter_table("coordination", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coordination_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=48), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("duty", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("substitute_for_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("level BETWEEN 0 AND 2", name=op.f("ck_escalation_level_known")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"],
            ["staff.id"],
            name=op.f("fk_escalation_acknowledged_by_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_escalation_staff_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_for_id"], ["staff.id"], name=op.f("fk_escalation_substitute_for_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_escalation_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("ticket_id", "cause", name=op.f("uq_escalation_ticket_id_cause")),
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_escalation_acknowledged_at_created_at",
            ["acknowledged_at", "created_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_escalation_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_escalation_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=80), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_staff_id_staff")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_notice_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notice_dedupe_key")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index("ix_notice_staff_id_read_at", ["staff_id", "read_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dedupe_key", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("webhook_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_outbox_message_decided_by_id_staff")
        ),
        sa.CheckConstraint(
            "channel IN ('email','sms','webhook')", name=op.f("ck_outbox_message_channel_known")
        ),
        sa.CheckConstraint(
            "state IN ('pending','sending','sent','uncertain','failed','discarded')",
            name=op.f("ck_outbox_message_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_outbox_message_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_outbox_message_webhook_id_webhook")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_message_dedupe_key")),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_message_state_next_try_at", ["state", "next_try_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_message_ticket_id"), ["ticket_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_outbox_message_webhook_id"), ["webhook_id"], unique=False
        )

    op.create_table(
        "outbox_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_outbox_attachment_message_id_outbox_message"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_attachment")),
    )
    with op.batch_alter_table("outbox_attachment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_attachment_message_id"), ["message_id"], unique=False
        )

    op.create_table(
        "progress_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("asked_index", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_try")),
    )
    with op.batch_alter_table("progress_try", schema=None) as batch_op:
        batch_op.create_index("ix_progress_try_asked_index_at", ["asked_index", "at"], unique=False)
        batch_op.create_index(
            "ix_progress_try_conversation_id_at", ["conversation_id", "at"], unique=False
        )

    op.create_table(
        "survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_survey_score_in_range")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_survey_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("ticket_id", "round", name=op.f("uq_survey_ticket_id_round")),
    )
    with op.batch_alter_table("survey", schema=None) as batch_op:
        batch_op.create_index(
            "ix_survey_answered_at_expires_at", ["answered_at", "expires_at"], unique=False
        )
    op.create_table(
        "suspect",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "decision IN ('open','complaint','none')", name=op.f("ck_suspect_decision_known")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_suspect_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_suspect_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_suspect_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_suspect")),
    )
    with op.batch_alter_table("suspect", schema=None) as batch_op:
        batch_op.create_index("ix_suspect_decision_score", ["decision", "score"], unique=False)

    op.create_table(
        "ticket_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('related','duplicate','split')", name=op.f("ck_ticket_link_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["ticket.id"], name=op.f("fk_ticket_link_other_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_link_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_link")),
        sa.UniqueConstraint(
            "ticket_id", "other_id", "kind", name=op.f("uq_ticket_link_ticket_id_other_id_kind")
        ),
    )
    with op.batch_alter_table("ticket_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_link_other_id"), ["other_id"], unique=False)

    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(length=32), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("required_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_responsible_id", sa.Integer(), nullable=False),
        sa.Column("handler_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("pressed", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('sent','accepted','asked_back','proposed','done','cancelled')",
            name=op.f("ck_transfer_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["staff.id"], name=op.f("fk_transfer_created_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["first_responsible_id"],
            ["staff.id"],
            name=op.f("fk_transfer_first_responsible_id_staff"),
        ),
        sa.ForeignKeyConstraint(
            ["handler_id"], ["staff.id"], name=op.f("fk_transfer_handler_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_transfer_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index("ix_transfer_department_state", ["department", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_handler_id"), ["handler_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "pending_entry",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ticket_entry.id"], name=op.f("fk_pending_entry_entry_id_ticket_entry")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_pending_entry")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("screened_seq", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_index(
            "ix_conversation_unscreened",
            ["last_customer_at"],
            unique=False,
            sqlite_where=sa.text("screened_seq < last_seq"),
            postgresql_where=sa.text("screened_seq < last_seq"),
        )

    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_staff_role_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_staff_role_known"),
            "role IN ('agent','qa','supervisor','manager','director','department','admin')",
        )

    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("cause", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("recipient_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("due_steps", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("urged", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("pressed", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("validity", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("paused_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("score", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_ticket_validity_known"), "validity IN ('valid','invalid')"
        )
        batch_op.create_index(
            "ix_ticket_building_category", ["estate", "building", "category"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ticket_cause"), ["cause"], unique=False)
        batch_op.create_index("ix_ticket_department_state", ["department", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_group_id"), ["group_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ticket_merged_into_id"), ["merged_into_id"], unique=False
        )
        batch_op.create_index(
            "ix_ticket_next_check_at",
            ["next_check_at"],
            unique=False,
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_recipient_id"), ["recipient_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_recipient_id_staff"), "staff", ["recipient_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_group_id_ticket_group"), "ticket_group", ["group_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_ticket_merged_into_id_ticket"), "ticket", ["merged_into_id"], ["id"]
        )

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE ticket_search (ticket_id INTEGER PRIMARY KEY REFERENCES ticket (id),"
            " terms TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_ticket_search_terms ON ticket_search USING gin (terms)")
    else:
        op.execute("CREATE VIRTUAL TABLE ticket_search USING fts5(terms, tokenize='unicode61')")
    _strengthen_accounts()
    _keep_an_audit_trail()
    _note_consent_and_erasure()
    _index_for_reports()


def _strengthen_accounts() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("failed_logins")
        batch_op.drop_column("locked_until")
        batch_op.add_column(sa.Column("totp_secret", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("totp_last_step", sa.Integer(), nullable=True))

    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("stage", sa.String(length=8), nullable=False, server_default="full")
        )
        batch_op.add_column(sa.Column("address", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("browser", sa.String(length=64), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_staff_session_stage_known"), "stage IN ('code','enrol','full')"
        )
    op.execute("UPDATE staff_session SET last_seen_at = created_at")
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.alter_column("last_seen_at", nullable=False)

    op.create_table(
        "login_try",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_try")),
    )
    op.create_index(op.f("ix_login_try_last_failed_at"), "login_try", ["last_failed_at"])
    op.create_table(
        "known_device",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_known_device_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_known_device")),
    )
    op.create_index(op.f("ix_known_device_staff_id"), "known_device", ["staff_id"])
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_staff_id"), "recovery_code", ["staff_id"])
    op.create_table(
        "role_rule",
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("needs_second_factor", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_role_rule")),
    )


def _keep_an_audit_trail() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    for column in ("at", "actor", "action", "object"):
        op.create_index(op.f(f"ix_audit_entry_{column}"), "audit_entry", [column])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )


def _note_consent_and_erasure() -> None:
    op.create_table(
        "consent_notice",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_consent_notice")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_consent_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_consent_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["consent_notice.version"], name=op.f("fk_consent_version_consent_notice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    for column in ("conversation_id", "ticket_id", "phone_index"):
        op.create_index(op.f(f"ix_consent_{column}"), "consent", [column])
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone_index", sa.String(length=64), nullable=True),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("requested_by", sa.String(length=64), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.CheckConstraint("state IN ('open','done')", name=op.f("ck_erasure_state_known")),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_erasure_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    for column in ("phone_index", "conversation_id", "state"):
        op.create_index(op.f(f"ix_erasure_{column}"), "erasure", [column])


def _index_for_reports() -> None:
    op.drop_index("ix_ticket_created_at", "ticket")
    indexes = (
        (
            "ix_ticket_created_at_report",
            "ticket",
            (
                "created_at",
                "kind",
                "channel",
                "category",
                "severity",
                "reopened",
                "resolved_at",
                "cause",
            ),
        ),
        (
            "ix_ticket_first_response_at_report",
            "ticket",
            ("first_response_at", "department", "level", "due_at", "created_at"),
        ),
        (
            "ix_ticket_resolved_at_report",
            "ticket",
            ("resolved_at", "department", "level", "due_at", "created_at"),
        ),
        ("ix_ticket_closed_at", "ticket", ("closed_at",)),
        ("ix_ticket_entry_kind_at", "ticket_entry", ("kind", "at")),
        ("ix_survey_asked_at_answered_at", "survey", ("asked_at", "answered_at")),
        ("ix_survey_answered_at_score", "survey", ("answered_at", "score", "ticket_id")),
        (
            "ix_message_created_at_sender_intent",
            "message",
            ("created_at", "sender", "intent"),
        ),
        (
            "ix_conversation_created_at_queue_reason",
            "conversation",
            ("created_at", "queue_reason"),
        ),
    )
    for name, table, columns in indexes:
        op.create_index(name, table, list(columns))

    _index_tickets(op.get_bind())


def _index_tickets(connection: sa.Connection) -> None:
    """Write the search index of the tickets there are.

    It reads the columns that exist at this revision, whatever the models have by now.
    """
    from desk.locale import t
    from desk.tickets.search_terms import index_terms, tsvector

    coded = ("number", "kind", "category", "department")
    plain = ("estate", "building", "unit", "order_no", "cause", "occurred", "description", "wish")
    tickets = sa.table("ticket", *map(sa.column, ("id", *coded, *plain)))
    entries = sa.table("ticket_entry", *map(sa.column, ("id", "ticket_id", "text")))
    said = sa.select(entries.c.text).where(entries.c.text.is_not(None)).order_by(entries.c.id)
    is_postgres = connection.dialect.name == "postgresql"
    put = (
        "INSERT INTO ticket_search (ticket_id, terms) VALUES (:id, CAST(:terms AS tsvector))"
        if is_postgres
        else "INSERT INTO ticket_search (rowid, terms) VALUES (:id, :terms)"
    )
    for ticket in connection.execute(sa.select(tickets)).all():
        texts = [
            ticket.number,
            ticket.number.removeprefix("T"),
            t(f"ticket.kind_{ticket.kind}"),
            t(f"ticket.category_{ticket.category}") if ticket.category else None,
            t(f"ticket.department_{ticket.department}"),
            *(getattr(ticket, name) for name in plain),
        ]
        texts += connection.scalars(said.where(entries.c.ticket_id == ticket.id)).all()
        terms = index_terms(texts)
        stored = tsvector(terms) if is_postgres else " ".join(terms)
        connection.execute(sa.text(put), {"id": ticket.id, "terms": stored})


def downgrade() -> None:
    """Go back to the first tables; what only the follow-up knows is lost."""
    op.execute("DROP TABLE ticket_search")
    _drop_report_indexes()
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_next_check_at")
        for column in ("cause", "group_id", "merged_into_id", "recipient_id"):
            batch_op.drop_index(f"ix_ticket_{column}")
        batch_op.drop_index("ix_ticket_building_category")
        batch_op.drop_index("ix_ticket_department_state")
        batch_op.drop_constraint(batch_op.f("ck_ticket_validity_known"), type_="check")
        for name in ("recipient_id_staff", "group_id_ticket_group", "merged_into_id_ticket"):
            batch_op.drop_constraint(batch_op.f(f"fk_ticket_{name}"), type_="foreignkey")
        for column in _TICKET_COLUMNS:
            batch_op.drop_column(column)
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index("ix_conversation_unscreened")
        batch_op.drop_column("screened_seq")
    for table in _NEW_TABLES:
        op.drop_table(table)
    _weaken_accounts()


_TICKET_COLUMNS = (
    "email", "cause", "recipient_id", "group_id", "warn_at", "next_check_at", "due_steps", "level",
    "urged", "pressed", "reopened", "validity", "paused_since", "first_response_at", "resolved_at",
    "score", "merged_into_id",
)  # fmt: skip
# Those that refer to others come first.
_NEW_TABLES = (
    "erasure", "consent", "consent_notice", "audit_head", "audit_entry", "role_rule",
    "recovery_code", "known_device", "login_try", "pending_entry", "transfer", "ticket_link",
    "suspect", "survey", "progress_try", "outbox_attachment", "outbox_message", "notice",
    "escalation", "coordination", "commitment", "attachment", "webhook", "ticket_group",
    "saved_view", "rectification", "idempotent_call", "duty", "absence", "sent_report",
    "calendar_day",
)  # fmt: skip


def _drop_report_indexes() -> None:
    for name, table in (
        ("ix_conversation_created_at_queue_reason", "conversation"),
        ("ix_message_created_at_sender_intent", "message"),
        ("ix_ticket_entry_kind_at", "ticket_entry"),
        ("ix_ticket_closed_at", "ticket"),
        ("ix_ticket_resolved_at_report", "ticket"),
        ("ix_ticket_first_response_at_report", "ticket"),
        ("ix_ticket_created_at_report", "ticket"),
    ):
        op.drop_index(name, table)
    op.create_index("ix_ticket_created_at", "ticket", ["created_at"])


def _weaken_accounts() -> None:
    with op.batch_alter_table("staff_session", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_staff_session_stage_known"), type_="check")
        for column in ("last_seen_at", "stage", "address", "browser"):
            batch_op.drop_column(column)
    # The first revision knows no manager and no director.
    op.execute("UPDATE staff SET role = 'supervisor' WHERE role IN ('manager','director')")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        for column in ("email", "totp_secret", "totp_since", "totp_last_step"):
            batch_op.drop_column(column)
        batch_op.add_column(
            sa.Column("failed_logins", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f("ck_staff_role_known"), type_="check")
        batch_op.create_check_constraint(
            batch_op.f("ck_staff_role_known"),
            "role IN ('agent','qa','supervisor','department','admin')",
        )
