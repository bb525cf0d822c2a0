"""The schema: migrations build what the models say, on both databases."""

import threading

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from desk.database import Database
from desk.migrate import current_revision, newest_revision, upgrade
from desk.models import Base


def test_migrations_and_models_agree(database):
    with database.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_a_model}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def _is_a_model(name, kind, _parents):
    """The search index differs between the databases and has no model."""
    return kind != "table" or not name.startswith("ticket_search")


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


def test_an_older_database_keeps_its_rows(tmp_path):
    url = f"sqlite:///{tmp_path / 'kefu.db'}"
    upgrade(url, "0001")
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO staff (id, login, display_name, role, password_hash, is_active,"
                " failed_logins, created_at)"
                " VALUES (1, 'li', '小李', 'agent', 'x', 1, 0, '2026-01-01')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO ticket (id, number, kind, state, department, severity,"
                " severity_reasons, channel, has_consent, reply_channel, description, created_at,"
                " due_at, due_trace) VALUES (1, 'T260101-0001-0', 'repair', 'open', 'engineering',"
                " 'general', '[]', 'web', 0, 'chat', '灯不亮', '2026-01-01', '2026-01-02', '[]')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO ticket_entry (ticket_id, kind, actor, at, data)"
                " VALUES (1, 'opened', 'bot', '2026-01-01', '{}')"
            )
        )
        connection.execute(
            text("INSERT INTO staff_session VALUES ('x', 1, '2026-01-01', '2026-01-02')")
        )
    upgrade(url)
    with database.engine.connect() as connection:
        row = connection.execute(text("SELECT description, urged, level FROM ticket")).one()
        assert row == ("灯不亮", 0, 0)
        assert connection.scalar(text("SELECT count(*) FROM ticket_entry")) == 1
        assert connection.scalar(text("SELECT count(*) FROM staff_session")) == 1
        found = text("SELECT rowid FROM ticket_search WHERE ticket_search MATCH '\"灯不 不亮\"'")
        assert connection.scalar(found) == 1
    database.dispose()
