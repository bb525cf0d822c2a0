"""A ticket's floor or public place has a column of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket", sa.Column("spot", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Where it was goes back to where it was kept before: behind the time."""
    op.execute(
        "UPDATE ticket SET occurred = substr(CASE WHEN occurred IS NULL THEN spot"
        " ELSE occurred || '，' || spot END, 1, 128) WHERE spot IS NOT NULL"
    )
    op.drop_column("ticket", "spot")
