"""The chat protocol over a real server: acknowledgement, retry, resume, tabs, limits."""

import asyncio

from sqlalchemy.exc import OperationalError

from desk.app import create_app
from desk.clock import utc_now
from desk.conversations import gateway as gateway_module
from desk.conversations import service
from desk.conversations.models import QueueWait
from desk.fanout import conversation_channel
from tests.desk.support import PATIENCE_S, Builder, Running, build, greeted, serving, tab


async def conversation_of(running, welcome):
    return await running.desk.database.look(service.find, welcome["conversation_id"])


async def test_greeting_question_and_answer(running):
    async with tab(running) as one:
        welcome = await greeted(one)
        assert running.desk.company.bot_name in welcome["messages"][0]["text"]
        client_id = await one.say("三室多少钱")
        ack = await one.wait("ack")
        assert (ack["client_id"], ack["seq"]) == (client_id, 2)
        assert (await one.wait_text("答:三室多少钱"))["sender"] == "bot"
    assert welcome["mode"] == "bot"
    assert (welcome["agent_name"], welcome["queue_position"]) == (None, None)
    (asked,) = running.rasa.requests
    assert (asked["text"], asked["conversation_id"]) == ("三室多少钱", welcome["conversation_id"])


async def test_rasa_gets_the_token_and_the_source(running):
    async with tab(running) as one:
        await greeted(one)
        await one.say("三室多少钱")
        await one.wait_text("答:三室多少钱")
    secret = running.desk.settings.secret_values["rasa_token"]
    assert running.rasa.authorizations == [f"Bearer {secret}"]
    metadata = running.rasa.requests[0]["metadata"]
    assert metadata["source"] == "web"
    assert set(metadata) == {"source", "request_id", "is_traditional", "is_greeted"}


async def test_bot_types_while_it_thinks(running):
    running.rasa.gate.clear()
    async with tab(running) as one:
        await greeted(one)
        await one.say("三室多少钱")
        await one.wait("ack")
        await one.wait("typing", sender="bot", is_typing=True)
        running.rasa.gate.set()
        await one.wait_text("答:三室多少钱")
    typing = [frame["is_typing"] for frame in one.frames if frame["type"] == "typing"]
    # The page stops it by itself when words arrive.
    assert typing and all(typing)


async def test_a_bot_that_answers_at_once_is_not_seen_typing(running):
    async with tab(running) as one:
        await greeted(one)
        await one.say("三室多少钱")
        await one.wait_text("答:三室多少钱")
    assert "typing" not in [frame["type"] for frame in one.frames]


async def test_a_bot_without_words_stops_typing(running):
    running.rasa.gate.clear()
    async with tab(running) as one:
        await greeted(one)
        running.rasa.status = 500
        await one.say("三室多少钱")
        await one.wait("typing", sender="bot", is_typing=True)
        running.rasa.gate.set()
        await one.wait("typing", sender="bot", is_typing=False)


async def test_acknowledged_means_stored(running):
    async with tab(running) as one:
        await greeted(one)
        running.rasa.gate.clear()
        client_id = await one.say("三室多少钱")
        ack = await one.wait("ack")
        stored = await running.desk.database.look(
            service.messages_after, one.frames[0]["conversation_id"], 0, for_staff=False
        )
        running.rasa.gate.set()
    assert [(m.client_id, m.seq) for m in stored if m.sender == "customer"] == [
        (client_id, ack["seq"])
    ]


async def test_no_acknowledgement_when_the_commit_fails(running, monkeypatch):
    """The database dies between the insert and the commit: no ack, nothing stored, the customer is
    told, a retry works."""
    really_add = service.add_customer_message

    def die(session, *args, **kwargs):
        really_add(session, *args, **kwargs)
        raise OperationalError("commit", None, Exception())

    async with tab(running) as one:
        welcome = await greeted(one)
        monkeypatch.setattr(gateway_module.service, "add_customer_message", die)
        await one.say("三室多少钱", client_id="a1")
        error = await one.wait("error")
        assert (error["code"], error["client_id"]) == ("store_unavailable", "a1")
        assert "ack" not in [frame["type"] for frame in one.frames]
    assert (await conversation_of(running, welcome)).last_seq == 1
    monkeypatch.setattr(gateway_module.service, "add_customer_message", really_add)
    async with tab(running) as one:
        await one.hello(welcome["token"], last_seq=1)
        await one.say("三室多少钱", client_id="a1")
        assert (await one.wait("ack"))["seq"] == 2
        await one.wait_text("答:三室多少钱")


