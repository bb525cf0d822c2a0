"""A new model comes into service while customers ask: nobody is left to people, forms go on."""

import asyncio
import io
import json
import shutil
import tarfile
import threading
import uuid

import httpx
import pytest
from sqlalchemy import select

from desk.bench_turn import QUESTIONS
from desk.conversations.models import Message, Mode
from desk.load.customer import Customer
from desk.settings import Settings
from desk.tickets.models import Ticket
from desk.training import RASA_MODEL
from tests.faults.conftest import open_shop
from tests.faults.crowd import PATIENCE_S, crowd, modes
from tests.faults.processes import POLL_S, DeskProcess, RealBot

NEW_WORDS = "新模型向您问好"

pytestmark = [pytest.mark.model, pytest.mark.timeout(400)]


@pytest.fixture
def desk(tmp_path):
    made = DeskProcess(tmp_path, [], rasa_start_s="120", rasa_timeout_s="30")
    try:
        yield made
    finally:
        made.kill()


@pytest.fixture
def bot(desk, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    trained = Settings().models_dir / RASA_MODEL
    if trained.exists():
        shutil.copy(trained, models)
    made = RealBot(desk, models)
    try:
        yield made
    finally:
        made.kill()


async def test_a_new_model_comes_into_service_while_customers_ask(tmp_path, desk, bot):
    bot.launch()
    database = open_shop(tmp_path, [desk])
    bot.wait_ready()
    trained = tmp_path / "models" / RASA_MODEL
    async with crowd(database, [desk.url], customers=3, questions=QUESTIONS) as people:
        complaining = Customer([desk.url], people.timings, number=100, patience_s=PATIENCE_S)
        async with complaining.connected():
            await _say(complaining, "我要投诉，楼上半夜装修吵得睡不着", "同意", "3栋1单元1201")
            trained.write_bytes(trained.read_bytes()[:1000])
            await asyncio.to_thread(_wait_for_log, bot, "can't be loaded")
            await people.under_way(1)
            model = await asyncio.to_thread(_put_new_model, trained)
            async with asyncio.timeout(PATIENCE_S):
                while await asyncio.to_thread(_model_of, bot) != model:
                    await asyncio.sleep(0.1)
            await _say(complaining, "昨晚十一点", "希望尽快处理", "王丽 13800138000", "确认")
        await people.under_way(1)
    newcomer = Customer([desk.url], people.timings, number=101, patience_s=PATIENCE_S)
    async with newcomer.connected():
        await _say(newcomer, "你好")
    accounts = [*people.accounts, complaining.account, newcomer.account]
    assert modes(database, accounts) == {Mode.BOT}
    assert people.timings.reconnects == 0
    with database.reading() as session:
        said = select(Message.text).where(
            Message.conversation_id == newcomer.account.conversation_id
        )
        assert NEW_WORDS in session.scalars(said).all()
        ticket = session.scalars(
            select(Ticket).where(Ticket.conversation_id == complaining.account.conversation_id)
        ).one()
        assert (ticket.building, ticket.customer_name) == ("3", "王丽")
    database.dispose()


async def _say(customer, *lines):
    for line in lines:
        await customer.say(line)


def _model_of(bot):
    return httpx.get(bot.health_url, trust_env=False, timeout=PATIENCE_S).json()["model"]


def _put_new_model(trained):
    """Put a model that answers a greeting otherwise in the place of the old one, as training does;
    return its id."""
    fresh = trained.with_name("fresh.tar.gz")
    model_id = uuid.uuid4().hex
    with (
        tarfile.open(Settings().models_dir / RASA_MODEL) as old,
        tarfile.open(fresh, "w:gz") as new,
    ):
        for member in old:
            content = old.extractfile(member)
            if member.name == "metadata.json":
                metadata = json.load(content)
                metadata["model_id"] = model_id
                metadata["domain"]["responses"]["utter_greet_again"] = [{"text": NEW_WORDS}]
                written = json.dumps(metadata).encode()
                content, member.size = io.BytesIO(written), len(written)
            if member.name:
                new.addfile(member, content)
    fresh.replace(trained)
    return model_id


def _wait_for_log(bot, words):
    clock = threading.Event()
    for _ in range(int(PATIENCE_S / POLL_S)):
        if words in bot.log.read_text():
            return
        clock.wait(POLL_S)
    pytest.fail(f"{words!r} is not in the log:\n{bot.log.read_text()[-2000:]}")
