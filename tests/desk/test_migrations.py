"""The schema: migrations build what the models say, on both databases."""

import threading

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from desk.database import Database
from desk.migrate import current_revision, newest_revision, upgrade
from desk.models import Base


def test_migrations_and_models_agree(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_database_of_now_is_at_the_newest_revision(database_url):
    assert current_revision(database_url) == newest_revision()


def test_upgrading_again_changes_nothing(database_url):
    upgrade(database_url)
    assert current_revision(database_url) == newest_revision()


def test_a_new_sqlite_file_and_its_folder_are_made(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'folder' / 'kefu.db'}"
    assert current_revision(url) is None
    upgrade(url)
    database = Database(url)
    assert set(Base.metadata.tables) <= set(inspect(database.engine).get_table_names())
    database.dispose()


def test_two_processes_may_upgrade_at_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'kefu.db'}"
    errors = []

    def run():
        try:
            upgrade(url)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert current_revision(url) == newest_revision()
