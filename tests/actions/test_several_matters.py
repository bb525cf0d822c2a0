"""Two matters in one letter become two tickets, if the customer wants that."""

from typing import Any

import pytest

from actions.case_questions import ActionAskCaseConfirmed, ActionAskCaseSplit
from actions.complaint_form import ActionSubmitComplaint, ValidateComplaintForm
from actions.parsing.several import matters_of
from tests.actions.support import SmallDesk, make_tracker, responses_of, run, slots_of
from tests.actions.test_case_forms import FULL

LETTER = (
    "我是7栋的，想反映两件事：一是楼上每天半夜拖桌子，吵得孩子睡不着；"
    "二是地下车库一直漏水，积水没人管。请尽快处理。"
)
PARTS = ("楼上每天半夜拖桌子，吵得孩子睡不着", "地下车库一直漏水，积水没人管。请尽快处理")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (LETTER, PARTS),
        ("楼上装修噪音太大，而且我家天花板还漏水", ("楼上装修噪音太大", "我家天花板还漏水")),
        ("快递丢了，还有电梯坏了", ("快递丢了", "电梯坏了")),
        ("第一，電梯三天兩頭壞；第二，垃圾房臭氣熏天", ("電梯三天兩頭壞", "垃圾房臭氣熏天")),
    ],
)
def test_several_matters_are_told_apart(text: str, parts: tuple[str, ...]) -> None:
    assert matters_of(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "一楼漏水，二楼也漏水",
        "第二次了，电梯又坏",
        "电梯坏了，保安也不管，打电话没人接",
        "卫生间漏水。楼下来敲门。你们派人看过两回。都说再观察。这个损失谁的？",
        "",
        "？" * 500,
    ],
)
def test_one_matter_told_at_length_stays_one(text: str) -> None:
    assert matters_of(text) == ()


async def ask(text: str, requested: str | None, **message: Any) -> dict[str, Any]:
    tracker = make_tracker(text, requested=requested, **message)
    events, _ = await run(ValidateComplaintForm(), tracker)
    return slots_of(events)


async def test_the_question_lists_the_matters(desk: SmallDesk) -> None:
    slots = await ask(LETTER, None, intent="file_complaint")
    assert slots["case_parts"] == list(PARTS)
    slots = await ask("同意", "case_consent", slots={**slots, "requested_slot": None})
    assert slots["requested_slot"] == "case_split"
    _, said = await run(ActionAskCaseSplit(), make_tracker(slots={"case_parts": list(PARTS)}))
    assert said.messages[0]["parts"] == f"1. {PARTS[0]}\n2. {PARTS[1]}"


@pytest.mark.parametrize(
    ("text", "split"), [("分开", "apart"), ("好的", "apart"), ("合在一起吧", "together")]
)
async def test_the_answer_in_words(desk: SmallDesk, text: str, split: str) -> None:
    known = {"case_target": "new", "case_consent": True, "case_matter": LETTER}
    slots = await ask(text, "case_split", slots={**known, "case_parts": list(PARTS)})
    assert slots["case_split"] == split


TWO = {**FULL, "case_matter": LETTER, "case_parts": list(PARTS), "case_split": "apart"}


async def test_the_restatement_lists_both(desk: SmallDesk) -> None:
    _, said = await run(ActionAskCaseConfirmed(), make_tracker(slots=TWO))
    text = said.messages[0]["summary"]
    assert "2件，分开登记" in text
    assert all(part in text for part in PARTS)


async def test_apart_means_a_ticket_each(desk: SmallDesk) -> None:
    _, said = await run(ActionSubmitComplaint(), make_tracker(slots=TWO))
    assert responses_of(said)[:3] == [
        "utter_complaints_opened",
        "utter_complaint_part",
        "utter_complaint_part",
    ]
    first, second = desk.tickets()
    assert (first.description, second.description) == PARTS
    assert first.category != second.category
    assert first.phone == second.phone == "13800138000"


async def test_a_call_repeated_by_rasa_opens_no_third_ticket(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    for _ in range(2):
        tracker = make_tracker(slots=TWO, conversation_id=conversation)
        await run(ActionSubmitComplaint(), tracker)
    assert len(desk.tickets(conversation)) == 2


async def test_a_matter_keeps_its_own_building(desk: SmallDesk) -> None:
    parts = ["3栋电梯三天两头坏", "垃圾房臭味太大"]
    slots = {**TWO, "case_parts": parts, "case_place": {"building": "5", "room": "301"}}
    await run(ActionSubmitComplaint(), make_tracker(slots=slots))
    first, second = desk.tickets()
    assert (first.building, first.room, second.building, second.room) == ("3", None, "5", "301")


async def test_matters_in_one_building_keep_their_own_spots(desk: SmallDesk) -> None:
    parts = ["3栋2单元5楼楼道的灯不亮", "3栋电梯三天两头坏", "垃圾房臭味太大"]
    place = {"building": "3", "unit": "2", "spot": "电梯"}
    await run(
        ActionSubmitComplaint(),
        make_tracker(slots={**TWO, "case_parts": parts, "case_place": place}),
    )
    assert [ticket.spot for ticket in desk.tickets()] == ["5楼楼道", "电梯", "电梯"]


async def test_together_means_one_ticket(desk: SmallDesk) -> None:
    await run(ActionSubmitComplaint(), make_tracker(slots={**TWO, "case_split": "together"}))
    [ticket] = desk.tickets()
    assert all(part in ticket.description for part in PARTS)


async def test_the_angry_are_not_asked(desk: SmallDesk) -> None:
    known = {"case_target": "new", "case_matter": LETTER, "case_parts": list(PARTS)}
    slots = await ask("同意", "case_consent", slots={**known, "form_calmed": True})
    assert slots["requested_slot"] != "case_split"
