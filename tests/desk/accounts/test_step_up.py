"""Confirming a session again, being told of changes to one's account, and logins as typed."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from desk.accounts import second_factor, service, sessions, step_up
from desk.accounts.models import Role, Staff
from desk.accounts.names import is_login, read_login
from desk.accounts.origin import Origin
from desk.audit.models import AuditEntry
from desk.clock import utc_now
from desk.errors import Forbidden
from desk.outbox.account_notices import has_news, tell_owners
from desk.outbox.models import OutboxMessage
from desk.outbox.notices import notices_of
from tests.desk.support import PASSWORD

LATER = step_up.CONFIRMED_FOR + timedelta(seconds=1)


def test_a_login_confirms_for_a_while(database, make):
    staff = make.staff()
    token = make.token(staff)
    now = utc_now()
    with database.reading() as session:
        assert step_up.require_recent(session, token, now).id == staff.id
        with pytest.raises(Forbidden) as caught:
            step_up.require_recent(session, token, now + LATER)
    assert caught.value.key == "errors.confirm_needed"


def test_password_or_code_confirm_again_and_the_trail_tells(database, make):
    staff = make.staff(login="xiaoli")
    token, later = make.token(staff), utc_now() + LATER
    secret = pyotp.random_base32()
    with database.transaction() as session:
        own = session.get(Staff, staff.id)
        own.totp_secret, own.totp_since = secret, own.created_at
    code = pyotp.TOTP(secret).at(later)
    for given, is_right in ((PASSWORD, True), (code, True), (code, False), ("wrong", False)):
        with database.transaction() as session:
            found = sessions.session_for_token(session, token, later)
            found.confirmed_at = None
            problem = step_up.confirm(session, token, given, now=later)
            assert (problem is None, step_up.is_recent(found, later)) == (is_right, is_right)
    with database.reading() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert (actions.count("confirmed"), actions.count("login_failed")) == (2, 2)


def test_guessing_it_is_barred_like_a_login(database, make):
    token = make.token(make.staff())
    for _ in range(5):
        with database.transaction() as session:
            assert step_up.confirm(session, token, "wrong").key == "errors.confirm_wrong"
    with database.transaction() as session:
        assert step_up.confirm(session, token, PASSWORD).status == 429


def told(database, staff):
    while True:
        with database.transaction() as session:
            if not has_news(session):
                break
            tell_owners(session)
    with database.reading() as session:
        return [one.text for one in reversed(notices_of(session, staff))]


def test_owners_hear_of_changes_to_their_account(database, make):
    staff = make.staff(login="xiaoli", email="li@corp.example")
    other = make.staff(login="xiaowang")
    with database.transaction() as session:
        service.set_password(session, "xiaoli", "a-new-password-2026")
        service.change_staff(session, "xiaoli", role="supervisor")
    texts = told(database, staff)
    assert ["密码" in texts[0], "权限" in texts[1], len(texts)] == [True, True, 2]
    assert told(database, staff) == texts, "nothing is told twice"
    assert told(database, other) == []
    with database.reading() as session:
        mails = session.scalars(select(OutboxMessage)).all()
    assert [mail.address for mail in mails] == ["li@corp.example"] * 2
    assert "立即联系管理员" in mails[0].body


def test_a_login_from_a_new_device_is_told_once_a_day(database, make):
    staff = make.staff(login="xiaoli")
    with database.transaction() as session:
        first = service.log_in(session, "xiaoli", PASSWORD, origin=Origin("192.0.2.1"))
    assert told(database, staff) == [], "the first device of an account is nothing new"
    with database.transaction() as session:
        known = Origin("192.0.2.7", device=first.device)
        service.log_in(session, "xiaoli", PASSWORD, origin=known)
    assert told(database, staff) == []
    for address in ("198.51.100.9", "198.51.100.10"):
        with database.transaction() as session:
            service.log_in(session, "xiaoli", PASSWORD, origin=Origin(address))
    (text,) = told(database, staff)
    assert "新的设备" in text and "198.51" not in text


def test_admins_need_a_factor_where_the_settings_say_so(database, make):
    make.staff("admin", login="boss")
    make.staff(login="xiaoli")
    second_factor.use_demand_of_admins(True)
    try:
        with database.transaction() as session:
            assert service.log_in(session, "boss", PASSWORD).stage == "enrol"
            assert service.log_in(session, "xiaoli", PASSWORD).stage == "full"
            second_factor.require_for(session, Role.ADMIN, is_needed=False, actor="system")
            assert service.log_in(session, "boss", PASSWORD).stage == "enrol", "no rule undoes it"
    finally:
        second_factor.use_demand_of_admins(False)
    with database.transaction() as session:
        assert service.log_in(session, "boss", PASSWORD).stage == "full"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" XiaoLi ", "xiaoli"),
        ("ｘｉａｏｌｉ", "xiaoli"),
        ("ＸｉａｏＬｉ　", "xiaoli"),
        ("xiao.li_2-a", "xiao.li_2-a"),
    ],
)
def test_a_login_is_read_as_an_input_method_writes_it(typed, read):
    assert read_login(typed) == read
    assert is_login(read)


@pytest.mark.parametrize(
    "typed",
    [
        "xіaoli",  # Cyrillic і
        "xiaοli",  # Greek ο
        "xiao\u200bli",
        "xiao\u00adli",
        "\u202exiaoli",
        "xiaoli\u0301",
        "ⓧⓘⓐⓞⓛⓘ",
        "𝔵𝔦𝔞𝔬𝔩𝔦",
        "xiaoﬁ",
        "ⅹiaoli",
        "xiaolİ",
        "xıaoli",
        "xiaoli\x00",
        "xiao li",
        "xiaoli/../admin",
    ],
)
def test_what_only_looks_like_a_login_finds_no_account(database, make, typed):
    make.staff(login="xiaoli")
    make.staff(login="xiaofi")
    read = read_login(typed)
    assert not is_login(read)
    with database.transaction() as session:
        assert service.log_in(session, read, PASSWORD).staff is None
