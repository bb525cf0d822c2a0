"""Cards from the bot: read strictly, in the customer's script, their buttons allowed."""

import pytest

from desk.bot_client import parse_turn
from desk.conversations import service
from desk.conversations.bot_turns import apply_bot_turn
from desk.conversations.cards import card_payloads, in_script, read_card
from desk.conversations.domain import BotMessage, BotTurn

EDIT = '/deny{"button": "edit_case_place"}'
SUMMARY = {
    "kind": "summary",
    "title": "请核对登记内容",
    "fields": [
        {"label": "位置", "value": "3栋1201", "edit": EDIT},
        {"label": "称呼和电话", "value": "匿名办理", "edit": None},
    ],
}


def test_a_card_comes_back_with_the_fields_of_its_kind_only():
    assert read_card({**SUMMARY, "more": "<script>"}) == SUMMARY
    assert card_payloads(read_card(SUMMARY)) == [EDIT]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "summary",
        {},
        {"kind": "unknown"},
        {"kind": "summary", "title": "x"},
        {"kind": "summary", "title": 1, "fields": []},
        {"kind": "summary", "title": "x", "fields": [{"label": "x"}]},
        {"kind": "progress", "title": "x", "steps": "abc"},
        {"kind": "consent", "title": "x", "notice": "x", "version": "1", "points": None},
    ],
)
def test_what_is_no_card_is_dropped(raw):
    assert read_card(raw) is None


def test_words_change_their_script_and_codes_do_not():
    turned = in_script(SUMMARY, lambda text: f"<{text}>")
    assert turned["title"] == "<请核对登记内容>"
    assert turned["fields"][0] == {"label": "<位置>", "value": "<3栋1201>", "edit": EDIT}
    assert (turned["kind"], turned["fields"][1]["edit"]) == ("summary", None)


def test_rasas_second_message_is_the_card_of_the_first():
    turn = parse_turn(
        {
            "messages": [
                {"text": "好的", "buttons": [], "custom": {}},
                {"text": "请核对", "buttons": [], "custom": {}},
                {"text": None, "buttons": [], "custom": {"card": SUMMARY}},
                {"text": None, "custom": {"command": "handover", "reason": "requested"}},
            ],
            "intent": {},
        }
    )
    assert [said.card for said in turn.messages] == [None, SUMMARY]
    assert len(turn.commands) == 1


def test_the_card_is_stored_and_its_buttons_may_be_sent(database, make):
    conversation = make.conversation("我要投訴，電梯壞了")
    question = make.messages(conversation)[0]
    turn = BotTurn((BotMessage("请核对：位置 3栋1201", (), SUMMARY),))
    with database.transaction() as session:
        assert apply_bot_turn(session, conversation.id, question.id, turn)
    stored = make.messages(conversation)[-1]
    assert stored.as_json()["card"]["title"] == "請核對登記內容"
    changed = make.says(conversation, "修改位置", payload=EDIT)
    made_up = make.says(conversation, "x", payload='/deny{"button": "edit_case_phone"}')
    assert (changed.payload, made_up.payload) == (EDIT, None)
    with database.reading() as session:
        assert service.find(session, conversation.id).is_traditional