async def test_a_tab_that_dies_before_the_ack_loses_nothing(running):
    """Stored, but the acknowledgement never arrives: the retry gets the same place, one answer."""
    running.rasa.gate.clear()
    async with tab(running) as one:
        welcome = await greeted(one)
        await one.say("三室多少钱", client_id="a1")
        await running.rasa.arrived.get()
    async with tab(running) as one:
        again = await one.hello(welcome["token"], last_seq=1)
        assert [m["client_id"] for m in again["messages"]] == ["a1"]
        await one.say("三室多少钱", client_id="a1")
        assert (await one.wait("ack"))["seq"] == 2
        running.rasa.gate.set()
        await one.wait_text("答:三室多少钱")
        await running.desk.gateway.workers.idle()
    assert (await conversation_of(running, welcome)).last_seq == 3
    assert len(running.rasa.requests) == 1


async def test_resume_brings_what_was_missed_and_no_more(running):
    async with tab(running) as one:
        welcome = await greeted(one)
        await one.say("一")
        await one.wait_text("答:一")
    async with tab(running) as one:
        again = await one.hello(welcome["token"], last_seq=2)
    assert again["conversation_id"] == welcome["conversation_id"]
    assert [m["text"] for m in again["messages"]] == ["答:一"]


async def test_every_tab_sees_everything_once(running):
    async with tab(running) as one, tab(running) as two:
        welcome = await greeted(one)
        await two.hello(welcome["token"])
        await one.say("从第一个窗口")
        await two.wait_text("答:从第一个窗口")
        await two.say("从第二个窗口")
        await one.wait_text("答:从第二个窗口")
        # A tab's own words are not sent back to it: it has them by the acknowledgement.
        assert one.texts() == ["答:从第一个窗口", "从第二个窗口", "答:从第二个窗口"]
        await two.send(type="ping")
        await two.wait("pong")
        assert two.texts() == ["从第一个窗口", "答:从第一个窗口", "答:从第二个窗口"]


async def test_own_words_come_back_where_something_came_in_between(running):
    """Stored behind a message that this tab has not got: both are sent, in their order."""
    async with tab(running) as one:
        welcome = await greeted(one)
        with running.make.database.transaction() as session:
            service.add_customer_message(
                session, welcome["conversation_id"], client_id="m1", text="另一个进程收到的"
            )
        await one.say("从这个窗口")
        await one.wait_text("答:从这个窗口")
        assert one.texts()[:2] == ["另一个进程收到的", "从这个窗口"]


async def test_answers_keep_the_order_of_the_questions(running):
    async with tab(running) as one:
        await greeted(one)
        for number in range(5):
            await one.say(f"问题{number}")
        await one.wait_text("答:问题4")
        answers = [text for text in one.texts() if text.startswith("答")]
    assert answers == [f"答:问题{number}" for number in range(5)]


async def test_unknown_token_is_said_so_and_a_new_hello_works(running):
    async with tab(running) as one:
        await one.send(type="hello", token="forged", last_seq=0, source="web")
        assert (await one.wait("error"))["code"] == "conversation_not_found"
        assert len((await greeted(one))["messages"]) == 1


async def test_a_long_conversation_arrives_whole(running):
    make = running.make
    with make.database.transaction() as session:
        conversation, token = service.open_conversation(session)
        for number in range(450):
            service.add_customer_message(
                session, conversation.id, client_id=f"c{number}", text=f"第{number}条"
            )
        service.request_handover(session, conversation.id, reason="requested")
    async with tab(running) as one:
        welcome = await one.hello(token)
        await one.wait("message", sender="system")
        again = await one.hello(token, last_seq=len(welcome["messages"]))
    texts = [m["text"] for m in welcome["messages"]] + one.texts()
    assert texts[:450] == [f"第{number}条" for number in range(450)]
    assert (len(texts), again["messages"]) == (451, [])


