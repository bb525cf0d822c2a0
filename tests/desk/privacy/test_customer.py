"""Customers see, take back, export and delete their own data in the chat, and nobody else's."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import select, text

from desk.audit.models import AuditEntry
from desk.audit.verification import verify
from desk.conversations import service as conversations
from desk.conversations.photos import add_customer_photo, make_ready
from desk.flood import OWN_DATA
from desk.outbox.channels import Channels, use_channels
from desk.outbox.models import OutboxMessage
from desk.privacy.consent import use_notice
from desk.privacy.models import Consent, Erasure
from desk.privacy.retention import apply_rules, read_rules
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import change_state, open_ticket
from tests.desk.support import PATIENCE_S
from tests.desk.tickets.test_files import photo as make_photo

PHONE, OTHER_PHONE, NAME, SAID = "13800138000", "13900139000", "王丽", "我家卧室漏水特别严重"
COOKIE = {"Cookie": "kefu_visitor=browser-one"}


@pytest.fixture(autouse=True)
def with_notice():
    use_notice("我们会妥善保管您的信息。")


@pytest.fixture
def sms():
    use_channels(Channels("云栖", "400-000", has_sms=True))
    yield
    use_channels(None)


class Customer:
    """A browser with a conversation of its own."""

    def __init__(self, running, name="browser-one"):
        self.running = running
        with running.make.database.transaction() as session:
            talk, self.token = conversations.open_conversation(session, browser=name)
            self.id = talk.id
            conversations.add_customer_message(session, talk.id, client_id="a1", text=SAID)
        self.headers = {"Cookie": f"kefu_visitor={name}", "Authorization": f"Bearer {self.token}"}

    def ticket(self, *, is_closed=False, phone=PHONE, elsewhere=False):
        new = NewTicket(
            kind="repair", description=SAID, has_consent=True, customer_name=NAME, phone=phone,
            conversation_id=None if elsewhere else self.id,
        )  # fmt: skip
        with self.running.make.database.transaction() as session:
            ticket = open_ticket(session, new)
            for state in ("in_progress", "resolved", "closed") if is_closed else ():
                change_state(session, ticket, state, actor="li")
        return ticket.number

    async def post(self, path="", status=200, **body):
        async with httpx.AsyncClient(base_url=self.running.url, timeout=PATIENCE_S) as client:
            url = f"/chat/own-data{path}"
            answer = await client.post(url, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def lines(self, **body):
        found = await self.post(**body)
        return "\n".join(line for part in found["sections"] for line in part["lines"])


@pytest.fixture
def customer(running):
    return Customer(running)


def stored(running, number):
    with running.make.database.reading() as session:
        return session.scalar(select(Ticket).where(Ticket.number == number))


async def test_one_sees_what_is_stored_and_takes_it_home(customer, running):
    number = customer.ticket()
    with running.make.database.transaction() as session:
        photo = make_ready(make_photo())
        add_customer_photo(session, customer.id, client_id="p1", photo=photo)
    shown = await customer.lines()
    assert number in shown and "138****8000" in shown and PHONE not in shown
    assert "1 张照片" in shown and "告知书版本" in shown
    found = await customer.post("/export")
    assert found["tickets"][0]["phone"] == PHONE
    assert found["tickets"][0]["files"], "a chat's photo is a file of its ticket"
    said = found["conversations"][0]["messages"]
    assert said[0]["text"] == SAID
    assert [len(one["photos"]) for one in said if one["photos"]] == [1]


async def test_a_consent_taken_back_ends_what_stood_on_it(customer, running):
    settled, still_open = customer.ticket(is_closed=True), customer.ticket()
    assert (await customer.post())["has_consent"]
    told = (await customer.post("/withdrawal"))["text"]
    assert still_open in told and settled not in told and "1 个事项" in told
    assert stored(running, settled).phone is None and stored(running, settled).description == SAID
    kept = stored(running, still_open)
    # Kept to get it done; nothing is sent to it any more (`desk.outbox.telling`).
    assert (kept.phone, kept.has_consent) == (PHONE, False)
    after = await customer.post()
    assert not after["has_consent"]
    assert "已撤回" in await customer.lines()
    make = running.make
    assert "撤回" in make.messages(make.fresh(type("C", (), {"id": customer.id})))[-1].text
    with make.database.transaction() as session:
        ticket = session.scalar(select(Ticket).where(Ticket.number == still_open))
        for state in ("in_progress", "resolved", "closed"):
            change_state(session, ticket, state, actor="li")
        apply_rules(session, read_rules(), datetime.now(UTC))
    assert stored(running, still_open).phone is None
    with make.database.reading() as session:
        assert all(one.withdrawn_at for one in session.scalars(select(Consent)))
        (row,) = session.scalars(select(AuditEntry))
        assert (row.actor, row.action) == ("customer", "consent_withdrawn")
        assert row.details == {"count": 2, "kept": 1}
        assert verify(session).fault is None


async def test_deletion_keeps_an_open_matter_and_says_so(customer, running):
    settled, still_open = customer.ticket(is_closed=True), customer.ticket()
    told = (await customer.post("/erasure"))["text"]
    assert still_open in told and "保留到办结" in told
    assert stored(running, settled).description == "（已删除）"
    assert stored(running, still_open).phone == PHONE
    assert SAID in str(running.make.messages(type("C", (), {"id": customer.id}))[0].text)
    with running.make.database.reading() as session:
        request = session.scalars(select(Erasure)).one()
        assert (request.state, request.requested_by) == ("open", "customer")


async def test_after_deletion_the_page_opens_nothing(customer, running):
    number = customer.ticket(is_closed=True)
    assert "已删除" in (await customer.post("/erasure"))["text"]
    assert stored(running, number).phone is None
    assert (await customer.post(status=404))["error"]["key"] == "errors.conversation_not_found"
    with running.make.database.reading() as session:
        assert SAID not in str(session.execute(text("SELECT * FROM message")).all())


async def test_a_talk_with_people_is_kept_until_it_ends(customer, running):
    with running.make.database.transaction() as session:
        conversations.request_handover(session, customer.id, reason="requested")
    assert "人工会话" in (await customer.post("/erasure"))["text"]
    assert (await customer.post())["sections"]


async def test_what_is_under_the_same_phone_needs_a_code(customer, running, sms):
    elsewhere = customer.ticket(is_closed=True, elsewhere=True)
    foreign = customer.ticket(is_closed=True, phone=OTHER_PHONE, elsewhere=True)
    assert elsewhere not in await customer.lines()
    assert (await customer.post("/code", phone="138 0013 8000"))["is_sent"]
    # Asking for a phone that nobody left gets the same answer, and no message.
    await customer.post("/code", phone="13700137000")
    with running.make.database.reading() as session:
        (sms_sent,) = session.scalars(select(OutboxMessage))
    code = "".join(one for one in sms_sent.body.split("验证码")[1] if one.isdigit())[:6]
    wrong = "000000" if code != "000000" else "111111"
    for path in ("/export", "/erasure"):
        refused = await customer.post(path, status=422, phone=PHONE, code=wrong)
        assert refused["error"]["key"] == "errors.own_data_code"
    stolen = Customer(running, "browser-two")
    assert await stolen.post(status=422, phone=PHONE, code=code)
    shown = await customer.lines(phone=PHONE, code=code)
    assert elsewhere in shown and foreign not in shown
    found = await customer.post("/export", phone=PHONE, code=code)
    assert [one["number"] for one in found["tickets"]] == [elsewhere]
    assert "已删除" in (await customer.post("/erasure", phone=PHONE, code=code))["text"]
    assert stored(running, elsewhere).phone is None
    assert stored(running, foreign).phone == OTHER_PHONE


async def test_guessing_codes_is_barred(customer, running, sms):
    customer.ticket(elsewhere=True)
    await customer.post("/code", phone=PHONE)
    for _ in range(4):
        await customer.post(status=422, phone=PHONE, code="nonono")
    locked = await customer.post(status=429, phone=PHONE, code="nonono")
    assert locked["error"]["key"] == "errors.own_data_locked"


async def test_nobody_else_gets_at_it(customer, running):
    customer.ticket()
    wrong = [
        {"Authorization": "Bearer made-up"},
        {"Authorization": f"Bearer {customer.token}", "Cookie": "kefu_visitor=browser-two"},
        {"Cookie": "kefu_visitor=browser-one"},
    ]
    async with httpx.AsyncClient(base_url=running.url, timeout=PATIENCE_S) as client:
        for headers in wrong:
            for path in ("", "/code", "/export", "/withdrawal", "/erasure"):
                url = f"/chat/own-data{path}"
                answer = await client.post(url, json={"phone": PHONE}, headers=headers)
                assert answer.status_code == 404, (path, answer.text)
        evil = {**customer.headers, "Origin": "https://evil.example"}
        answer = await client.post("/chat/own-data/erasure", json={}, headers=evil)
        assert answer.status_code == 403
    # Without text messages no phone can be shown to be one's own.
    assert await customer.post("/code", status=404, phone=PHONE)
    assert await customer.post(status=422, phone=PHONE, code="123456")


async def test_asking_all_the_time_is_held_back(customer, running):
    for _ in range(OWN_DATA.count):
        await running.desk.flood.take(OWN_DATA, customer.id)
    assert (await customer.post(status=429))["error"]["details"]["retry_after_s"] > 60


async def test_words_are_in_the_script_of_the_page(customer, running):
    with running.make.database.transaction() as session:
        session.execute(text("UPDATE conversation SET is_traditional = true"))
    assert "聊天記錄" in json.dumps(await customer.post(), ensure_ascii=False)


def test_later(database):
    """Contact details without a consent are cleared in batches, and those of others stay."""
    with database.transaction() as session:
        for consent in (True, True):
            new = NewTicket(kind="repair", description=SAID, has_consent=consent, phone=PHONE)
            ticket = open_ticket(session, new)
            for state in ("in_progress", "resolved", "closed"):
                change_state(session, ticket, state, actor="li")
        ticket.has_consent = False
    with database.transaction() as session:
        apply_rules(session, read_rules(), datetime.now(UTC) + timedelta(days=1))
        assert sorted(bool(one.phone) for one in session.scalars(select(Ticket))) == [False, True]
