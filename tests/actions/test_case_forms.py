"""The complaint and repair forms, message by message."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from actions.case_questions import ActionAskCaseConfirmed, ActionAskCaseName, ActionAskCasePlace
from actions.complaint_form import ActionSubmitComplaint, ValidateComplaintForm
from actions.forms.guided import GuidedForm
from actions.forms.view import SKIPPED
from actions.repair_form import ActionSubmitRepair, ValidateRepairForm
from desk.tickets.models import TicketEntry
from tests.actions.support import (
    SmallDesk,
    commands_of,
    make_tracker,
    responses_of,
    run,
    slots_of,
)

PLACE = {"estate": None, "building": "3", "unit": "2", "room": "502", "spot": None, "tries": 1}
FULL = {
    "case_target": "new",
    "case_consent": True,
    "case_matter": "楼上漏水，我叫王小明，电话13800138000",
    "case_place": PLACE,
    "case_time": "昨晚",
    "case_wish": "尽快修好",
    "case_name": "王小明",
    "case_phone": "13800138000",
}


async def step(
    text: str,
    *,
    requested: str | None,
    slots: dict[str, Any] | None = None,
    form: GuidedForm | None = None,
    **message: Any,
) -> tuple[dict[str, Any], list[str]]:
    """Run a form's turn; return the slots set and the responses."""
    tracker = make_tracker(text, requested=requested, slots=slots, **message)
    events, said = await run(form or ValidateComplaintForm(), tracker)
    assert events[-1]["name"] == "requested_slot" or events[-1]["event"] != "slot"
    return slots_of(events), responses_of(said)


async def test_the_first_message_fills_what_it_says(desk: SmallDesk) -> None:
    text = "我要投诉，云栖雅苑5栋1单元1203，昨晚八点多楼上扔垃圾，希望你们严查"
    slots, said = await step(text, requested=None, intent="file_complaint")
    assert said == ["utter_apologize"]
    assert slots["case_matter"] == text
    assert slots["case_place"]["building"] == "5"
    assert slots["case_place"]["estate"] == "云栖雅苑"
    assert slots["case_time"] == "昨晚八点多"
    assert slots["case_wish"] == "希望你们严查"
    assert slots["case_target"] == "new"
    assert slots["requested_slot"] == "case_consent"


async def test_an_empty_complaint_fills_nothing(desk: SmallDesk) -> None:
    slots, _ = await step("我要投诉", requested=None, intent="file_complaint")
    filled = {name for name, value in slots.items() if name.startswith("case_") and value}
    assert filled == {"case_target"}


async def test_values_of_an_earlier_form_do_not_stay(desk: SmallDesk) -> None:
    slots, _ = await step("我要投诉", requested=None, slots=FULL, intent="file_complaint")
    assert slots["case_phone"] is None
    assert slots["case_matter"] is None


@pytest.mark.parametrize(
    ("text", "consent"),
    [("同意", True), ("可以", True), ("不同意", False), ("匿名吧", False), ("不想留信息", False)],
)
async def test_consent_in_words(desk: SmallDesk, text: str, consent: bool) -> None:
    slots, _ = await step(text, requested="case_consent", slots={"case_target": "new"})
    assert slots["case_consent"] is consent


async def test_without_consent_name_and_phone_are_dropped(desk: SmallDesk) -> None:
    slots, said = await step(
        "", requested="case_consent", slots=FULL, intent="deny", entities={"button": "consent_no"}
    )
    assert (slots["case_consent"], slots["case_name"], slots["case_phone"]) == (False, None, None)
    assert said == ["utter_consent_anonymous"]
    assert slots["requested_slot"] == "case_confirmed"


