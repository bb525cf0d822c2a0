"""Answers from the records, honest when there is none."""

import pytest
from sqlalchemy import update

from actions.questions import ActionAnswerHome, ActionAnswerProduct, ActionAnswerService
from actions.understanding import ActionClarify, ActionDeclineTopic
from desk.catalog.models import Faq, Home
from tests.actions.support import (
    SmallDesk,
    commands_of,
    make_tracker,
    responses_of,
    run,
    slots_of,
)


async def test_one_home_is_answered_with_its_record_and_remembered(desk: SmallDesk) -> None:
    tracker = make_tracker("5栋165平的多少钱", intent="ask_price")
    events, said = await run(ActionAnswerHome(), tracker)
    assert responses_of(said) == ["utter_fact"]
    assert said.messages[0]["record"] == "房源 YQ-0502"
    assert "247.5万元" in said.messages[0]["fact"]
    assert slots_of(events) == {
        "pending_intent": None,
        "pending_text": None,
        "home_estate": "云栖雅苑",
        "home_building": "5",
        "home_code": "YQ-0502",
        "home_layout": "四室两厅三卫",
    }


async def test_several_homes_are_asked_about_with_buttons(desk: SmallDesk) -> None:
    events, said = await run(ActionAnswerHome(), make_tracker("多少钱", intent="ask_price"))
    assert responses_of(said) == ["utter_fact", "utter_which_home"]
    buttons = said.messages[1]["buttons"]
    assert len(buttons) == 6
    assert buttons[0]["payload"].startswith('/ask_price{"home": "YQ-')
    assert slots_of(events)["pending_intent"] == "ask_price"


async def test_a_button_names_the_home(desk: SmallDesk) -> None:
    tracker = make_tracker(intent="ask_price", entities={"home": "YQ-0102"})
    _, said = await run(ActionAnswerHome(), tracker)
    assert "120.15万元" in said.messages[0]["fact"]


async def test_a_remembered_home_is_meant_until_another_is_named(desk: SmallDesk) -> None:
    slots = {"home_code": "YQ-0502", "home_estate": "云栖雅苑", "home_building": "5"}
    _, said = await run(
        ActionAnswerHome(), make_tracker("朝向呢", intent="ask_layout", slots=slots)
    )
    assert "165" in said.messages[0]["fact"]
    other = make_tracker("那1栋89平的呢", intent="ask_price", slots=slots)
    _, said = await run(ActionAnswerHome(), other)
    assert said.messages[0]["record"] == "房源 YQ-0102"


