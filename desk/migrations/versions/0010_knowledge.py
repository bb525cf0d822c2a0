"""Knowledge: the catalogue edited by hand, answers approved, examples, what was not answered."""

import sqlalchemy as sa
from alembic import op

from scripts_library.text.pinyin import syllables

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FOUND_BY = {
    "home": ("code", "estate", "building", "layout", "status"),
    "product": ("code", "name", "series", "kind", "material"),
    "shop_order": ("order_no", "product_code", "product_name", "status", "carrier"),
    "faq": ("code", "subject", "question", "answer"),
}


def upgrade() -> None:
    for table in FOUND_BY:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("search", sa.Text(), server_default="", nullable=False))
            batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
            batch_op.add_column(
                sa.Column("version", sa.Integer(), server_default="1", nullable=False)
            )
    with op.batch_alter_table("faq", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phrasings", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("owner", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("valid_until", sa.Date(), nullable=True))
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confidence", sa.Double(), nullable=True))
    _fill_search()
    _make_tables()


def downgrade() -> None:
    for table in (
        "unanswered_decision", "training_example", "faq_revision", "catalog_change",
    ):  # fmt: skip
        op.drop_table(table)
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("confidence")
    with op.batch_alter_table("faq", schema=None) as batch_op:
        for name in ("phrasings", "owner", "valid_until"):
            batch_op.drop_column(name)
    for table in FOUND_BY:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in ("search", "retired_at", "version"):
                batch_op.drop_column(name)


def _fill_search() -> None:
    """Rows of before are found too, as the model writes it for rows of now."""
    connection = op.get_bind()
    for name, fields in FOUND_BY.items():
        columns: list[sa.ColumnClause[str]] = [sa.column(one) for one in ("id", *fields)]
        rows = connection.execute(sa.select(*columns).select_from(sa.table(name))).all()
        table = sa.table(name, sa.column("id"), sa.column("search"))
        for row_id, *texts in rows:
            found_by = "\n".join(_lines(text[:200]) for text in texts if text)
            changed = sa.update(table).where(table.c.id == row_id).values(search=found_by)
            connection.execute(changed)


def _lines(text: str) -> str:
    folded = "".join(text.lower().split())
    spoken = syllables(folded)
    return "\n".join((folded, "".join(spoken), "".join(one[0] for one in spoken if one)))


def _make_tables() -> None:
    op.create_table(
        "catalog_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('homes','products','orders','faq')",
            name=op.f("ck_catalog_change_kind_known"),
        ),
        sa.CheckConstraint(
            "action IN ('created','changed','retired','restored')",
            name=op.f("ck_catalog_change_action_known"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_catalog_change_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_change")),
    )
    with op.batch_alter_table("catalog_change", schema=None) as batch_op:
        batch_op.create_index("ix_catalog_change_kind_row_id", ["kind", "row_id", "id"])
    op.create_table(
        "faq_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft','submitted','published','rejected','dropped')",
            name=op.f("ck_faq_revision_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff.id"], name=op.f("fk_faq_revision_author_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_faq_revision_decided_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq_revision")),
    )
    with op.batch_alter_table("faq_revision", schema=None) as batch_op:
        batch_op.create_index("ix_faq_revision_state_id", ["state", "id"])
        batch_op.create_index("ix_faq_revision_code", ["code"])
    op.create_table(
        "training_example",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("intent", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed','approved','rejected')",
            name=op.f("ck_training_example_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff.id"], name=op.f("fk_training_example_author_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_training_example_decided_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_training_example_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_example")),
        sa.UniqueConstraint("folded", name=op.f("uq_training_example_folded")),
    )
    with op.batch_alter_table("training_example", schema=None) as batch_op:
        batch_op.create_index("ix_training_example_state_id", ["state", "id"])
    op.create_table(
        "unanswered_decision",
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('faq','example','dismissed')",
            name=op.f("ck_unanswered_decision_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_unanswered_decision_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_unanswered_decision_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_unanswered_decision")),
    )
