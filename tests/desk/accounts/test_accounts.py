"""Accounts: creation, login, lock, sessions, roles."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from desk.accounts import service, sessions
from desk.accounts.models import Role, Staff, StaffSession
from desk.accounts.passwords import hash_password, is_right
from desk.errors import Conflict, Forbidden, InvalidInput, NotFound, NotLoggedIn

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSWORD = "correct-horse-2026"


def attempt(database, login, password, now=NOW):
    with database.transaction() as session:
        return service.log_in(session, login, password, now=now)


def test_created_account_can_log_in(database):
    with database.transaction() as session:
        service.create_staff(
            session, login="xiaoli", display_name=" 小李 ", role="agent", password=PASSWORD
        )
    token, staff = attempt(database, "xiaoli", PASSWORD).require()
    assert (staff.display_name, staff.role) == ("小李", "agent")
    with database.reading() as session:
        assert service.staff_for_token(session, token, NOW).id == staff.id


def test_password_is_stored_as_argon2id_only(database):
    with database.transaction() as session:
        staff = service.create_staff(
            session, login="xiaoli", display_name="小李", role="agent", password=PASSWORD
        )
    assert staff.password_hash.startswith("$argon2id$")
    assert PASSWORD not in staff.password_hash
    assert is_right(PASSWORD, staff.password_hash)
    assert not is_right(PASSWORD + "x", staff.password_hash)


def test_session_token_is_stored_as_hash_only(database, make):
    token = make.token(make.staff())
    with database.reading() as session:
        stored = session.query(StaffSession).one()
    assert token not in stored.token_hash


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"login": "X"}, "errors.login_invalid"),
        ({"login": "小李"}, "errors.login_invalid"),
        ({"login": "a\x00b"}, "errors.login_invalid"),
        ({"login": "a" * 65}, "errors.login_invalid"),
        ({"display_name": "  "}, "errors.display_name_invalid"),
        ({"display_name": "李" * 65}, "errors.display_name_invalid"),
        ({"role": "boss"}, "errors.role_unknown"),
        ({"role": "department"}, "errors.department_missing"),
        ({"password": "short"}, "errors.password_too_short"),
        ({"password": "x" * 257}, "errors.password_too_long"),
    ],
)
def test_malformed_accounts_are_refused(database, values, key):
    given = {"login": "xiaoli", "display_name": "小李", "role": "agent", "password": PASSWORD}
    with database.transaction() as session, pytest.raises(InvalidInput) as caught:
        service.create_staff(session, **{**given, **values})
    assert caught.value.key == key


def test_login_is_unique(database, make):
    make.staff(login="xiaoli")
    with database.transaction() as session, pytest.raises(Conflict):
        service.create_staff(
            session, login="xiaoli", display_name="小李", role="agent", password=PASSWORD
        )


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("xiaoli", "wrong-password"),
        ("nobody", PASSWORD),
        ("xiaoli", ""),
        ("xiaoli", "x" * 10_000),
        ("xiaoli", "\ud800"),
        ("xiao\x00li", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("disabled", PASSWORD),
    ],
)
def test_every_failed_login_has_the_same_answer(database, make, login, password):
    make.staff(login="xiaoli")
    make.staff(login="disabled", is_active=False)
    result = attempt(database, login, password)
    assert (result.token, result.staff) == (None, None)
    with pytest.raises(NotLoggedIn) as caught:
        result.require()
    assert caught.value.key == "errors.login_failed"
    assert caught.value.details == {"limit": 5, "minutes": 5}


def test_five_failures_lock_for_five_minutes(database, make):
    make.staff(login="xiaoli")
    for _ in range(5):
        attempt(database, "xiaoli", "wrong-password")
    assert attempt(database, "xiaoli", PASSWORD).error
    almost = NOW + timedelta(minutes=4, seconds=59)
    assert attempt(database, "xiaoli", PASSWORD, almost).error
    assert attempt(database, "xiaoli", PASSWORD, NOW + timedelta(minutes=5)).token


def test_four_failures_and_a_success_start_the_count_again(database, make):
    make.staff(login="xiaoli")
    for _ in range(2):
        for _ in range(4):
            attempt(database, "xiaoli", "wrong-password")
        assert attempt(database, "xiaoli", PASSWORD).token


def test_session_ends_after_twelve_hours_however_busy(database, make):
    make.staff(login="xiaoli")
    token, _staff = attempt(database, "xiaoli", PASSWORD).require()
    for minutes in range(20, 12 * 60, 20):
        with database.transaction() as session:
            sessions.touch(session, token, NOW + timedelta(minutes=minutes))
    with database.reading() as session:
        service.staff_for_token(session, token, NOW + timedelta(hours=11, minutes=59))
        with pytest.raises(NotLoggedIn):
            service.staff_for_token(session, token, NOW + timedelta(hours=12))


def test_session_ends_after_half_an_hour_without_activity(database, make):
    make.staff(login="xiaoli")
    token, _staff = attempt(database, "xiaoli", PASSWORD).require()
    with database.transaction() as session:
        sessions.touch(session, token, NOW + timedelta(minutes=20))
        service.staff_for_token(session, token, NOW + timedelta(minutes=49))
        with pytest.raises(NotLoggedIn):
            service.staff_for_token(session, token, NOW + timedelta(minutes=50))
        sessions.touch(session, token, NOW + timedelta(minutes=51))
        with pytest.raises(NotLoggedIn):
            service.staff_for_token(session, token, NOW + timedelta(minutes=51))


def test_expired_sessions_are_removed_at_the_next_login(database, make):
    make.staff(login="xiaoli")
    attempt(database, "xiaoli", PASSWORD)
    attempt(database, "xiaoli", PASSWORD, NOW + timedelta(days=1))
    with database.reading() as session:
        assert session.query(StaffSession).count() == 1


def test_log_out_ends_this_session_only(database, make):
    staff = make.staff()
    first, second = make.token(staff), make.token(staff)
    with database.transaction() as session:
        service.log_out(session, first)
        service.log_out(session, None)
    with database.reading() as session:
        assert service.staff_for_token(session, second).id == staff.id
        with pytest.raises(NotLoggedIn):
            service.staff_for_token(session, first)


def test_disabling_an_account_ends_its_sessions(database, make):
    staff = make.staff()
    token = make.token(staff)
    with database.transaction() as session:
        session.get_one(Staff, staff.id).is_active = False
    with database.reading() as session, pytest.raises(NotLoggedIn):
        service.staff_for_token(session, token)


@pytest.mark.parametrize("token", [None, "", "unknown", "\ud800", "x" * 10_000])
def test_unknown_tokens_are_nobody(database, token):
    with database.reading() as session, pytest.raises(NotLoggedIn):
        service.staff_for_token(session, token)


def test_new_password_unlocks_and_ends_sessions(database, make):
    staff = make.staff(login="xiaoli")
    token = make.token(staff)
    for _ in range(5):
        attempt(database, "xiaoli", "wrong-password")
    with database.transaction() as session:
        service.set_password(session, "xiaoli", "another-password")
    with database.reading() as session, pytest.raises(NotLoggedIn):
        service.staff_for_token(session, token)
    assert attempt(database, "xiaoli", "another-password").token
    with database.transaction() as session, pytest.raises(NotFound):
        service.set_password(session, "nobody", "another-password")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("wanted", list(Role))
def test_who_counts_as_what(role, wanted):
    """Admins count as everything, managers and directors as supervisors too."""
    leads = wanted == Role.SUPERVISOR and role in {Role.MANAGER, Role.DIRECTOR}
    if role in {wanted, Role.ADMIN} or leads:
        service.require(Staff(role=role), wanted)
    else:
        with pytest.raises(Forbidden):
            service.require(Staff(role=role), wanted)


def test_hashes_of_another_cost_are_renewed_at_login(database, make):
    staff = make.staff(password_hash=PasswordHasher().hash(PASSWORD))
    make.token(staff)
    with database.reading() as session:
        renewed = session.get_one(Staff, staff.id).password_hash
    assert renewed != staff.password_hash
    assert is_right(PASSWORD, renewed)


def test_broken_hash_fits_nothing():
    assert not is_right(PASSWORD, "not a hash")
    assert hash_password(PASSWORD) != hash_password(PASSWORD)