async def test_an_empty_field_opens_an_inquiry_and_promises_no_fact(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    tracker = make_tracker("6栋复式多少钱", intent="ask_price", conversation_id=conversation)
    events, said = await run(ActionAnswerHome(), tracker)
    (ticket,) = desk.tickets()
    assert responses_of(said) == ["utter_inquiry_opened"]
    assert said.messages[0]["number"] == ticket.number == slots_of(events)["offer_ticket"]
    assert (ticket.kind, ticket.intent, ticket.reply_channel) == ("inquiry", "ask_price", "chat")
    assert ticket.conversation_id == conversation


async def test_the_same_call_again_opens_no_second_ticket(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    tracker = make_tracker("6栋复式多少钱", intent="ask_price", conversation_id=conversation)
    await run(ActionAnswerHome(), tracker)
    await run(ActionAnswerHome(), tracker)
    assert len(desk.tickets()) == 1


async def test_two_questions_are_answered_in_their_order(desk: SmallDesk) -> None:
    tracker = make_tracker("1栋89平多少钱，物业费怎么收", intent="ask_property_fee")
    _, said = await run(ActionAnswerHome(), tracker)
    assert ["120.15" in m["fact"] for m in said.messages] == [True, False]
    assert "2.8" in said.messages[1]["fact"]


async def test_questions_that_the_language_part_heard_are_answered(desk: SmallDesk) -> None:
    text = "对口哪个学校？车好停吗？"
    tracker = make_tracker(text, intent="ask_school")
    tracker.latest_message["questions"] = [
        {"intent": "ask_school", "confidence": 0.9, "start": 0, "end": 7},
        {"intent": "ask_parking", "confidence": 0.8, "start": 7, "end": 12},
    ]
    _, said = await run(ActionAnswerHome(), tracker)
    assert ["城北实验小学" in m["fact"] for m in said.messages] == [True, False]
    assert "车位" in said.messages[1]["fact"]


async def test_a_repeated_message_is_answered_again_with_a_way_out(desk: SmallDesk) -> None:
    tracker = make_tracker("附近有地铁吗", intent="ask_amenities", earlier=("附近有地铁吗",))
    _, said = await run(ActionAnswerHome(), tracker)
    assert responses_of(said)[0] == "utter_again"


async def test_a_product_price_comes_from_the_catalogue(desk: SmallDesk) -> None:
    tracker = make_tracker("栖静108窗纱一体窗多少钱", intent="ask_price")
    events, said = await run(ActionAnswerHome(), tracker)
    assert said.messages[0]["record"] == "产品资料 MC-D108"
    assert slots_of(events)["product_code"] == "MC-D108"


async def test_a_kind_of_product_is_asked_about(desk: SmallDesk) -> None:
    _, said = await run(ActionAnswerProduct(), make_tracker("推拉门什么材质", intent="ask_product"))
    assert responses_of(said) == ["utter_which_product"]
    assert {b["title"] for b in said.messages[0]["buttons"]} >= {"栖居极窄推拉门"}


async def test_an_approved_answer_names_its_row(desk: SmallDesk) -> None:
    _, said = await run(ActionAnswerService(), make_tracker("能退货吗", intent="ask_refund"))
    assert said.messages[0]["record"].startswith("常见问题 ")


async def test_no_approved_answer_opens_an_inquiry(desk: SmallDesk) -> None:
    with desk.database.transaction() as session:
        session.query(Faq).filter(Faq.intent == "ask_refund").delete()
    _, said = await run(ActionAnswerService(), make_tracker("能退货吗", intent="ask_refund"))
    assert responses_of(said) == ["utter_inquiry_opened"]


async def test_an_empty_catalogue_is_no_error(desk: SmallDesk) -> None:
    with desk.database.transaction() as session:
        session.query(Home).delete()
    _, said = await run(ActionAnswerHome(), make_tracker("多少钱", intent="ask_price"))
    assert responses_of(said) == ["utter_inquiry_opened"]


async def test_a_sold_home_is_not_listed(desk: SmallDesk) -> None:
    with desk.database.transaction() as session:
        session.execute(update(Home).where(Home.code != "YQ-0102").values(status="已售"))
    _, said = await run(ActionAnswerHome(), make_tracker("有哪些房源", intent="ask_listing"))
    assert [b["payload"] for b in said.messages[0]["buttons"]] == [
        '/ask_home_overview{"home": "YQ-0102"}'
    ]


async def test_a_broken_database_becomes_an_apology(desk: SmallDesk) -> None:
    with desk.database.transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE home")
    slots = {"pending_intent": "ask_price"}
    tracker = make_tracker("多少钱", intent="ask_price", slots=slots)
    events, said = await run(ActionAnswerHome(), tracker)
    assert responses_of(said) == ["utter_trouble"]
    assert slots_of(events) == {"pending_intent": None, "pending_text": None}


@pytest.mark.parametrize("text", ["x" * 10_000, "' OR 1=1 --", "<img src=x>", "😀😀", "1", "？"])
async def test_hostile_text_is_answered(desk: SmallDesk, text: str) -> None:
    _, said = await run(ActionAnswerHome(), make_tracker(text, intent="ask_price"))
    assert responses_of(said)


async def test_close_intents_become_buttons(desk: SmallDesk) -> None:
    ranking = [("ask_price", 0.28), ("ask_discount", 0.25), ("greet", 0.2), ("ask_school", 0.05)]
    events, said = await run(ActionClarify(), make_tracker("那个多少能少点", ranking=ranking))
    assert responses_of(said) == ["utter_clarify"]
    assert [b["payload"] for b in said.messages[0]["buttons"]] == ["/ask_price", "/ask_discount"]
    expected = {"misses": 1, "pending_text": "那个多少能少点", "pending_offer": None}
    assert slots_of(events) == expected


@pytest.mark.parametrize("action", [ActionClarify, ActionDeclineTopic])
async def test_the_second_miss_hands_over(desk: SmallDesk, action: type) -> None:
    events, said = await run(action(), make_tracker("嗯哼", slots={"misses": 1}))
    assert commands_of(said) == [
        {"command": "handover", "reason": "misunderstanding", "urgent": False}
    ]
    assert responses_of(said) == ["utter_handover_misunderstanding"]
    assert slots_of(events) == {"misses": 0, "pending_offer": None}


async def test_a_choice_typed_answers_the_waiting_question(desk: SmallDesk) -> None:
    slots = {"pending_intent": "ask_price", "misses": 1}
    events, said = await run(ActionClarify(), make_tracker("72平的", slots=slots))
    assert "97.92万元" in said.messages[0]["fact"]
    assert slots_of(events)["misses"] == 0


def add_faq(desk: SmallDesk, **values: object) -> None:
    with desk.database.transaction() as session:
        session.add(Faq(**{"intent": "out_of_scope", "question": "？", **values}))


async def test_an_approved_wording_is_answered_whatever_was_understood(desk: SmallDesk) -> None:
    add_faq(desk, code="F-POOL", phrasings=["小区有没有游泳池"], answer="小区目前没有游泳池。")
    _, said = await run(
        ActionAnswerHome(), make_tracker("请问小区有没有游泳池", intent="ask_amenities")
    )
    assert [one["record"] for one in said.messages] == ["常见问题 F-POOL"]
    for action in (ActionClarify(), ActionDeclineTopic()):
        events, said = await run(action, make_tracker("小区有没有游泳池啊"))
        assert responses_of(said) == ["utter_fact"]
        assert slots_of(events)["misses"] == 0


async def test_a_question_itself_answers_only_what_nothing_else_does(desk: SmallDesk) -> None:
    add_faq(desk, code="F-EV", question="电动车在哪里充电？", answer="地下一层有充电桩。")
    _, said = await run(ActionClarify(), make_tracker("电动车在哪里充电"))
    assert [one["record"] for one in said.messages] == ["常见问题 F-EV"]
    _, said = await run(ActionAnswerHome(), make_tracker("电动车在哪里充电", intent="ask_parking"))
    assert said.messages[0]["record"] != "常见问题 F-EV"
