"""Opens this installation's database outside the server: for commands and tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from desk.database import Database
from desk.key_ring import use_keys
from desk.migrate import upgrade
from desk.settings import Settings


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Yield the migrated database with the encryption key set; close it at the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    use_keys(settings)
    upgrade(settings.effective_database_url)
    database = Database(settings.effective_database_url)
    try:
        yield database
    finally:
        database.dispose()
