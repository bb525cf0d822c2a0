"""Quality: draws and samples, second judgements, scorecards, appeals; published rules, scripts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quality_draw",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('random','risk','second','gaps')", name=op.f("ck_quality_draw_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_draw")),
        sa.UniqueConstraint("kind", "day", name=op.f("uq_quality_draw_kind_day")),
    )
    op.create_table(
        "rule_base",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("packs", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_base")),
    )
    op.create_table(
        "rule_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("base_version", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("rule_id", sa.String(length=80), nullable=True),
        sa.Column("overlay", sa.JSON(), nullable=False),
        sa.Column("gate", sa.JSON(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('publish','rollback')", name=op.f("ck_rule_version_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["base_version"],
            ["rule_base.version"],
            name=op.f("fk_rule_version_base_version_rule_base"),
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["staff.id"], name=op.f("fk_rule_version_published_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["staff.id"], name=op.f("fk_rule_version_written_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_version")),
    )
    with op.batch_alter_table("rule_version", schema=None) as batch_op:
        batch_op.create_index("ix_rule_version_version", ["version"], unique=False)

    op.create_table(
        "script_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("script_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft','submitted','published','rejected')",
            name=op.f("ck_script_revision_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff.id"], name=op.f("fk_script_revision_author_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_script_revision_decided_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_revision")),
        sa.UniqueConstraint(
            "script_id", "number", name=op.f("uq_script_revision_script_id_number")
        ),
    )
    with op.batch_alter_table("script_revision", schema=None) as batch_op:
        batch_op.create_index("ix_script_revision_state_id", ["state", "id"], unique=False)

    op.create_table(
        "scorecard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("scorer_id", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("total BETWEEN 0 AND 100", name=op.f("ck_scorecard_total_in_range")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["staff.id"], name=op.f("fk_scorecard_agent_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_scorecard_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["scorer_id"], ["staff.id"], name=op.f("fk_scorecard_scorer_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard")),
    )
    with op.batch_alter_table("scorecard", schema=None) as batch_op:
        batch_op.create_index(
            "ix_scorecard_agent_id_served_at", ["agent_id", "served_at"], unique=False
        )
        batch_op.create_index(
            "uq_scorecard_valid",
            ["conversation_id", "agent_id"],
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        )

    op.create_table(
        "question_gap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('none','own')", name=op.f("ck_question_gap_kind_known")),
        sa.CheckConstraint(
            "state IN ('open','written','dismissed')", name=op.f("ck_question_gap_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_question_gap_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_question_gap_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_gap")),
        sa.UniqueConstraint("message_id", name=op.f("uq_question_gap_message_id")),
    )
    with op.batch_alter_table("question_gap", schema=None) as batch_op:
        batch_op.create_index("ix_question_gap_state_topic", ["state", "topic"], unique=False)

    op.create_table(
        "random_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("finding", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "finding IN ('open','fine','missed')", name=op.f("ck_random_sample_finding_known")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["staff.id"], name=op.f("fk_random_sample_agent_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_random_sample_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_random_sample_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["quality_draw.id"], name=op.f("fk_random_sample_draw_id_quality_draw")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_random_sample_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_random_sample")),
        sa.UniqueConstraint("message_id", name=op.f("uq_random_sample_message_id")),
    )
    with op.batch_alter_table("random_sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_random_sample_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_random_sample_draw_id"), ["draw_id"], unique=False)
        batch_op.create_index("ix_random_sample_finding_id", ["finding", "id"], unique=False)

    op.create_table(
        "risk_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("finding", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "finding IN ('open','fine','missed')", name=op.f("ck_risk_sample_finding_known")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["staff.id"], name=op.f("fk_risk_sample_agent_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_risk_sample_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_risk_sample_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["quality_draw.id"], name=op.f("fk_risk_sample_draw_id_quality_draw")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_risk_sample_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_sample")),
        sa.UniqueConstraint("message_id", name=op.f("uq_risk_sample_message_id")),
    )
    with op.batch_alter_table("risk_sample", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_risk_sample_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_risk_sample_draw_id"), ["draw_id"], unique=False)
        batch_op.create_index("ix_risk_sample_finding_id", ["finding", "id"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flagged_id", sa.Integer(), nullable=True),
        sa.Column("scorecard_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open','upheld','rejected')", name=op.f("ck_appeal_state_known")
        ),
        sa.CheckConstraint(
            "(flagged_id IS NULL) <> (scorecard_id IS NULL)",
            name=op.f("ck_appeal_about_exactly_one"),
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["staff.id"], name=op.f("fk_appeal_agent_id_staff")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_appeal_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["flagged_id"], ["flagged_reply.id"], name=op.f("fk_appeal_flagged_id_flagged_reply")
        ),
        sa.ForeignKeyConstraint(
            ["scorecard_id"], ["scorecard.id"], name=op.f("fk_appeal_scorecard_id_scorecard")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("flagged_id", name=op.f("uq_appeal_flagged_id")),
        sa.UniqueConstraint("scorecard_id", name=op.f("uq_appeal_scorecard_id")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appeal_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index("ix_appeal_state_id", ["state", "id"], unique=False)

    op.create_table(
        "rule_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.String(length=80), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("flagged_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("gate", sa.JSON(), nullable=True),
        sa.Column("gate_for", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "origin IN ('editor','false_alarm','appeal')", name=op.f("ck_rule_draft_origin_known")
        ),
        sa.CheckConstraint(
            "state IN ('open','submitted','published','dropped')",
            name=op.f("ck_rule_draft_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff.id"], name=op.f("fk_rule_draft_author_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["flagged_id"],
            ["flagged_reply.id"],
            name=op.f("fk_rule_draft_flagged_id_flagged_reply"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_draft")),
    )
    with op.batch_alter_table("rule_draft", schema=None) as batch_op:
        batch_op.create_index("ix_rule_draft_flagged_id", ["flagged_id"], unique=False)
        batch_op.create_index("ix_rule_draft_state_id", ["state", "id"], unique=False)

    op.create_table(
        "second_judgement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("flagged_id", sa.Integer(), nullable=False),
        sa.Column("first_by_id", sa.Integer(), nullable=False),
        sa.Column("first_decision", sa.String(length=12), nullable=False),
        sa.Column("second_by_id", sa.Integer(), nullable=True),
        sa.Column("second_decision", sa.String(length=12), nullable=True),
        sa.Column("second_note", sa.Text(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "first_decision IN ('confirmed','false_alarm','coach')",
            name=op.f("ck_second_judgement_first_known"),
        ),
        sa.CheckConstraint(
            "second_decision IN ('confirmed','false_alarm','coach')",
            name=op.f("ck_second_judgement_second_known"),
        ),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["quality_draw.id"], name=op.f("fk_second_judgement_draw_id_quality_draw")
        ),
        sa.ForeignKeyConstraint(
            ["first_by_id"], ["staff.id"], name=op.f("fk_second_judgement_first_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["flagged_id"],
            ["flagged_reply.id"],
            name=op.f("fk_second_judgement_flagged_id_flagged_reply"),
        ),
        sa.ForeignKeyConstraint(
            ["second_by_id"], ["staff.id"], name=op.f("fk_second_judgement_second_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_judgement")),
        sa.UniqueConstraint("flagged_id", name=op.f("uq_second_judgement_flagged_id")),
    )
    with op.batch_alter_table("second_judgement", schema=None) as batch_op:
        batch_op.create_index(
            "ix_second_judgement_second_decision_id", ["second_decision", "id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("second_judgement")
    op.drop_table("rule_draft")
    op.drop_table("appeal")
    op.drop_table("risk_sample")
    op.drop_table("random_sample")
    op.drop_table("question_gap")
    op.drop_table("scorecard")
    op.drop_table("script_revision")
    op.drop_table("rule_version")
    op.drop_table("rule_base")
    op.drop_table("quality_draw")
