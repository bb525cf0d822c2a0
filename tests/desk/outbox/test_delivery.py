"""Sending: at most once, tried again where that is certain to be right, never given up silently."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from desk.outbox.delivery import MOST_ATTEMPTS, claim, deliver_due, pause_after, recover
from desk.outbox.models import Notice, OutboxMessage
from desk.outbox.senders.sms import SmsFile, SmsGateway
from desk.outbox.senders.smtp import SmtpSender
from desk.outbox.service import File, enqueue_email, enqueue_sms
from desk.settings import PROJECT_DIR
from tests.desk.outbox.conftest import CONTACT, NOW, PHONE
from tests.desk.outbox.servers import http_server, mail_server
from tests.desk.support import ENCRYPTION_KEY

SENDER = "云栖客服 <kefu@example.com>"
PLAIN = "kefu@example.com"


@pytest.fixture
def mailbox():
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def endpoint():
    with http_server() as endpoint:
        yield endpoint


@pytest.fixture
def mail(database):
    """Put an e-mail into the outbox."""

    def put(key="k1", address="wang@example.com", **values):
        with database.transaction() as session:
            values = {"subject": "您的报修有新进展", "body": "已更换密封条。", **values}
            return enqueue_email(session, key=key, address=address, now=NOW, **values)

    return put


def sms(database, key="s1"):
    with database.transaction() as session:
        return enqueue_sms(session, key=key, phone=PHONE, body="【云栖】已登记", now=NOW)


def only(post):
    (message,) = post.all(OutboxMessage)
    return message


async def deliver(database, senders, now=NOW):
    return await deliver_due(database, senders, clock=lambda: now)


def test_the_same_key_is_kept_once(mail, post):
    assert mail() is True
    assert mail(body="anders") is False
    assert only(post).body == "已更换密封条。"


async def test_an_email_arrives_with_its_files(mail, mailbox, database, post):
    mail(attachments=[File("周报.pdf", "application/pdf", b"%PDF-1.4 x")])
    assert await deliver(database, {"email": SmtpSender(mailbox.url, PLAIN)}) == 1
    (arrived,) = mailbox.mails
    assert arrived["Subject"] == "您的报修有新进展"
    assert arrived["From"] == PLAIN
    assert arrived.get_body().get_content().strip() == "已更换密封条。"
    (file,) = arrived.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("周报.pdf", b"%PDF-1.4 x")
    message = only(post)
    assert (message.state, message.attempts, message.sent_at) == ("sent", 1, NOW)
    assert await deliver(database, {"email": SmtpSender(mailbox.url, PLAIN)}) == 0
    assert len(mailbox.mails) == 1


async def test_a_server_that_is_away_is_tried_again_later(mail, database, post):
    mail()
    sender = SmtpSender("smtp://127.0.0.1:9", PLAIN)
    assert await deliver(database, {"email": sender}) == 1
    message = only(post)
    assert (message.state, message.last_error) == ("pending", "ConnectionRefusedError")
    wait = message.next_try_at - NOW
    assert timedelta(seconds=24) <= wait <= timedelta(seconds=36)
    assert await deliver(database, {"email": sender}) == 0


@pytest.mark.parametrize(
    ("refusal", "state"), [("550 no such mailbox", "failed"), ("450 busy", "pending")]
)
async def test_a_refusal_is_final_or_not(mail, mailbox, database, post, make, refusal, state):
    supervisor = make.staff("supervisor")
    mail()
    mailbox.refuses = refusal
    await deliver(database, {"email": SmtpSender(mailbox.url, PLAIN)})
    assert only(post).state == state
    assert only(post).last_error == f"smtp {refusal[:3]}"
    keys = [notice.key for notice in post.notices(supervisor.id)]
    assert keys == (["outbox.notice_failed_plain"] if state == "failed" else [])


async def test_a_connection_lost_after_the_message_is_uncertain(
    mail, mailbox, database, post, make
):
    supervisor = make.staff("supervisor")
    mail()
    mailbox.answers = [None]
    await deliver(database, {"email": SmtpSender(mailbox.url, PLAIN)})
    assert only(post).state == "uncertain"
    assert [one.key for one in post.notices(supervisor.id)] == ["outbox.notice_uncertain_plain"]
    assert await deliver(database, {"email": SmtpSender(mailbox.url, PLAIN)}) == 0
    assert len(mailbox.mails) == 1


async def test_an_address_with_a_line_break_injects_nothing(mail, mailbox, database, post):
    mail(address="a@example.com\nBcc: b@example.com")
    await deliver(database, {"email": SmtpSender(mailbox.url, PLAIN)})
    assert only(post).state == "failed"
    assert mailbox.mails == []


async def test_the_gateway_gets_what_the_interface_says(database, endpoint, post):
    sms(database)
    await deliver(database, {"sms": SmsGateway(endpoint.url + "/send", "geheim")})
    (request,) = endpoint.requests
    assert request.path == "/send"
    assert request.headers["authorization"] == "Bearer geheim"
    assert request.headers["idempotency-key"] == "s1"
    assert json.loads(request.body) == {
        "phone": PHONE,
        "text": "【云栖】已登记",
        "idempotency_key": "s1",
    }
    assert only(post).state == "sent"


async def test_a_failing_gateway_is_tried_until_the_limit(database, endpoint, post, make):
    supervisor = make.staff("supervisor")
    sms(database)
    endpoint.statuses = [500] * MOST_ATTEMPTS
    now = NOW
    for _ in range(MOST_ATTEMPTS + 2):
        await deliver(database, {"sms": SmsGateway(endpoint.url)}, now)
        now += timedelta(hours=8)
    assert len(endpoint.requests) == MOST_ATTEMPTS
    assert {request.headers["idempotency-key"] for request in endpoint.requests} == {"s1"}
    assert (only(post).state, only(post).last_error) == ("failed", "http 500")
    assert len(post.notices(supervisor.id)) == 1


async def test_a_gateway_that_refuses_is_not_asked_again(database, endpoint, post):
    sms(database)
    endpoint.statuses = [422]
    await deliver(database, {"sms": SmsGateway(endpoint.url)})
    assert (only(post).state, only(post).attempts) == ("failed", 1)


async def test_the_file_in_place_of_a_gateway(database, tmp_path, post):
    path = tmp_path / "sms" / "out.jsonl"
    sms(database)
    await deliver(database, {"sms": SmsFile(str(path))})
    (line,) = path.read_text("utf-8").splitlines()
    assert json.loads(line)["phone"] == PHONE
    assert only(post).state == "sent"


async def test_without_a_sender_it_fails_openly(mail, database, post):
    mail()
    await deliver(database, {})
    assert (only(post).state, only(post).last_error) == ("failed", "channel not set up")


def test_two_processes_do_not_claim_the_same(mail, database):
    for number in range(6):
        mail(key=f"k{number}")
    with database.transaction() as session:
        first = claim(session, NOW, 4)
    with database.transaction() as session:
        second = claim(session, NOW, 4)
    assert [len(first), len(second)] == [4, 2]
    assert not {one.id for one in first} & {one.id for one in second}


def test_what_a_crash_left_waits_for_its_claim_to_run_out(mail, database, post):
    mail()
    sms(database)
    with database.transaction() as session:
        claim(session, NOW)
    with database.transaction() as session:
        assert recover(session, NOW + timedelta(minutes=2)) == 0
    with database.transaction() as session:
        assert recover(session, NOW + timedelta(minutes=4)) == 2
    states = {one.channel: one.state for one in post.all(OutboxMessage)}
    assert states == {"email": "uncertain", "sms": "pending"}


@pytest.mark.parametrize("attempts", range(1, 30))
def test_pauses_double_up_to_a_limit_and_differ_a_little(attempts):
    least, most = pause_after(attempts, spread=-1), pause_after(attempts, spread=1)
    assert least <= pause_after(attempts) <= most
    assert timedelta(seconds=23) < least < most <= timedelta(hours=7.2)
    assert most >= pause_after(max(1, attempts - 1), spread=1)


CHILD = """
import asyncio, sys
from datetime import datetime
from desk.database import Database
from desk.encryption import use_key
from desk.outbox.delivery import deliver_due
from desk.outbox.senders.smtp import SmtpSender
from desk.outbox.senders.sms import SmsGateway

