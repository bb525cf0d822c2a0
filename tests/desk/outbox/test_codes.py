"""One-time codes: sent to a known phone only, seldom enough, and good for one conversation."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from desk.clock import utc_now
from desk.outbox.channels import Channels, use_channels
from desk.outbox.codes import can_send_codes, send_code
from desk.outbox.models import OutboxMessage
from desk.tickets.domain import NewTicket
from desk.tickets.progress import TRY_LIMIT, ask_progress
from desk.tickets.progress_codes import CODE_LIFE, SEND_LIMIT, SEND_PAUSE
from desk.tickets.service import open_ticket

NOW = utc_now()
PHONE, UNKNOWN = "13800138000", "13900139000"


class Asking:
    """A customer who asks by phone in a conversation of their own."""

    def __init__(self, database, conversation_id):
        self.database, self.id = database, conversation_id

    def send(self, phone=PHONE, now=NOW):
        with self.database.transaction() as session:
            return send_code(session, conversation_id=self.id, phone=phone, now=now)

    def texts(self):
        with self.database.reading() as session:
            found = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
            return [(one.channel, one.address, one.body) for one in found]

    def code(self):
        return re.search(r"验证码是 (\d{6})", self.texts()[-1][2])[1]

    def ask(self, proof=None, phone=PHONE, now=NOW):
        with self.database.transaction() as session:
            found = ask_progress(
                session,
                conversation_id=self.id,
                phone=phone,
                proof=proof,
                by_code=True,
                now=now,
            )
            return [one.number for one in found.tickets], found.needs_proof, found.is_locked


@pytest.fixture
def asking(database, make):
    use_channels(Channels(company="云栖", phone="400-000-0000", has_sms=True))
    yield Asking(database, make.conversation("查进度").id)
    use_channels(None)


@pytest.fixture
def numbers(database):
    """Two tickets under one phone, one of them without a room."""
    new = {"kind": "repair", "description": "漏水", "has_consent": True, "phone": PHONE}
    with database.transaction() as session:
        made = [
            open_ticket(session, NewTicket(**new, **more), now=NOW)
            for more in ({"room": "1201"}, {})
        ]
        return [one.number for one in reversed(made)]


def test_the_code_opens_all_tickets_of_the_phone(asking, numbers):
    assert can_send_codes()
    assert asking.ask() == ([], True, False)
    assert asking.send()
    ((channel, address, _),) = asking.texts()
    assert (channel, address) == ("sms", PHONE)
    assert asking.ask("1201") == ([], False, False)
    assert asking.ask(asking.code())[0] == numbers


def test_a_code_holds_ten_minutes_and_in_its_own_conversation(asking, numbers, make):
    asking.send()
    code = asking.code()
    other = Asking(asking.database, make.conversation("我也查").id)
    assert other.ask(code)[0] == []
    assert asking.ask(code, now=NOW + CODE_LIFE - timedelta(seconds=1))[0] == numbers
    assert asking.ask(code, now=NOW + CODE_LIFE)[0] == []


def test_nobody_tells_from_the_answer_whether_a_phone_is_known(asking, numbers):
    assert asking.send(UNKNOWN)
    assert asking.texts() == []
    assert asking.ask("123456", phone=UNKNOWN) == ([], False, False)


def test_codes_are_not_sent_at_will(asking, numbers, make):
    at = NOW
    assert asking.send()
    assert asking.send(now=NOW + SEND_PAUSE / 2)
    assert len(asking.texts()) == 1
    for _ in range(SEND_LIMIT - 1):
        at += SEND_PAUSE
        assert asking.send(now=at)
    assert len(asking.texts()) == SEND_LIMIT
    later = at + CODE_LIFE
    assert not asking.send(now=later)
    assert not Asking(asking.database, make.conversation("换个对话").id).send(now=later)
    assert len(asking.texts()) == SEND_LIMIT
    assert asking.send(now=NOW + timedelta(hours=25))


def test_wrong_codes_lock_the_phone(asking, numbers):
    asking.send()
    wrong = f"{(int(asking.code()) + 1) % 1_000_000:06}"
    for _ in range(TRY_LIMIT):
        last = asking.ask(wrong)
    assert last == ([], False, True)
    assert asking.ask(asking.code()) == ([], False, True)
