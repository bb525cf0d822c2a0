"""The schema: migrations build what the models say, on both databases."""

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from desk.accounts.models import Staff
from desk.database import Database
from desk.errors import InvalidInput
from desk.migrate import current_revision, downgrade, newest_revision, upgrade
from desk.models import Base
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.search import text_matches
from desk.tickets.service import open_ticket
from tests.desk.conftest import postgres_schema_of_its_own


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


@pytest.fixture(params=["sqlite", "postgresql"])
def first_url(request, tmp_path):
    """An empty database at the first revision."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'kefu.db'}"
        upgrade(url, "0001")
        yield url
        return
    with postgres_schema_of_its_own() as url:
        upgrade(url, "0001")
        yield url


def test_an_older_database_keeps_its_rows_and_its_tickets_are_found(first_url):
    database = Database(first_url)
    with database.engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement))
    upgrade(first_url)
    with database.engine.connect() as connection:
        row = connection.execute(text("SELECT description, urged, level FROM ticket")).one()
        assert row == ("灯不亮", 0, 0)
        assert connection.scalar(text("SELECT count(*) FROM ticket_entry")) == 2
        assert connection.scalar(text("SELECT count(*) FROM staff_session")) == 1
    with database.reading() as session:
        for typed in ("灯不亮", "云栖 3栋", "报修", "楼道也黑", "T260101-0001"):
            found = session.scalars(select(Ticket.id).where(text_matches(typed))).all()
            assert found == [1], typed
        assert session.scalars(select(Ticket.id).where(text_matches("漏水"))).all() == []
    database.dispose()


OLD_ROWS = (
    "INSERT INTO staff (id, login, display_name, role, password_hash, is_active, failed_logins,"
    " created_at) VALUES (1, 'li', '小李', 'agent', 'x', TRUE, 0, '2026-01-01')",
    "INSERT INTO ticket (id, number, kind, state, department, severity, severity_reasons, channel,"
    " has_consent, reply_channel, estate, building, description, created_at, due_at, due_trace)"
    " VALUES (1, 'T260101-0001-0', 'repair', 'open', 'engineering', 'general', '[]', 'web', FALSE,"
    " 'chat', '云栖雅苑', '3栋', '灯不亮', '2026-01-01', '2026-01-02', '[]')",
    "INSERT INTO ticket_entry (ticket_id, kind, actor, at, data)"
    " VALUES (1, 'opened', 'bot', '2026-01-01', '{}')",
    "INSERT INTO ticket_entry (ticket_id, kind, actor, at, text, data)"
    " VALUES (1, 'supplemented', 'customer', '2026-01-01', '楼道也黑了', '{}')",
    "INSERT INTO staff_session VALUES ('x', 1, '2026-01-01', '2026-01-02')",
)


def test_back_to_the_first_revision_and_forward_again_with_data(database, make):
    """What the first revision knows survives the way back and forth."""
    url = database.engine.url.render_as_string(hide_password=False)
    manager = make.staff("manager")
    conversation = make.queued("电梯停了，转人工")
    with database.transaction() as session:
        number = open_ticket(session, NewTicket(kind="complaint", description="电梯停了")).number
    database.dispose()
    downgrade(url, "0001")
    assert current_revision(url) == "0001"
    upgrade(url)
    with database.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": _is_a_model}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []
    with database.reading() as session:
        assert session.get(Staff, manager.id).role == "supervisor"
        assert make.messages(conversation)[0].text == "电梯停了，转人工"
        ticket = session.scalars(select(Ticket)).one()
        assert (ticket.number, ticket.state) == (number, "open")
        assert session.scalars(select(Ticket.id).where(text_matches("电梯"))).all() == [ticket.id]


@pytest.fixture(params=["sqlite", "postgresql"])
def url_of_before_spots(request, tmp_path):
    """An empty database at the revision before tickets had a spot."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'kefu.db'}"
        upgrade(url, "0012")
        yield url
        return
    with postgres_schema_of_its_own() as url:
        upgrade(url, "0012")
        yield url


def test_tickets_of_before_have_no_spot_and_spots_go_back_behind_the_time(url_of_before_spots):
    url = url_of_before_spots
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text(TICKET_OF_BEFORE))
    upgrade(url)
    with database.transaction() as session:
        old = session.scalars(select(Ticket)).one()
        assert (old.occurred, old.spot) == ("昨晚，小区北门", None)
        for when in ("昨晚", None):
            new = NewTicket(kind="repair", description="灯", occurred=when, spot="5楼楼道")
            open_ticket(session, new)
    database.dispose()
    downgrade(url, "0012")
    with database.engine.connect() as connection:
        rows = connection.scalars(text("SELECT occurred FROM ticket ORDER BY id")).all()
        columns = {column["name"] for column in inspect(connection).get_columns("ticket")}
    assert rows == ["昨晚，小区北门", "昨晚，5楼楼道", "5楼楼道"]
    assert "spot" not in columns
    database.dispose()


TICKET_OF_BEFORE = (
    "INSERT INTO ticket (number, kind, state, department, severity, severity_reasons, channel,"
    " has_consent, reply_channel, occurred, description, created_at, due_at, due_trace, due_steps,"
    " level, urged, pressed, reopened)"
    " VALUES ('T260101-0001-0', 'repair', 'open', 'engineering', 'general', '[]', 'web', FALSE,"
    " 'chat', '昨晚，小区北门', '灯不亮', '2026-01-01', '2026-01-02', '[]', '[]', 0, 0, 0, 0)"
)


@pytest.mark.parametrize("revision", ["9999", "head", ""])
def test_a_revision_that_is_none_is_refused(sqlite_url, revision):
    with pytest.raises(InvalidInput):
        downgrade(sqlite_url, revision)
    assert current_revision(sqlite_url) == newest_revision()
