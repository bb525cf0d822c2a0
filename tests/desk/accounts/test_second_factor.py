"""TOTP and recovery codes: set up, asked for at login, none works twice."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from desk.accounts import login as logins
from desk.accounts import second_factor, service, sessions
from desk.accounts.models import Role, SessionStage, Staff
from desk.errors import Conflict, Forbidden, InvalidInput, NotLoggedIn

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
PASSWORD = "correct-horse-2026"


def code_at(secret, when):
    return pyotp.TOTP(secret).at(when)


@pytest.fixture
def enrolled(database, make):
    """An account with a second factor: login, secret, recovery codes."""
    staff = make.staff(login="xiaoli")
    with database.transaction() as session:
        mine = session.get_one(Staff, staff.id)
        secret = second_factor.begin_enrolment(mine)
        codes = second_factor.confirm_enrolment(session, mine, code_at(secret, NOW), NOW)
    return secret, codes


def step_one(database, now=LATER):
    with database.transaction() as session:
        return service.log_in(session, "xiaoli", PASSWORD, now=now)


def step_two(database, token, code, now=LATER):
    with database.transaction() as session:
        return service.enter_code(session, token, code, now=now)


def test_the_password_alone_opens_nothing(database, enrolled):
    begun = step_one(database)
    assert begun.stage == SessionStage.CODE
    with pytest.raises(NotLoggedIn):
        begun.require()
    with database.reading() as session, pytest.raises(NotLoggedIn):
        service.staff_for_token(session, begun.token, LATER)


def test_password_and_code_log_in_under_another_token(database, enrolled):
    secret, _codes = enrolled
    begun = step_one(database)
    token, staff = step_two(database, begun.token, code_at(secret, LATER)).require()
    assert token != begun.token
    with database.reading() as session:
        assert service.staff_for_token(session, token, LATER).id == staff.id
    assert step_two(database, begun.token, code_at(secret, LATER)).error


def test_a_code_works_once_and_only_near_its_time(database, enrolled):
    secret, _codes = enrolled
    code = code_at(secret, LATER)
    step_two(database, step_one(database).token, code).require()
    assert step_two(database, step_one(database).token, code).error
    # The one that enrolled is used up, too.
    assert step_two(database, step_one(database, NOW).token, code_at(secret, NOW), NOW).error
    early = code_at(secret, LATER + timedelta(minutes=5))
    assert step_two(database, step_one(database).token, early).error
    drifted = code_at(secret, LATER + timedelta(seconds=30))
    assert step_two(database, step_one(database).token, drifted).token


def test_a_recovery_code_works_once_however_it_is_written(database, enrolled):
    _secret, codes = enrolled
    written = codes[3].lower().replace("-", " ")
    assert step_two(database, step_one(database).token, written).token
    assert step_two(database, step_one(database).token, codes[3]).error
    with database.reading() as session:
        staff = session.query(Staff).filter_by(login="xiaoli").one()
        assert second_factor.unused_recovery_codes(session, staff) == 9


def test_wrong_codes_bar_like_wrong_passwords(database, enrolled):
    secret, _codes = enrolled
    begun = step_one(database)
    for _ in range(5):
        result = step_two(database, begun.token, "000000")
        assert result.error.key == "errors.code_wrong"
    assert step_two(database, begun.token, code_at(secret, LATER)).error
    assert step_one(database).error


def test_a_login_half_done_ends_after_ten_minutes(database, enrolled):
    secret, _codes = enrolled
    begun = step_one(database)
    late = LATER + sessions.STEP_LENGTH
    assert step_two(database, begun.token, code_at(secret, late), late).error


def test_a_role_may_have_to_have_one(database, make):
    make.staff("supervisor", login="xiaoli")
    with database.transaction() as session:
        second_factor.require_for(session, Role.SUPERVISOR, is_needed=True, actor="admin")
    begun = step_one(database)
    assert begun.stage == SessionStage.ENROL
    with pytest.raises(Forbidden):
        begun.require()
    with database.transaction() as session:
        staff = logins.begun_login(session, begun.token, SessionStage.ENROL, LATER)
        secret = second_factor.begin_enrolment(staff)
        wrong = logins.enrol_at_login(session, begun.token, "000000", now=LATER)
        assert wrong.error.key == "errors.code_wrong"
        done = logins.enrol_at_login(session, begun.token, code_at(secret, LATER), now=LATER)
    assert len(set(done.recovery_codes)) == 10
    with database.reading() as session:
        assert service.staff_for_token(session, done.token, LATER).login == "xiaoli"


def test_setting_up_needs_the_right_code_and_happens_once(database, make, enrolled):
    other = make.staff()
    with database.transaction() as session:
        staff = session.get_one(Staff, other.id)
        with pytest.raises(Conflict):
            second_factor.confirm_enrolment(session, staff, "123456", NOW)
        second_factor.begin_enrolment(staff)
        with pytest.raises(InvalidInput):
            second_factor.confirm_enrolment(session, staff, "abcdef", NOW)
        mine = session.query(Staff).filter_by(login="xiaoli").one()
        with pytest.raises(Conflict):
            second_factor.begin_enrolment(mine)


def test_neither_secret_nor_recovery_codes_lie_in_the_database(database, enrolled):
    secret, codes = enrolled
    with database.reading() as session:
        stored = str(session.execute(text("SELECT totp_secret FROM staff")).all())
        stored += str(session.execute(text("SELECT code_hash FROM recovery_code")).all())
    assert secret not in stored
    assert not any(code.replace("-", "") in stored for code in codes)


def test_who_lost_it_gets_in_again_by_an_admin(database, enrolled):
    with database.transaction() as session:
        service.reset_second_factor(session, "xiaoli", actor="admin")
    assert step_one(database).require()


def test_the_picture_is_drawn_here_and_carries_no_style():
    picture = second_factor.enrolment_picture("JBSWY3DPEHPK3PXP" * 2, login="xiaoli", issuer="云栖")
    assert picture.startswith("<svg")
    assert "style=" not in picture
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