async def test_no_clear_consent_twice_means_none(desk: SmallDesk) -> None:
    slots, said = await step(
        "嗯哼哈", requested="case_consent", slots={"case_target": "new", "form_misses": 1}
    )
    assert slots["case_consent"] is False
    assert said == ["utter_consent_anonymous"]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("1380013800", "utter_phone_too_short"),
        ("138001380001", "utter_phone_too_long"),
        ("12800138000", "utter_phone_not_real"),
        ("座机88881234", "utter_phone_no_area_code"),
        ("哦哦", "utter_help_case_phone"),
    ],
)
async def test_a_wrong_phone_is_explained_and_not_stored(
    desk: SmallDesk, text: str, response: str
) -> None:
    slots, said = await step(
        text, requested="case_phone", slots={**FULL, "case_phone": None}, intent="request_human"
    )
    assert said == [response]
    assert "case_phone" not in slots
    assert slots["requested_slot"] == "case_phone"


@pytest.mark.parametrize("text", ["不方便", "跳过", "电话就不留了", "不想留电话"])
async def test_a_refused_phone_is_accepted(desk: SmallDesk, text: str) -> None:
    slots, _ = await step(text, requested="case_phone", slots={**FULL, "case_phone": None})
    assert slots["case_phone"] == SKIPPED
    assert slots["requested_slot"] == "case_confirmed"


async def test_skipping_the_contact_question_skips_both(desk: SmallDesk) -> None:
    open_contact = {**FULL, "case_name": None, "case_phone": None}
    slots, _ = await step("跳过", requested="case_name", slots=open_contact)
    assert (slots["case_name"], slots["case_phone"]) == (SKIPPED, SKIPPED)


async def test_a_phone_number_is_an_answer_whatever_it_looks_like(desk: SmallDesk) -> None:
    slots, said = await step(
        "13911112222",
        requested="case_phone",
        slots={**FULL, "case_phone": None},
        intent="cancel_form",
        confidence=0.99,
    )
    assert slots["case_phone"] == "13911112222"
    assert said == []


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("电话错了，是13911112222", "case_phone", "13911112222"),
        ("名字写错了，我叫李娜", "case_name", "李娜"),
        ("时间不对，是上周三", "case_time", "上周三"),
    ],
)
async def test_corrections_at_the_end(desk: SmallDesk, text: str, slot: str, value: str) -> None:
    slots, said = await step(text, requested="case_confirmed", slots=FULL)
    assert slots[slot] == value
    assert said == ["utter_corrected"]
    assert slots["requested_slot"] == "case_confirmed"


async def test_a_corrected_building_keeps_unit_and_room(desk: SmallDesk) -> None:
    slots, said = await step(
        "不对，是5栋", requested="case_wish", slots={**FULL, "case_wish": None}
    )
    place = slots["case_place"]
    assert (place["building"], place["unit"], place["room"]) == ("5", "2", "502")
    assert said == ["utter_corrected"]
    assert slots["requested_slot"] == "case_wish"
    assert "case_wish" not in slots


async def test_contact_and_place_told_too_early_are_no_wish(desk: SmallDesk) -> None:
    open_fields = {"case_wish": None, "case_name": None, "case_phone": None, "case_place": None}
    known = {**FULL, **open_fields}
    slots, _ = await step("王丽 13912345678", requested="case_wish", slots=known)
    assert (slots["case_name"], slots["case_phone"]) == ("王丽", "13912345678")
    assert slots.get("case_wish") is None
    estate, place = {"estate": "云栖雅苑"}, "云栖雅苑3栋1单元1201"
    slots, _ = await step(place, requested="case_wish", slots=known, entities=estate)
    assert slots["case_place"]["room"] == "1201"
    assert slots.get("case_wish") is None


async def test_edit_button_asks_for_one_field_again(desk: SmallDesk) -> None:
    slots, _ = await step(
        "",
        requested="case_confirmed",
        slots=FULL,
        intent="deny",
        entities={"button": "edit_case_place"},
    )
    assert slots["case_place"] is None
    assert slots["requested_slot"] == "case_place"


async def test_a_question_in_between_is_answered_and_asked_back(desk: SmallDesk) -> None:
    slots, said = await step(
        "物业费多少钱一平？",
        requested="case_place",
        slots={**FULL, "case_place": None},
        intent="ask_property_fee",
    )
    assert said == ["utter_fact"]
    assert slots["requested_slot"] == "case_place"
    assert "case_place" not in slots


