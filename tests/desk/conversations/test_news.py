"""A turn is shown without being read again; whatever does not fit is read from the database."""

from desk.conversations import bot_worker, chat_socket, service
from desk.conversations.domain import BotMessage, BotTurn
from desk.conversations.news import News
from tests.desk.support import greeted, tab

HANDED_OVER = {
    "messages": [{"text": None, "custom": {"command": "handover", "reason": "requested"}}],
    "intent": {"name": "request_human", "confidence": 0.99},
    "entities": [],
}


class Reads:
    """Counts how often a tab reads its conversation."""

    def __init__(self, monkeypatch):
        self.count = 0
        really = chat_socket.read_page

        def read_page(*args):
            self.count += 1
            return really(*args)

        monkeypatch.setattr(chat_socket, "read_page", read_page)


async def test_a_bot_turn_reads_nothing_again(running, monkeypatch):
    reads = Reads(monkeypatch)
    async with tab(running) as one:
        await greeted(one)
        await one.say("三室多少钱")
        await one.wait_text("答:三室多少钱")
        assert one.texts() == ["答:三室多少钱"]
    assert reads.count == 0


async def test_a_tab_that_missed_something_reads_it_before_what_is_new(running):
    """Another process wrote, and its event was lost: the next one brings everything, in order."""
    async with tab(running) as one:
        welcome = await greeted(one)
        conversation_id = welcome["conversation_id"]
        with running.make.database.transaction() as session:
            missed = service.add_customer_message(
                session, conversation_id, client_id="m1", text="另一个进程收到的"
            )
        turn = BotTurn((BotMessage("这是回答"),), (), "ask_price", 0.9)
        with running.make.database.transaction() as session:
            news = service.apply_bot_turn(session, conversation_id, missed.message.id, turn)
        await running.desk.gateway.tell(news)
        await one.wait_text("这是回答")
        assert one.texts()[-2:] == ["另一个进程收到的", "这是回答"]


async def test_what_a_tab_has_is_not_shown_twice(running):
    async with tab(running) as one:
        welcome = await greeted(one)
        await one.say("三室多少钱")
        await one.wait_text("答:三室多少钱")
        with running.make.database.reading() as session:
            conversation = service.find(session, welcome["conversation_id"])
            stored = service.messages_after(session, conversation.id, 0, for_staff=False)
        await running.desk.gateway.tell(News(conversation, stored))
        await one.send(type="ping")
        await one.wait("pong")
        assert one.texts().count("答:三室多少钱") == 1


async def test_a_move_in_the_queue_is_read_only_by_those_who_wait(running, monkeypatch):
    agent, gateway = running.make.staff(), running.desk.gateway
    ahead = running.make.queued()
    async with tab(running) as one, tab(running) as two:
        welcome = await greeted(one)
        await greeted(two)
        await gateway.request_handover(welcome["conversation_id"], reason="requested")
        assert (await one.wait("mode"))["queue_position"] == 2
        reads = Reads(monkeypatch)
        await gateway.claim(ahead.id, agent)
        assert (await one.wait("mode"))["queue_position"] == 1
        await two.send(type="ping")
        await two.wait("pong")
    assert reads.count == 1


async def test_what_waited_for_an_answer_is_read_again_only_where_people_may_have_it(
    running, monkeypatch
):
    read_again = []
    really = bot_worker.turn_request
    monkeypatch.setattr(
        bot_worker, "turn_request", lambda *args: read_again.append(args[1]) or really(*args)
    )
    running.rasa.gate.clear()
    async with tab(running) as one:
        await greeted(one)
        await one.say("三室多少钱")
        await one.say("有车位吗")
        await running.rasa.arrived.get()
        running.rasa.gate.set()
        await one.wait_text("答:有车位吗")
        assert read_again == []
        running.rasa.gate.clear()
        running.rasa.answer = lambda body: HANDED_OVER
        await one.say("转人工")
        late = await one.say("还在吗")
        await one.wait("ack", client_id=late)
        running.rasa.gate.set()
        assert (await one.wait("mode"))["mode"] == "queued"
        await running.desk.gateway.workers.idle()
    assert len(read_again) == 1
    assert [body["text"] for body in running.rasa.requests][-1] == "转人工"


async def test_what_an_agent_writes_is_read_again_by_nobody(running, monkeypatch):
    agent, gateway = running.make.staff(), running.desk.gateway
    async with tab(running) as one, tab(running) as waiting:
        held, queued = await greeted(one), await greeted(waiting)
        for talk in (held, queued):
            await gateway.request_handover(talk["conversation_id"], reason="requested")
        await gateway.claim(held["conversation_id"], agent)
        while (await one.wait("mode"))["mode"] != "agent":
            pass
        while (await waiting.wait("mode"))["queue_position"] != 1:
            pass
        reads = Reads(monkeypatch)
        text = "您好，请讲。"
        await gateway.reply(held["conversation_id"], agent, client_id="r1", text=text)
        assert (await one.wait("message", sender="agent"))["message"]["text"] == text
        await waiting.send(type="ping")
        await waiting.wait("pong")
    assert reads.count == 0