url, key, channel, address, now = sys.argv[1:]
use_key(key)
sender = SmtpSender(address, "kefu@example.com") if channel == "email" else SmsGateway(address)
clock = lambda: datetime.fromisoformat(now)
asyncio.run(deliver_due(Database(url), {channel: sender}, clock=clock))
"""


def kill_while_sending(database_url, channel, address, has_arrived):
    """Let another process send, and kill it once the receiver has the message."""
    values = [database_url, ENCRYPTION_KEY, channel, address, NOW.isoformat()]
    arguments = [sys.executable, "-c", CHILD, *values]
    child = subprocess.Popen(arguments, cwd=PROJECT_DIR)
    deadline = time.monotonic() + 30
    while not has_arrived() and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert has_arrived()
    child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL


def test_killed_while_sending_mail_a_person_decides(mail, database, database_url, post, make):
    """The server has read the message and has not answered yet when the process dies."""

    supervisor = make.staff("supervisor")
    mail()
    with mail_server() as mailbox:

        async def stall(server, session, envelope):
            mailbox.mails.append(envelope)
            await asyncio.sleep(20)
            return "250 OK"

        mailbox.handle_DATA = stall
        kill_while_sending(database_url, "email", mailbox.url, lambda: bool(mailbox.mails))
    message = only(post)
    assert (message.state, message.attempts) == ("sending", 1)
    asyncio.run(deliver(database, {}, message.claimed_until + timedelta(seconds=1)))
    assert only(post).state == "uncertain"
    assert [one.key for one in post.notices(supervisor.id)] == ["outbox.notice_uncertain_plain"]
    assert len(mailbox.mails) == 1


def test_killed_while_texting_it_is_sent_again_under_the_same_key(
    database, database_url, post, endpoint
):

    sms(database)
    endpoint.gate.clear()
    kill_while_sending(database_url, "sms", endpoint.url, lambda: bool(endpoint.requests))
    endpoint.gate.set()
    later = only(post).claimed_until + timedelta(minutes=2)
    sender = {"sms": SmsGateway(endpoint.url)}
    asyncio.run(deliver(database, sender, later))
    asyncio.run(deliver(database, sender, later + timedelta(minutes=2)))
    assert only(post).state == "sent"
    keys = [request.headers["idempotency-key"] for request in endpoint.requests]
    assert keys == ["s1", "s1"]


def test_staff_are_told_of_a_tickets_message_that_failed(make, post, database):

    agent = make.staff("agent")
    ticket = post.opened(reply_channel="sms", recipient_id=agent.id, actor=agent.login, **CONTACT)
    post.publish()
    asyncio.run(deliver(database, {}))
    notices = post.all(Notice, staff_id=agent.id, key="outbox.notice_failed")
    assert [notice.values for notice in notices] == [{"number": ticket.number}]
