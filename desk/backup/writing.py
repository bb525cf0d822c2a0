"""Writes a backup: what the database held at one moment, while others go on writing.

An age file with a compressed tar inside: `tables/<table>/<part>.jsonl`, `tracker/<part>.jsonl`
(Rasa's record of the talks, encrypted by the desk's keys as it is), and at the end
`manifest.json` with the number of rows and a hash of each table. The keys of encrypted columns
are not in it: `secrets.json` is kept apart.
"""

import io
import json
import os
import tarfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from desk import age
from desk.backup import rows
from desk.database import Database
from desk.errors import DeskError
from desk.privacy.bot_memory import tracker_engine
from desk.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"


class BackupFailed(DeskError):
    """A backup could not be written."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a table holds: number of rows and SHA-256 of their lines."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        revision: of the schema.
        tables: by name.
        tracker: Rasa's events; None if there was no record yet.
    """

    created_at: str
    revision: str
    tables: dict[str, Held] = field(default_factory=dict)
    tracker: Held | None = None
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """Return what `manifest.json` holds."""
        return asdict(self)


def write_backup(
    settings: Settings,
    target: Path,
    *,
    now: datetime,
    recipients: list[str] | None = None,
    passphrase: str | None = None,
) -> Manifest:
    """Write a backup that only the recipients' private keys, or the passphrase, open (mode 0600).

    With a passphrase the whole file is held in memory on the way; with keys it is streamed.

    Raises:
        InvalidInput: neither, or not well-formed; nothing is written then.
        BackupFailed: reading or writing failed; no file is left behind.
    """
    for one in recipients or []:
        age.read_recipient(one)
    if not recipients:
        age.check_passphrase(passphrase or "")
    fresh = target.with_name(target.name + ".part")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            if recipients:
                manifest = _stream(settings, file, recipients, now)
            else:
                plain = io.BytesIO()
                manifest = _write_tar(settings, plain, now)
                file.write(age.seal(plain.getvalue(), passphrase=passphrase))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    except OSError as error:
        raise BackupFailed("errors.backup_failed", reason=type(error).__name__) from error
    finally:
        fresh.unlink(missing_ok=True)
    return manifest


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Yield a connection that sees the database as it is now, whatever others write meanwhile."""
    engine = database.engine.execution_options(kefu_read_only=True)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        # SQLite's snapshot begins with the first reading.
        connection.execute(text("SELECT count(*) FROM alembic_version"))
        yield connection


def _stream(
    settings: Settings, file: io.BufferedWriter, recipients: list[str], now: datetime
) -> Manifest:
    """Encrypt while the tar is written, in a thread of its own."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def encrypt() -> None:
        try:
            with os.fdopen(reading, "rb") as plain:
                age.seal_stream(plain, file, recipients)
        except BaseException as error:
            failures.append(error)

    encrypting = threading.Thread(target=encrypt)
    encrypting.start()
    try:
        with os.fdopen(writing, "wb") as plain:
            manifest = _write_tar(settings, plain, now)
    finally:
        encrypting.join()
    if failures:
        raise BackupFailed("errors.backup_failed", reason=type(failures[0]).__name__)
    return manifest


def _write_tar(settings: Settings, target: Any, now: datetime) -> Manifest:
    database = Database(settings.effective_database_url)
    tables: dict[str, Held] = {}
    tracker = None
    try:
        with tarfile.open(fileobj=target, mode="w|gz") as tar, snapshot(database) as connection:
            revision = MigrationContext.configure(connection).get_current_revision() or ""
            for table in rows.tables_of(connection):
                parts = rows.parts_of(connection, table)
                tables[table.name] = _add(tar, f"tables/{table.name}", parts, now)
            with tracker_engine(settings) as engine:
                if engine is not None:
                    with engine.connect() as store:
                        parts = rows.parts_of(store, rows.table_of(store, "events"))
                        tracker = _add(tar, "tracker", parts, now)
            manifest = Manifest(now.isoformat(), revision, tables, tracker)
            content = json.dumps(manifest.as_json(), ensure_ascii=False, indent=1).encode()
            _add_file(tar, MANIFEST, content, now)
    finally:
        database.dispose()
    return manifest


def _add(tar: tarfile.TarFile, folder: str, parts: Iterable[bytes], now: datetime) -> Held:
    count, digest = 0, rows.new_digest()
    for number, part in enumerate(parts, start=1):
        _add_file(tar, f"{folder}/{number:06}.jsonl", part, now)
        count += part.count(b"\n")
        digest.update(part)
    return Held(count, digest.hexdigest())


def _add_file(tar: tarfile.TarFile, name: str, content: bytes, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = len(content), int(now.timestamp()), 0o600
    tar.addfile(info, io.BytesIO(content))
