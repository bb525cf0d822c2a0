"""Rasa is down, answers nonsense, or the desk crashed: nothing is lost, people take over."""

import asyncio

import pytest

from desk.app import create_app
from desk.clock import utc_now
from desk.conversations import bot_worker, service
from desk.conversations.bot_turns import left_behind
from tests.desk.support import Builder, Running, build, greeted, serving, tab

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def without_rasa(sqlite_url, tmp_path, checker, rasa, password_hash):
    desk = build(sqlite_url, tmp_path, checker, rasa_url=NOWHERE)
    async with serving(create_app(desk, has_console=False)) as url:
        yield Running(desk, url, Builder(desk.database, password_hash), rasa)


async def test_rasa_down_the_customer_is_told_and_queued(without_rasa):
    async with tab(without_rasa) as one:
        welcome = await greeted(one)
        await one.say("家里漏水了", client_id="a1")
        await one.wait("ack", client_id="a1")
        told = await one.wait("message", sender="system")
        assert "智能客服暂时无法使用" in told["message"]["text"]
        assert (await one.wait("mode"))["mode"] == "queued"
        await one.say("在三号楼")
        await one.wait("ack")
    (entry,) = await without_rasa.desk.database.look(service.queue)
    assert entry.conversation_id == welcome["conversation_id"]
    assert (entry.reason, entry.preview) == ("bot_unavailable", "在三号楼")
    async with tab(without_rasa) as two:
        (greeting,) = (await greeted(two))["messages"]
    assert "直接留言" in greeting["text"]


async def test_an_idle_visitor_is_not_queued_while_rasa_is_down(without_rasa):
    async with tab(without_rasa) as one:
        await greeted(one)
    assert await without_rasa.desk.database.look(service.queue) == []


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (500, {"error": "boom"}, "bot_unavailable"),
        (401, {}, "bot_unavailable"),
        (200, "no json", "bot_unavailable"),
        (200, {}, "bot_unavailable"),
        (200, {"messages": "x"}, "bot_unavailable"),
        (200, [], "bot_unavailable"),
        (200, {"messages": [], "intent": {}}, "bot_error"),
    ],
)
async def test_a_broken_answer_hands_over(running, status, answer, reason):
    async with tab(running) as one:
        await greeted(one)
        running.rasa.status, running.rasa.answer = status, lambda body: answer
        await one.say("家里漏水了")
        assert (await one.wait("mode"))["mode"] == "queued"
    (entry,) = await running.desk.database.look(service.queue)
    assert entry.reason == reason


async def test_an_unforeseen_error_in_a_turn_hands_over(running, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError

    async with tab(running) as one:
        await greeted(one)
        monkeypatch.setattr(bot_worker.service, "apply_bot_turn", fail)
        await one.say("家里漏水了")
        assert (await one.wait("mode"))["mode"] == "queued"


async def test_after_a_restart_the_bot_is_asked_again_what_was_left_unanswered(
    sqlite_url, tmp_path, checker, rasa, password_hash
):
    first = build(sqlite_url, tmp_path, checker, rasa_url=rasa.url)
    make = Builder(first.database, password_hash)
    waiting, answered = make.conversation("家里漏水了", "在吗"), make.conversation()
    agent = make.staff()
    with_agent = make.claimed(agent, "转人工")
    first.database.dispose()

    second = build(sqlite_url, tmp_path, checker, rasa_url=rasa.url)
    async with serving(create_app(second, has_console=False)):
        await second.gateway.workers.idle()
        assert await second.database.look(left_behind, utc_now()) == []
    make = Builder(second.database, password_hash)
    said = make.messages(waiting)
    assert [message.text for message in said[2:]] == ["答:家里漏水了", "答:在吗"]
    asked = [(body["message_id"], body["is_repeat"]) for body in rasa.requests]
    assert asked == [(str(message.id), True) for message in said[:2]]
    assert make.messages(answered) == []
    assert make.fresh(with_agent).mode == "agent"


async def test_the_sweep_leaves_young_messages_and_own_work_alone(running):
    running.rasa.gate.clear()
    async with tab(running) as one:
        await greeted(one)
        await one.say("三室多少钱")
        await running.rasa.arrived.get()
        assert await running.desk.gateway.recover(min_age_s=0) == 0
        running.rasa.gate.set()
        await one.wait_text("答:三室多少钱")
    foreign = running.make.conversation("别的进程收到的消息")
    assert await running.desk.gateway.recover(min_age_s=3600) == 0
    running.rasa.status = 500
    assert await running.desk.gateway.recover(min_age_s=0) == 1
    await running.desk.gateway.workers.idle()
    assert running.make.fresh(foreign).mode == "queued"
    assert await running.desk.gateway.recover(min_age_s=0) == 0


async def test_without_a_bot_a_restart_queues_what_was_left_unanswered(
    sqlite_url, tmp_path, checker, password_hash
):
    first = build(sqlite_url, tmp_path, checker, rasa_url=NOWHERE)
    waiting = Builder(first.database, password_hash).conversation("家里漏水了", "在吗")
    first.database.dispose()
    second = build(sqlite_url, tmp_path, checker, rasa_url=NOWHERE)
    async with serving(create_app(second, has_console=False)):
        await second.gateway.workers.idle()
        (entry,) = await second.database.look(service.queue)
    assert entry.conversation_id == waiting.id
    assert Builder(second.database, password_hash).messages(waiting)[-1].sender == "system"


async def test_stopping_in_the_middle_of_a_turn_leaves_the_message_for_the_next_start(
    sqlite_url, tmp_path, checker, rasa, password_hash
):
    desk = build(sqlite_url, tmp_path, checker, rasa_url=rasa.url)
    rasa.gate.clear()
    async with serving(create_app(desk, has_console=False)) as url:
        running = Running(desk, url, Builder(desk.database, password_hash), rasa)
        async with tab(running) as one:
            welcome = await greeted(one)
            await one.say("三室多少钱")
            await one.wait("ack")
            await rasa.arrived.get()
    rasa.gate.set()
    again = build(sqlite_url, tmp_path, checker, rasa_url=rasa.url)
    async with asyncio.timeout(20), serving(create_app(again, has_console=False)):
        await again.gateway.workers.idle()
        conversation = await again.database.look(service.find, welcome["conversation_id"])
    assert conversation.mode == "bot"
    assert Builder(again.database, password_hash).messages(conversation)[-1].text == "答:三室多少钱"
