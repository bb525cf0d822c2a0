"""The audit trail: written with what it tells of, complete, and tampering is found."""

import threading

import pytest
from sqlalchemy import text

from desk.audit.actions import Action
from desk.audit.models import AuditEntry
from desk.audit.trail import record
from desk.audit.verification import Verdict, as_json, entries, verify


def write(database, times=1, **values):
    for _ in range(times):
        with database.transaction() as session:
            record(session, "xiaoli", Action.REVEALED, "ticket T261122-0001-0", **values)


def verdict(database):
    with database.reading() as session:
        return verify(session)


def change(database, statement):
    with database.transaction() as session:
        session.execute(text(statement))


def test_an_empty_trail_is_in_order(database):
    assert verdict(database) == Verdict(0)


def test_rows_are_numbered_without_gaps_and_in_order(database):
    write(database, 3, note="核对门牌", count=2)
    assert verdict(database) == Verdict(3)
    with database.reading() as session:
        rows = [as_json(entry) for entry in entries(session, 2)]
    assert [row["number"] for row in rows] == [1, 2, 3]
    assert rows[0]["note"] == "核对门牌"
    assert rows[0]["details"] == {"count": 2}


def test_a_transaction_that_fails_leaves_no_row(database):
    with pytest.raises(RuntimeError), database.transaction() as session:
        record(session, "xiaoli", Action.EXPORTED)
        raise RuntimeError
    write(database)
    assert verdict(database) == Verdict(1)


def test_several_events_of_one_transaction(database):
    with database.transaction() as session:
        for action in (Action.LOGGED_IN, Action.EXPORTED):
            record(session, "xiaoli", action)
    assert verdict(database) == Verdict(2)


def test_the_note_is_encrypted(database):
    write(database, note="客户姓王")
    with database.reading() as session:
        assert "王" not in session.execute(text("SELECT note FROM audit_entry")).scalar_one()


def test_a_files_hash_may_look_like_a_phone_but_no_phone_gets_in(database):
    digest = "a13800138000" + "0" * 52
    write(database, sha256=digest)
    with database.reading() as session:
        assert [one.details["sha256"] for one in entries(session)] == [digest]
    for personal in ("13800138000", "a13800138000", f"{digest} 13800138000", "王丽"):
        with pytest.raises(ValueError, match="ids and codes only"):
            write(database, why=personal)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE audit_entry SET actor = 'x' WHERE number = 3", Verdict(2, "altered", 3)),
        ("UPDATE audit_entry SET details = '{}' WHERE number = 2", Verdict(1, "altered", 2)),
        ("UPDATE audit_entry SET note = 'k1:AAAA' WHERE number = 4", Verdict(3, "altered", 4)),
        ("UPDATE audit_entry SET note = NULL WHERE number = 1", Verdict(0, "altered", 1)),
        ("UPDATE audit_entry SET at = '2020-01-01 00:00:00+00'", Verdict(0, "altered", 1)),
        ("UPDATE audit_entry SET seal = 'x' WHERE number = 5", Verdict(4, "altered", 5)),
        ("DELETE FROM audit_entry WHERE number = 3", Verdict(2, "missing", 3)),
        ("DELETE FROM audit_entry WHERE number = 1", Verdict(0, "missing", 1)),
        ("DELETE FROM audit_entry WHERE number = 5", Verdict(4, "missing", 5)),
        ("DELETE FROM audit_entry", Verdict(0, "missing", 1)),
        ("UPDATE audit_entry SET number = 9 WHERE number = 5", Verdict(4, "missing", 5)),
        ("UPDATE audit_head SET number = 4", Verdict(5, "head", 4)),
        ("DELETE FROM audit_head", Verdict(5, "head", 0)),
    ],
)
def test_the_first_altered_or_missing_row_is_named(database, statement, found):
    write(database, 5, note="核对", count=1)
    change(database, statement)
    assert verdict(database) == found


def test_a_row_with_a_copied_seal_is_found(database):
    write(database, 4)
    with database.transaction() as session:
        seal = session.get_one(AuditEntry, 2).seal
        session.get_one(AuditEntry, 3).seal = seal
    assert verdict(database) == Verdict(2, "altered", 3)


def test_many_writers_at_once_make_one_chain(database):
    """Each holds a row of its own first: the head is always the last lock, so none can deadlock."""
    failures = []

    def work(number):
        try:
            for _ in range(10):
                with database.transaction() as session:
                    record(session, f"staff{number}", Action.EXPORTED)
                    session.execute(text("SELECT 1"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert verdict(database) == Verdict(60)


@pytest.mark.parametrize(
    ("object", "details"),
    [
        ("王丽", {}),
        ("ticket 13800138000", {}),
        ("ticket", {"phone": "+8613800138000"}),
        ("ticket", {"room": "3栋1201"}),
        ("ticket", {"text": "a" * 200}),
    ],
)
def test_what_could_be_personal_is_not_taken(database, object, details):
    with database.transaction() as session, pytest.raises(ValueError, match="ids and codes"):
        record(session, "xiaoli", Action.REVEALED, object, **details)


def test_work_that_only_reads_cannot_be_audited_by_mistake(database):
    with database.reading() as session, pytest.raises(RuntimeError):
        record(session, "xiaoli", Action.REVEALED)