async def test_handover_by_the_bot_claim_and_reply(running):
    running.rasa.answer = lambda body: {
        "messages": [
            {"text": "好的", "buttons": [], "custom": None},
            {"text": None, "custom": {"command": "handover", "reason": "requested"}},
        ],
        "intent": {"name": "request_human", "confidence": 0.99},
        "entities": [],
    }
    agent, gateway = running.make.staff(display_name="小李"), running.desk.gateway
    async with tab(running) as one:
        welcome = await greeted(one)
        conversation_id = welcome["conversation_id"]
        await one.say("转人工")
        mode = await one.wait("mode")
        assert (mode["mode"], mode["queue_position"]) == ("queued", 1)
        await gateway.claim(conversation_id, agent)
        assert (await one.wait("mode"))["agent_name"] == "小李"
        await gateway.typing(conversation_id, "agent", True)
        await one.wait("typing", sender="agent", is_typing=True)
        hello = "您好，请问有什么可以帮您？"
        await gateway.reply(conversation_id, agent, client_id="r1", text=hello)
        reply = await one.wait("message", sender="agent")
        assert reply["message"]["agent_name"] == "小李"
        await gateway.note(conversation_id, agent, "内部备注")
        before = len(running.rasa.requests)
        await one.say("请帮我看看")
        await one.wait("ack")
        await gateway.hand_back(conversation_id, agent)
        assert (await one.wait("mode"))["mode"] == "bot"
        assert len(running.rasa.requests) == before
        assert "内部备注" not in one.texts()


async def test_the_same_on_postgresql(postgres_url, tmp_path, checker, rasa, password_hash):
    desk = build(postgres_url, tmp_path, checker, rasa_url=rasa.url)
    make = Builder(desk.database, password_hash)
    agent = make.staff()
    async with (
        serving(create_app(desk, has_console=False)) as url,
        tab(Running(desk, url, make, rasa)) as one,
    ):
        welcome = await greeted(one)
        await one.say("三室多少钱")
        await one.wait_text("答:三室多少钱")
        await desk.gateway.request_handover(welcome["conversation_id"], reason="requested")
        assert (await one.wait("mode"))["queue_position"] == 1
        await desk.gateway.claim(welcome["conversation_id"], agent)
        await one.wait("mode", mode="agent", agent_name=agent.display_name)
        await desk.gateway.close(welcome["conversation_id"], agent)
        await one.wait("mode", mode="closed")
        await one.say("再问一句")
        await one.wait_text("答:再问一句")


async def test_the_bots_late_answer_is_never_shown_after_the_handover(running):
    agent, gateway = running.make.staff(), running.desk.gateway
    running.rasa.gate.clear()
    async with tab(running) as one:
        welcome = await greeted(one)
        await one.say("三室多少钱")
        await running.rasa.arrived.get()
        await gateway.request_handover(welcome["conversation_id"], reason="requested")
        await gateway.claim(welcome["conversation_id"], agent)
        running.rasa.gate.set()
        await gateway.workers.idle()
        await gateway.close(welcome["conversation_id"], agent)
        await one.wait("mode", mode="closed")
        assert not any(text.startswith("答:") for text in one.texts())


async def test_places_in_the_queue_move_up(running):
    agent, gateway = running.make.staff(), running.desk.gateway
    first = running.make.queued()
    with running.make.database.transaction() as session:
        conversation, token = service.open_conversation(session)
        service.request_handover(session, conversation.id, reason="requested")
        taken = {"reason": "requested", "queued_at": utc_now(), "taken_at": utc_now()}
        for _ in range(6):
            talk = QueueWait(
                conversation_id=conversation.id, is_urgent=False, outcome="talk", **taken
            )
            session.add(talk)
    async with tab(running) as one:
        welcome = await one.hello(token)
        assert (welcome["queue_position"], welcome["wait_minutes"]) == (2, 10)
        await gateway.claim(first.id, agent)
        mode = await one.wait("mode")
        assert (mode["queue_position"], mode["wait_minutes"]) == (1, None)


async def test_the_customers_typing_reaches_staff_but_not_the_customer(running):
    async with tab(running) as one:
        welcome = await greeted(one)
        channel = conversation_channel(welcome["conversation_id"])
        async with running.desk.fanout.subscribe(channel) as events:
            await one.send(type="typing", is_typing=True)
            async with asyncio.timeout(PATIENCE_S):
                async for event in events:
                    if event["type"] == "typing" and event["sender"] == "customer":
                        break
        await one.send(type="ping")
        await one.wait("pong")
        typing = [frame for frame in one.frames if frame["type"] == "typing"]
        assert all(frame["sender"] == "bot" for frame in typing)
