"""Who may open a conversation as its customer: token and browser, return links, nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import text

from desk.conversations import capability, service
from desk.conversations.access_models import CustomerAccess
from desk.database import Database
from desk.errors import NotFound
from desk.migrate import _config, _open, upgrade

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINE, THEIRS = "my-browser", "their-browser"


def opened(database, browser=MINE):
    with database.transaction() as session:
        conversation, token = service.open_conversation(session, browser=browser, now=NOW)
    return conversation.id, token


def opens(database, token, *browsers, at=NOW):
    """Return the id of the conversation that opens, None if none does."""
    with database.reading() as session:
        try:
            return capability.check(session, token, browsers=browsers, now=at).id
        except NotFound:
            return None


def test_only_the_token_opens_and_only_in_its_browser(database):
    mine, token = opened(database)
    other, others_token = opened(database, THEIRS)
    assert opens(database, token, MINE) == mine
    assert opens(database, token, "page-cookie", MINE) == mine
    assert opens(database, token) is None
    assert opens(database, token, THEIRS) is None
    assert opens(database, others_token, MINE) is None
    assert opens(database, others_token, THEIRS) == other
    with database.reading() as session:
        stored = session.query(CustomerAccess).filter_by(conversation_id=mine).one()
    for wrong in ("", "x", token[:-1], "\ud800", stored.token_hash, stored.browser_hash):
        assert opens(database, wrong, MINE) is None


def test_secrets_are_stored_as_hashes_that_tell_no_common_browser(database):
    first, token = opened(database)
    second, _ = opened(database)
    with database.reading() as session:
        rows = {one.conversation_id: one for one in session.query(CustomerAccess)}
    assert rows[first].browser_hash != rows[second].browser_hash
    assert token not in str(vars(rows[first]))
    assert MINE not in str(vars(rows[first]))


def test_without_a_cookie_the_token_serves_for_two_idle_hours(database):
    mine, token = opened(database, browser=None)
    assert opens(database, token, at=NOW + timedelta(hours=2)) == mine
    assert opens(database, token, at=NOW + timedelta(hours=2, seconds=1)) is None
    with database.transaction() as session:
        wrote_at = NOW + timedelta(hours=1)
        service.add_customer_message(session, mine, client_id="a1", text="在吗", now=wrote_at)
    assert opens(database, token, at=NOW + timedelta(hours=3)) == mine


def test_an_unbound_token_is_bound_once(database):
    mine, token = opened(database, browser=None)
    with database.transaction() as session:
        assert not capability.is_bound(session, token)
        capability.bind(session, token, MINE)
        capability.bind(session, token, THEIRS)
        assert capability.is_bound(session, token)
    assert opens(database, token, MINE, at=NOW + timedelta(days=30)) == mine
    assert opens(database, token, THEIRS) is None
    assert opens(database, token) is None


def link_to(database, conversation_id, **values):
    with database.transaction() as session:
        return capability.issue_return_link(session, conversation_id, now=NOW, **values)


def redeem(database, link, browser=THEIRS, at=NOW):
    with database.transaction() as session:
        conversation, token = capability.redeem_return_link(session, link, browser=browser, now=at)
        return conversation.id, token


def test_a_return_link_lets_another_browser_in_once(database):
    mine, token = opened(database)
    link = link_to(database, mine)
    found, new_token = redeem(database, link)
    assert found == mine
    assert opens(database, new_token, THEIRS) == mine
    assert opens(database, new_token, MINE) is None
    assert opens(database, token, MINE) == mine
    with pytest.raises(NotFound) as caught:
        redeem(database, link)
    assert caught.value.key == "errors.return_link_over"


def test_return_links_end(database):
    mine, _ = opened(database)
    old, new = link_to(database, mine), link_to(database, mine, lifetime=timedelta(hours=1))
    for link, at in ((old, NOW), (new, NOW + timedelta(hours=1)), ("x", NOW), ("", NOW)):
        with pytest.raises(NotFound):
            redeem(database, link, at=at)
    redeem(database, new, at=NOW + timedelta(minutes=59))


def test_revoked_is_shut_for_all(database):
    mine, token = opened(database)
    link = link_to(database, mine)
    with database.transaction() as session:
        capability.revoke_all(session, mine)
    assert opens(database, token, MINE) is None
    with pytest.raises(NotFound):
        redeem(database, link)


def test_tokens_of_before_still_open_after_the_migration(tmp_path):
    url = f"sqlite:///{tmp_path / 'kefu.db'}"
    upgrade(url, "0006")
    database = Database(url)
    hashed = capability.hash_token("old token")
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO conversation (id, token_hash, mode, is_urgent, version, last_seq,"
                " is_traditional, source, created_at, screened_seq) VALUES"
                " ('a', :hash, 'bot', 0, 1, 0, 0, 'web', '2026-11-20 08:30:00', 0)"
            ),
            {"hash": hashed},
        )
    upgrade(url)
    assert opens(database, "old token") == "a"
    with _open(url).engine.begin() as connection:
        command.downgrade(_config(connection), "0006")
        assert connection.scalar(text("SELECT token_hash FROM conversation")) == hashed
    database.dispose()
