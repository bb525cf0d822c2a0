"""Alembic's entry: called by `desk.migrate` with an open connection, never from a command line."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from desk.database import UtcDateTime
from desk.encryption import EncryptedBytes, EncryptedText
from desk.models import Base


def render_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our column types as what they are in the database: migrations outlive the classes."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, EncryptedText):
        return "sa.Text()"
    if kind == "type" and isinstance(item, EncryptedBytes):
        return "sa.LargeBinary()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_type,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
