"""`GET /metrics` on the inner port: what the process did, and how things stand."""

from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from desk.action_app import create_action_app
from desk.clock import utc_now
from desk.database import Database
from desk.telemetry.metrics import BOT_TURNS, timed
from desk.telemetry.standing import read_standing
from desk.tickets.domain import NewTicket
from desk.tickets.service import open_ticket
from tests.desk.support import greeted, tab


@pytest.fixture
async def inner(running):
    """A client of the inner port."""
    app = create_action_app(running.desk, packages=())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        yield client


def samples(text):
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_scrape_tells_of_turns_requests_and_the_queue(running, inner):
    before = samples((await inner.get("/metrics")).text)
    async with tab(running) as one:
        await greeted(one)
        await one.say("三房多少钱")
        await one.wait_text("答:三房多少钱")
    running.make.queued()
    after = samples((await inner.get("/metrics")).text)
    turns = ("kefu_bot_turn_seconds_count", "ok")
    assert after[turns] - before.get(turns, 0) == 1
    assert after["kefu_conversations", "queued"] == 1
    assert after["kefu_queue_oldest_seconds",] >= 0
    assert after["kefu_database_seconds_count", "ok", "write"] > 0
    assert after["process_resident_memory_bytes",] > 0


async def test_the_route_is_a_label_and_never_the_path(running, inner):
    async with running.http() as client:
        await client.get("/chat/assets/chat.css")
        await client.get("/no/such/page/13800138000")
    text = (await inner.get("/metrics")).text
    assert 'route="/chat/assets/{name}"' in text
    assert "13800138000" not in text


async def test_a_token_shuts_others_out(running, inner):
    running.desk.settings.metrics_token = "scraper"
    app = create_action_app(running.desk, packages=())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/metrics")).status_code == 401
        right = await client.get("/metrics", headers={"Authorization": "Bearer scraper"})
    assert right.status_code == 200


async def test_without_a_database_the_process_still_reports(running, inner, tmp_path):
    running.desk.database.dispose()
    running.desk.database = Database(f"sqlite:///{tmp_path / 'away' / 'kefu.db'}")
    answer = await inner.get("/metrics")
    assert answer.status_code == 200
    assert "kefu_conversations" not in answer.text
    assert "process_resident_memory_bytes" in answer.text


def test_overdue_tickets_are_counted(database, make):
    now = utc_now()
    with database.transaction() as session:
        open_ticket(
            session, NewTicket(kind="complaint", description="电梯停了", category="indoor_repair")
        )
    with database.reading() as session:
        today = {one.name: one for one in read_standing(session, now).collect()}
        later = {
            one.name: one for one in read_standing(session, now + timedelta(days=60)).collect()
        }
    states = {one.labels["state"]: one.value for one in today["kefu_tickets"].samples}
    assert states == {"open": 1, "in_progress": 0, "waiting_customer": 0, "resolved": 0}
    assert today["kefu_tickets_overdue"].samples[0].value == 0
    assert later["kefu_tickets_overdue"].samples[0].value == 1


def test_a_failure_is_timed_as_one():
    failed = BOT_TURNS.labels("failed")._sum
    before = failed.get()
    with pytest.raises(ZeroDivisionError), timed(BOT_TURNS):
        _ = 1 / 0
    assert failed.get() > before