async def test_thanks_in_between(desk: SmallDesk) -> None:
    slots, said = await step(
        "谢谢", requested="case_wish", slots={**FULL, "case_wish": None}, intent="thank"
    )
    assert said in (["utter_small_reply"], [])
    assert slots["requested_slot"] in ("case_wish", "case_confirmed")


async def test_anger_is_calmed_once_and_asked_less(desk: SmallDesk) -> None:
    bare = {"case_target": "new", "case_consent": True, "case_matter": "电梯坏了"}
    slots, said = await step("你们到底管不管！3栋2单元502", requested="case_place", slots=bare)
    assert said == ["utter_calm"]
    assert (slots["anger_count"], slots["form_calmed"]) == (1, True)
    assert slots["requested_slot"] == "case_name"


async def test_anger_twice_ends_with_a_person(desk: SmallDesk) -> None:
    slots, _ = await step("气死我了", requested="case_wish", slots={**FULL, "anger_count": 1})
    assert slots["form_outcome"] == "handover_anger"
    assert slots["requested_slot"] is None


async def test_danger_ends_at_once(desk: SmallDesk) -> None:
    slots, said = await step("投诉！电梯坠落有人受伤", requested=None, intent="file_complaint")
    assert said == ["utter_stay_safe"]
    assert slots["form_outcome"] == "danger"
    assert slots["requested_slot"] is None


async def test_stopping(desk: SmallDesk) -> None:
    slots, said = await step("算了，不投诉了", requested="case_place", slots=FULL)
    if slots["form_outcome"] is None:
        slots, said = await step("不投诉了", requested="case_place", slots=FULL)
    assert (slots["form_outcome"], slots["requested_slot"], said) == ("cancelled", None, [])


async def test_a_failure_ends_the_form_with_an_apology(desk: SmallDesk) -> None:
    with desk.database.transaction() as session:
        session.connection().exec_driver_sql("DROP TABLE home")
    slots, said = await step("3栋2单元", requested="case_place", slots=FULL)
    assert said == ["utter_trouble"]
    assert slots["form_outcome"] == "failed"


@pytest.mark.parametrize(
    "text", ["", "？？？", "😀", "1" * 10_000, "<script>alert(1)</script>", "a\x00b"]
)
@pytest.mark.parametrize(
    "slot", ["case_matter", "case_place", "case_name", "case_phone", "case_wish"]
)
async def test_rubbish_fills_no_slot(desk: SmallDesk, slot: str, text: str) -> None:
    slots, _ = await step(text, requested=slot, slots={**FULL, slot: None}, intent="affirm")
    assert slots.get(slot) in (None, SKIPPED)


@pytest.mark.parametrize("text", ["行", "可以", "好的", "没问题", "确认", "对的"])
async def test_ways_to_confirm(desk: SmallDesk, text: str) -> None:
    slots, _ = await step(text, requested="case_confirmed", slots=FULL, intent="out_of_scope")
    assert slots["case_confirmed"] is True
    assert slots["requested_slot"] is None


async def test_an_answer_sent_twice_does_not_fill_the_next_slot(desk: SmallDesk) -> None:
    known = {**FULL, "case_time": None}
    slots, said = await step(
        "二期中心广场那里", requested="case_time", slots=known, earlier=("二期中心广场那里",)
    )
    assert said == []
    assert "case_time" not in slots
    assert slots["requested_slot"] == "case_time"


