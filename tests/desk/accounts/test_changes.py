"""Passwords that are refused; changes of rights end sessions and are audited."""

import pytest

from desk.accounts import service, sessions
from desk.accounts.models import Role, StaffSession
from desk.accounts.strength import is_common
from desk.audit.models import AuditEntry
from desk.errors import InvalidInput, NotFound, NotLoggedIn
from tests.desk.support import PASSWORD


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "qwertyuiop12",
        "password1234",
        "aaaaaaaaaaaa",
        "woaini1314520",
        "WOAINI1314520",
        "admin1234567",
        "xiaoli202611",
        "kefu12345678",
        "１２３４５６７８９０１２",
        "13800138000a",
    ],
)
def test_passwords_that_are_tried_first_are_refused(database, make, password):
    make.staff(login="xiaoli")
    with database.transaction() as session, pytest.raises(InvalidInput) as caught:
        service.set_password(session, "xiaoli", password)
    assert caught.value.key == "errors.password_common"


@pytest.mark.parametrize(
    "password", [PASSWORD, "三月的雨 打湿旧窗台", "kefu-demo-2026", "x9 Kq;p2mvTz"]
)
def test_others_are_taken_whatever_their_characters(password):
    assert not is_common(password, ("xiaoli", "小李"))


def test_changing_ones_password_keeps_this_session_under_another_token(database, make):
    staff = make.staff(login="xiaoli")
    here, elsewhere = make.token(staff), make.token(staff)
    with database.transaction() as session:
        fresh = service.change_own_password(session, here, PASSWORD, "another-password")
    with database.reading() as session:
        assert service.staff_for_token(session, fresh).id == staff.id
        for old in (here, elsewhere):
            with pytest.raises(NotLoggedIn):
                service.staff_for_token(session, old)


def test_changing_it_needs_the_present_one(database, make):
    token = make.token(make.staff())
    with database.transaction() as session, pytest.raises(InvalidInput) as caught:
        service.change_own_password(session, token, "wrong-password", "another-password")
    assert caught.value.key == "errors.password_wrong"


def test_another_role_ends_all_sessions(database, make):
    staff = make.staff("supervisor")
    token = make.token(staff)
    with database.transaction() as session:
        changed = service.change_staff(session, staff.login, role="agent", actor="admin")
    assert changed.role == Role.AGENT
    with database.reading() as session, pytest.raises(NotLoggedIn):
        service.staff_for_token(session, token)


def test_disabling_shuts_out(database, make):
    staff = make.staff(login="xiaoli")
    with database.transaction() as session:
        service.change_staff(session, "xiaoli", is_active=False)
        assert service.log_in(session, "xiaoli", PASSWORD).error
    with database.transaction() as session, pytest.raises(NotFound):
        service.change_staff(session, "nobody", is_active=False)
    assert staff.login == "xiaoli"


def test_own_sessions_are_listed_and_ended_one_by_one(database, make):
    staff, other = make.staff(), make.staff()
    here, elsewhere, foreign = make.token(staff), make.token(staff), make.token(other)
    with database.transaction() as session:
        mine = sessions.open_sessions(session, staff)
        assert len(mine) == 2
        away = session.get(StaffSession, sessions.hash_token(elsewhere)).public_id
        sessions.end_own(session, staff, away)
        theirs = session.get(StaffSession, sessions.hash_token(foreign)).public_id
        with pytest.raises(NotFound):
            sessions.end_own(session, staff, theirs)
    with database.reading() as session:
        assert service.staff_for_token(session, here)
        assert service.staff_for_token(session, foreign)
        with pytest.raises(NotLoggedIn):
            service.staff_for_token(session, elsewhere)


def test_all_of_this_is_in_the_audit_trail(database, make):
    make.staff(login="xiaoli")
    with database.transaction() as session:
        service.log_in(session, "xiaoli", "wrong-password")
    with database.transaction() as session:
        service.log_in(session, "correct-horse", "typed into the wrong field")
    with database.transaction() as session:
        token, _staff = service.log_in(session, "xiaoli", PASSWORD).require()
    with database.transaction() as session:
        service.change_own_password(session, token, PASSWORD, "another-password")
        service.change_staff(session, "xiaoli", role="qa", actor="admin")
    with database.reading() as session:
        rows = session.query(AuditEntry).order_by(AuditEntry.number).all()
    assert [(row.actor, row.action, row.object) for row in rows] == [
        ("anonymous", "login_failed", "staff xiaoli"),
        ("anonymous", "login_failed", "staff unknown"),
        ("xiaoli", "logged_in", "staff xiaoli"),
        ("xiaoli", "password_changed", "staff xiaoli"),
        ("admin", "session_ended", "staff xiaoli"),
        ("admin", "account_changed", "staff xiaoli"),
    ]
    assert rows[-1].details == {"role": "qa", "department": None, "is_active": True}
