"""Restores a backup into an empty database, and compares what is there then with the manifest."""

import json
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, event, inspect, select, text
from sqlalchemy.orm import Session

from desk import age
from desk.backup import rows
from desk.backup.writing import FORMAT, MANIFEST, Held, Manifest
from desk.database import Database
from desk.errors import Conflict, InvalidInput
from desk.migrate import upgrade
from desk.privacy.bot_memory import make_tracker_table, tracker_engine
from desk.settings import Settings
from desk.tickets.models import Ticket
from desk.tickets.search import SEARCHED, index_ticket


class Backup:
    """An opened backup: decrypted into a folder that is removed afterwards."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self.manifest = manifest

    def lines(self, folder: str) -> Iterator[bytes]:
        """Yield the lines of one table (`tables/<name>` or `tracker`)."""
        for part in sorted((self._folder / folder).glob("*.jsonl")):
            with part.open("rb") as file:
                yield from file


@contextmanager
def opened(
    source: Path, *, identity: str | None = None, passphrase: str | None = None
) -> Iterator[Backup]:
    """Yield the backup; `identity` is the text of a private key's file.

    Raises:
        InvalidInput: no backup, wrong key, altered or cut short.
    """
    with tempfile.TemporaryDirectory(prefix="kefu-restore-") as name:
        folder = Path(name)
        with _decrypted(source, identity, passphrase) as plain:
            _unpack(plain, folder)
        yield Backup(folder, _manifest(folder))


def verify(backup: Backup, scratch: Path) -> list[str]:
    """Restore into a new SQLite file and return the tables that differ from the manifest."""
    settings = Settings(
        data_dir=scratch,
        database_url=f"sqlite:///{scratch / 'verify.db'}",
        tracker_db_url=f"sqlite:///{scratch / 'verify-tracker.db'}",
    )
    return restore(settings, backup)


def restore(settings: Settings, backup: Backup) -> list[str]:
    """Write all rows into the settings' database, which must be empty; return what differs.

    The schema is then brought to this version.

    Raises:
        Conflict: the database has rows.
        InvalidInput: the backup is of a newer version than this one.
    """
    url = settings.effective_database_url
    refuse_filled(settings)
    try:
        upgrade(url, backup.manifest.revision)
    except Exception as error:
        raise InvalidInput("errors.backup_newer") from error
    database = Database(url)
    if database.engine.dialect.name == "sqlite":
        event.listen(database.engine, "connect", _allow_any_order)
    try:
        with database.engine.begin() as connection:
            differing = _restore_rows(connection, backup)
        differing += _restore_tracker(settings, backup)
        upgrade(url)
        with database.transaction() as session:
            _index_tickets(session)
    finally:
        database.dispose()
    return differing


def refuse_filled(settings: Settings) -> None:
    """Raise `Conflict` if the settings' database has staff, talks or tickets."""
    database = Database(settings.effective_database_url)
    try:
        with database.engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            for name in {"staff", "conversation", "ticket"} & names:
                if connection.scalar(text(f"SELECT count(*) FROM {name}")):
                    raise Conflict("errors.database_not_empty")
    finally:
        database.dispose()


def _index_tickets(session: Session) -> None:
    """Build the search index, which is not in the backup."""
    columns = [getattr(Ticket, name) for name in ("id", *SEARCHED)]
    for row in session.execute(select(*columns)).all():
        index_ticket(session, row)


def _restore_rows(connection: Connection, backup: Backup) -> list[str]:
    tables = {table.name: table for table in rows.tables_of(connection)}
    wanted = backup.manifest.tables
    if set(wanted) != set(tables):
        return sorted(set(wanted) ^ set(tables))
    # Migrations may have written rows of their own.
    for table in reversed(tables.values()):
        connection.execute(table.delete())
    for table in tables.values():
        rows.insert_lines(connection, table, backup.lines(f"tables/{table.name}"))
    for table in tables.values():
        rows.fill_references(connection, table, backup.lines(f"tables/{table.name}"))
        rows.continue_numbers(connection, table)
    return [name for name, table in tables.items() if _held(connection, table) != wanted[name]]


def _restore_tracker(settings: Settings, backup: Backup) -> list[str]:
    wanted = backup.manifest.tracker
    if wanted is None:
        return []
    make_tracker_table(settings)
    with tracker_engine(settings) as engine:
        assert engine is not None
        with engine.begin() as connection:
            table = rows.table_of(connection, "events")
            connection.execute(table.delete())
            rows.insert_lines(connection, table, backup.lines("tracker"))
            rows.continue_numbers(connection, table)
            return [] if _held(connection, table) == wanted else ["tracker"]


def _held(connection: Connection, table: Any) -> Held:
    return Held(*rows.digest_of(rows.lines_of(connection, table)))


@contextmanager
def _decrypted(source: Path, identity: str | None, passphrase: str | None) -> Iterator[BinaryIO]:
    try:
        file = source.open("rb")
    except OSError:
        raise InvalidInput("errors.no_backup", file=source.name) from None
    with file, tempfile.TemporaryFile() as plain:
        if file.read(len(age.MAGIC)) != age.MAGIC:
            raise InvalidInput("errors.no_backup", file=source.name)
        file.seek(0)
        if identity is not None:
            age.open_stream(file, plain, identity)
        else:
            plain.write(age.open_sealed(file.read(), passphrase=passphrase))
        plain.seek(0)
        yield plain


def _unpack(plain: BinaryIO, folder: Path) -> None:
    try:
        with tarfile.open(fileobj=plain, mode="r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InvalidInput("errors.backup_broken") from error


def _manifest(folder: Path) -> Manifest:
    try:
        values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if values.pop("format") != FORMAT:
            raise InvalidInput("errors.backup_newer")
        tables = {name: Held(**held) for name, held in values.pop("tables").items()}
        tracker = values.pop("tracker")
        return Manifest(**values, tables=tables, tracker=Held(**tracker) if tracker else None)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("errors.backup_broken") from error


def _allow_any_order(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")