async def test_the_ticket_holds_what_was_confirmed(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    tracker = make_tracker("确认", slots=FULL, conversation_id=conversation)
    events, said = await run(ActionSubmitComplaint(), tracker)
    (ticket,) = desk.tickets(conversation)
    assert (ticket.building, ticket.unit, ticket.room) == ("3", "2", "502")
    assert (ticket.customer_name, ticket.phone) == ("王小明", "13800138000")
    assert "13800138000" not in ticket.description
    assert "王小明" not in ticket.description
    assert responses_of(said)[0] == "utter_complaint_opened"
    assert said.messages[0]["number"] == ticket.number
    assert set(slots_of(events).values()) == {None}


async def test_a_major_complaint_goes_to_a_person_urgently(desk: SmallDesk) -> None:
    matter = "延期交房两年，几百户业主要集体维权，已经联系媒体曝光，准备起诉"
    tracker = make_tracker("确认", slots={**FULL, "case_matter": matter})
    _, said = await run(ActionSubmitComplaint(), tracker)
    assert commands_of(said) == [
        {"command": "handover", "reason": "major_complaint", "urgent": True}
    ]


async def test_an_anonymous_ticket_holds_no_personal_data(desk: SmallDesk) -> None:
    tracker = make_tracker("确认", slots={**FULL, "case_consent": False})
    await run(ActionSubmitComplaint(), tracker)
    (ticket,) = desk.tickets()
    assert (ticket.has_consent, ticket.customer_name, ticket.phone, ticket.room) == (
        False,
        None,
        None,
        None,
    )


async def test_a_cancelled_form_leaves_no_ticket(desk: SmallDesk) -> None:
    tracker = make_tracker("算了", slots={**FULL, "form_outcome": "cancelled"})
    events, said = await run(ActionSubmitComplaint(), tracker)
    assert desk.tickets() == []
    assert responses_of(said) == ["utter_case_cancelled"]
    assert set(slots_of(events).values()) == {None}


async def test_a_second_complaint_asks_whether_it_is_the_same(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    await run(
        ActionSubmitComplaint(), make_tracker("确认", slots=FULL, conversation_id=conversation)
    )
    slots, _ = await step(
        "我还要投诉，又漏水了",
        requested=None,
        intent="file_complaint",
        conversation_id=conversation,
    )
    assert slots["requested_slot"] == "case_target"
    assert slots["offer_ticket"] == desk.tickets(conversation)[0].number


async def test_a_supplement_goes_to_the_ticket_that_is_open(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    await run(
        ActionSubmitComplaint(), make_tracker("确认", slots=FULL, conversation_id=conversation)
    )
    number = desk.tickets(conversation)[0].number
    slots = {
        "form_outcome": "supplement",
        "offer_ticket": number,
        "case_matter": "今天又漏了一地水",
    }
    tracker = make_tracker("同一件事", slots=slots, conversation_id=conversation, message_id="m2")
    # Rasa died before it noted the answer, and is asked again.
    for _ in range(2):
        _, said = await run(ActionSubmitComplaint(), tracker)
        assert responses_of(said) == ["utter_supplemented"]
    (ticket,) = desk.tickets(conversation)
    with desk.database.reading() as session:
        of_ticket = select(TicketEntry.kind).where(TicketEntry.ticket_id == ticket.id)
        kinds = Counter(session.scalars(of_ticket))
    assert kinds["supplemented"] == 1


async def test_somebody_elses_ticket_is_not_supplemented(desk: SmallDesk) -> None:
    owner = desk.conversation()
    await run(ActionSubmitComplaint(), make_tracker("确认", slots=FULL, conversation_id=owner))
    slots = {
        "form_outcome": "supplement",
        "offer_ticket": desk.tickets(owner)[0].number,
        "case_matter": "别人的投诉我来补充",
    }
    other = make_tracker("同一件事", slots=slots, conversation_id=desk.conversation())
    _, said = await run(ActionSubmitComplaint(), other)
    assert responses_of(said) == ["utter_progress_none"]


async def test_a_repair_asks_for_the_room_once(desk: SmallDesk) -> None:
    bare = {"case_consent": True, "case_matter": "水龙头滴水"}
    form = ValidateRepairForm()
    slots, _ = await step("3栋", requested="case_place", slots=bare, form=form)
    assert slots["requested_slot"] == "case_place"
    again = {**bare, "case_place": slots["case_place"]}
    slots, _ = await step("就是3栋", requested="case_place", slots=again, form=form)
    assert slots["requested_slot"] == "case_time"


async def test_a_floor_comes_to_the_ticket(desk: SmallDesk) -> None:
    text = "报修，3栋2单元5楼楼道的灯坏了"
    form = ValidateRepairForm()
    slots, _ = await step(text, requested=None, intent="request_repair", form=form)
    tracker = make_tracker("确认", slots={**FULL, "case_place": slots["case_place"]})
    await run(ActionSubmitRepair(), tracker)
    (ticket,) = desk.tickets()
    assert (ticket.building, ticket.unit, ticket.spot) == ("3", "2", "5楼楼道")
    assert ticket.occurred == "昨晚"


async def test_a_talk_of_before_still_tells_its_public_place(desk: SmallDesk) -> None:
    place = {"estate": None, "building": None, "unit": None, "room": None, "note": "小区北门"}
    tracker = make_tracker("确认", slots={**FULL, "case_place": {**place, "tries": 1}})
    await run(ActionSubmitRepair(), tracker)
    (ticket,) = desk.tickets()
    assert (ticket.spot, ticket.occurred) == ("小区北门", "昨晚")


@pytest.mark.parametrize(
    ("text", "is_enough"),
    [("3栋2单元5楼楼道", True), ("小区北门", True), ("3栋2单元5楼", False), ("3栋顶楼", False)],
)
async def test_a_floor_alone_may_be_a_home(desk: SmallDesk, text: str, is_enough: bool) -> None:
    bare = {"case_consent": True, "case_matter": "灯坏了"}
    form = ValidateRepairForm()
    slots, _ = await step(text, requested="case_place", slots=bare, form=form)
    assert slots["requested_slot"] == ("case_time" if is_enough else "case_place")


async def test_the_room_asked_for_may_be_a_public_place(desk: SmallDesk) -> None:
    place = {**PLACE, "room": None, "spot": "5楼"}
    known = {"case_consent": True, "case_matter": "灯坏了", "case_place": place}
    form = ValidateRepairForm()
    slots, _ = await step("是楼道的灯", requested="case_place", slots=known, form=form)
    assert slots["case_place"]["spot"] == "5楼楼道"
    slots, _ = await step("502", requested="case_place", slots=known, form=form)
    assert (slots["case_place"]["room"], slots["case_place"]["spot"]) == ("502", None)


@pytest.mark.parametrize(
    ("text", "spot"),
    [("不是5楼，是6楼", "6楼楼道"), ("不对，是3栋2单元7楼", "7楼楼道"), ("不对，是北门", "北门")],
)
async def test_a_corrected_floor(desk: SmallDesk, text: str, spot: str) -> None:
    place = {**PLACE, "room": None, "spot": "5楼楼道"}
    known = {**FULL, "case_place": place}
    slots, said = await step(text, requested="case_confirmed", slots=known)
    assert (slots["case_place"]["building"], slots["case_place"]["spot"]) == ("3", spot)
    assert said == ["utter_corrected"]


async def test_a_repair_opens_its_ticket(desk: SmallDesk) -> None:
    tracker = make_tracker("确认", slots={**FULL, "case_target": None, "case_wish": None})
    _, said = await run(ActionSubmitRepair(), tracker)
    (ticket,) = desk.tickets()
    assert (ticket.kind, ticket.department, ticket.category) == ("repair", "engineering", None)
    assert responses_of(said) == ["utter_repair_opened"]


async def test_questions_adapt_to_what_is_known(desk: SmallDesk) -> None:
    place = {**PLACE, "room": None, "unit": None}
    _, said = await run(ActionAskCasePlace(), make_tracker(slots={"case_place": place}))
    assert responses_of(said) == ["utter_ask_case_room"]
    _, said = await run(ActionAskCaseName(), make_tracker(slots={"case_phone": "13800138000"}))
    assert responses_of(said) == ["utter_ask_case_name"]
    anonymous = {**FULL, "case_consent": False}
    _, said = await run(ActionAskCaseConfirmed(), make_tracker(slots=anonymous))
    assert "13800138000" not in said.messages[0]["summary"]
