"""Creates and updates the tables, by Alembic, without a configuration file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text

from desk.database import Database
from desk.errors import InvalidInput

MIGRATIONS_DIR = Path(__file__).resolve().parent / "migrations"
# Any number, the same in every process: only one migrates, the others wait.
_LOCK_NUMBER = 5_338_402


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database to a revision; makes the folder of an SQLite file if it is missing.

    Safe to call in several processes at once.
    """
    _migrate(database_url, command.upgrade, revision)


def downgrade(database_url: str, revision: str) -> None:
    """Bring the database back to an earlier revision; what only later ones know is lost.

    Raises:
        InvalidInput: there is no such revision, or the database is older.
    """
    before = current_revision(database_url)
    known = [one.revision for one in ScriptDirectory.from_config(_config(None)).walk_revisions()]
    # From the newest to the oldest.
    if before not in known or revision not in known[known.index(before) :]:
        raise InvalidInput("errors.revision_unknown", revision=revision)
    _migrate(database_url, command.downgrade, revision)


def current_revision(database_url: str) -> str | None:
    """Return the database's revision; None if it has no tables of ours."""
    database = _open(database_url)
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        database.dispose()


def newest_revision() -> str | None:
    """Return the revision that `upgrade` brings a database to."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def write_revision(database_url: str, message: str, revision_id: str) -> None:
    """Write a new migration from what the models have and the database lacks (for developers)."""
    database = _open(database_url)
    try:
        with database.engine.begin() as connection:
            config = _config(connection)
            command.revision(config, message=message, autogenerate=True, rev_id=revision_id)
    finally:
        database.dispose()


def _migrate(database_url: str, change: Callable[[Config, str], None], revision: str) -> None:
    database = _open(database_url)
    try:
        with database.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER}
                )
            change(_config(connection), revision)
            _check_references(connection)
    finally:
        database.dispose()


def _open(database_url: str) -> Database:
    path = database_url.partition(":///")[2]
    if database_url.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    database = Database(database_url)
    if database.engine.dialect.name == "sqlite":
        # SQLite changes a table by copying it: dropping the old one must not count as a deletion.
        event.listen(database.engine, "connect", _allow_broken_references)
    return database


def _allow_broken_references(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken:
        raise RuntimeError(f"a migration left a broken reference in table {broken[0]}")


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
