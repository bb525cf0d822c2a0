"""Orders, tickets' progress, viewings, feedback, contact: forms and what they do at the end."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from actions import greeting, viewing_form
from actions.base import DeskAction
from actions.contact_form import ActionSubmitContact, ValidateContactForm
from actions.feedback_form import ActionSubmitFeedback, ValidateFeedbackForm
from actions.forms.guided import GuidedForm
from actions.greeting import ActionGreet, ActionIntroduceBot
from actions.handover import ActionHandOver
from actions.offers import ActionTakeAnswer
from actions.order_form import ActionSubmitOrder, ValidateOrderForm
from actions.progress_form import (
    ActionAskProgressProof,
    ActionSubmitProgress,
    ValidateProgressForm,
)
from actions.viewing_form import ActionAskVisitTime, ActionSubmitViewing, ValidateViewingForm
from desk.outbox.channels import Channels, use_channels
from desk.outbox.models import OutboxMessage
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import find_ticket, open_ticket
from tests.actions.support import (
    SmallDesk,
    commands_of,
    make_tracker,
    responses_of,
    run,
    slots_of,
)

INQUIRY = {"offer_ticket": "T261123-0001-0"}
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Monday, 23 November 2026, 10:00 on the company's clock."""
    monkeypatch.setattr(viewing_form, "utc_now", lambda: MONDAY_10)
    monkeypatch.setattr(greeting, "utc_now", lambda: MONDAY_10)


async def step(
    form: GuidedForm | DeskAction, text: str = "", **message: Any
) -> tuple[dict[str, Any], list[str]]:
    events, said = await run(form, make_tracker(text, **message))
    return slots_of(events), responses_of(said)


def ticket(desk: SmallDesk, conversation_id: str | None = None, **values: Any) -> Ticket:
    new = NewTicket(
        kind="repair", description="水龙头滴水", conversation_id=conversation_id, **values
    )
    with desk.database.transaction() as session:
        return open_ticket(session, new)


async def test_an_order_is_asked_for_step_by_step(desk: SmallDesk) -> None:
    slots, _ = await step(ValidateOrderForm(), "我的订单到哪了", intent="ask_order_status")
    assert (slots["order_purpose"], slots["requested_slot"]) == ("status", "order_no")
    known = {"order_purpose": "status"}
    slots, _ = await step(ValidateOrderForm(), "mc2610180003", requested="order_no", slots=known)
    assert (slots["order_no"], slots["requested_slot"]) == ("MC2610180003", "order_last4")


async def test_matching_digits_open_the_order(desk: SmallDesk) -> None:
    known = {"order_purpose": "status", "order_no": "MC2610180003"}
    slots, _ = await step(ValidateOrderForm(), "5526", requested="order_last4", slots=known)
    assert slots["order_verified"] == "MC2610180003"
    assert slots["requested_slot"] is None
    _, said = await run(ActionSubmitOrder(), make_tracker(slots={**known, "order_last4": "5526"}))
    assert said.messages[0]["status"] == "运输中"


@pytest.mark.parametrize("number", ["MC2610180003", "MC9999999999"])
async def test_wrong_digits_and_unknown_numbers_look_alike(desk: SmallDesk, number: str) -> None:
    known = {"order_purpose": "status", "order_no": number}
    slots, said = await step(ValidateOrderForm(), "1111", requested="order_last4", slots=known)
    assert said == ["utter_order_not_matching"]
    assert (slots["order_no"], slots["order_last4"], slots["order_tries"]) == (None, None, 1)


async def test_the_third_wrong_try_locks_and_hands_over(desk: SmallDesk) -> None:
    known = {"order_purpose": "status", "order_no": "MC2610180003", "order_tries": 2}
    slots, _ = await step(ValidateOrderForm(), "1111", requested="order_last4", slots=known)
    assert (slots["form_outcome"], slots["order_tries"]) == ("locked", 3)
    _, said = await run(ActionSubmitOrder(), make_tracker(slots=slots))
    assert commands_of(said)[0]["reason"] == "misunderstanding"
    slots, _ = await step(
        ValidateOrderForm(), "MC2610180003 尾号5526", intent="ask_order_status", slots=slots
    )
    assert slots["form_outcome"] == "locked"


async def test_a_change_is_confirmed_before_a_ticket(desk: SmallDesk) -> None:
    known = {
        "order_purpose": "change",
        "order_no": "MC2610230004",
        "order_verified": "MC2610230004",
    }
    slots, _ = await step(
        ValidateOrderForm(), "地址改到7栋1单元301", requested="order_wish", slots=known
    )
    assert slots["requested_slot"] == "order_confirmed"
    filled = {**known, "order_wish": slots["order_wish"]}
    _, said = await run(ActionSubmitOrder(), make_tracker("对", slots=filled))
    (opened,) = desk.tickets()
    assert (opened.kind, opened.order_no, opened.department) == (
        "order_change",
        "MC2610230004",
        "sales",
    )
    assert responses_of(said) == ["utter_order_change_opened"]


async def test_another_wish_drops_a_light_form(desk: SmallDesk) -> None:
    events, said = await run(
        ValidateOrderForm(),
        make_tracker("我要投诉你们", intent="file_complaint", requested="order_no"),
    )
    assert [e["event"] for e in events[-2:]] == ["active_loop", "action_execution_rejected"]
    assert said.messages == []


async def test_own_tickets_are_told_at_once(desk: SmallDesk) -> None:
    conversation = desk.conversation()
    mine = ticket(desk, conversation)
    slots, _ = await step(
        ValidateProgressForm(),
        "到哪一步了",
        intent="ask_ticket_progress",
        conversation_id=conversation,
    )
    assert slots["requested_slot"] is None
    _, said = await run(
        ActionSubmitProgress(),
        make_tracker("怎么还没修，催一下", slots=slots, conversation_id=conversation),
    )
    assert mine.number in said.messages[0]["fact"]
    assert responses_of(said) == ["utter_progress", "utter_urged"]


async def test_a_number_needs_the_phones_digits(desk: SmallDesk) -> None:
    other = ticket(desk, has_consent=True, phone="13800138000")
    form = ValidateProgressForm()
    slots, _ = await step(form, f"查{other.number}", intent="ask_ticket_progress")
    assert slots["requested_slot"] == "progress_proof"
    known = {"progress_ref": other.number}
    _, said = await step(ActionAskProgressProof(), slots=known)
    assert said == ["utter_ask_progress_last4"]
    slots, said = await step(form, "1234", requested="progress_proof", slots=known)
    assert said == ["utter_progress_not_matching"]
    slots, _ = await step(form, "8000", requested="progress_proof", slots=known)
    assert slots["requested_slot"] is None


async def test_a_phone_needs_the_room(desk: SmallDesk) -> None:
    other = ticket(desk, has_consent=True, phone="13800138000", room="502")
    form = ValidateProgressForm()
    slots, _ = await step(form, "13800138000", intent="ask_ticket_progress")
    assert slots["requested_slot"] == "progress_proof"
    known = {"progress_ref": "13800138000"}
    _, said = await step(ActionAskProgressProof(), slots=known)
    assert said == ["utter_ask_progress_room"]
    slots, said = await step(form, "301", requested="progress_proof", slots=known)
    assert said == ["utter_progress_not_matching"]
    slots, _ = await step(form, "3栋2单元502", requested="progress_proof", slots=known)
    assert slots["requested_slot"] is None
    _, told = await run(
        ActionSubmitProgress(), make_tracker(slots={**known, "progress_proof": "502"})
    )
    assert other.number in told.messages[0]["fact"]


@pytest.fixture
def text_messages() -> Iterator[None]:
    """An SMS gateway is set up."""
    use_channels(Channels(company="云栖", phone="400-000-0000", has_sms=True))
    yield
    use_channels(None)


async def test_where_text_messages_go_out_a_phone_needs_the_code(
    desk: SmallDesk, text_messages: None
) -> None:
    other = ticket(desk, has_consent=True, phone="13800138000", room="502")
    form, mine = ValidateProgressForm(), desk.conversation()
    slots, _ = await step(form, "13800138000", intent="ask_ticket_progress", conversation_id=mine)
    assert slots["requested_slot"] == "progress_proof"
    known = {"progress_ref": "13800138000"}
    _, said = await step(ActionAskProgressProof(), slots=known)
    assert said == ["utter_ask_progress_code"]
    with desk.database.reading() as session:
        body = session.scalars(select(OutboxMessage)).one().body
    code = re.findall(r"\d{6}", body)[0]
    given = {"requested": "progress_proof", "slots": known, "conversation_id": mine}
    slots, said = await step(form, "没收到", **given)
    assert said == ["utter_help_progress_code"]
    slots, _ = await step(form, f"验证码是{code[:3]} {code[3:]}", **given)
    assert slots["requested_slot"] is None
    filled = {**known, "progress_proof": code}
    _, told = await run(ActionSubmitProgress(), make_tracker(slots=filled, conversation_id=mine))
    assert other.number in told.messages[0]["fact"]


async def test_an_anonymous_ticket_of_others_is_never_shown(desk: SmallDesk) -> None:
    other = ticket(desk)
    known = {"progress_ref": other.number, "progress_tries": 2}
    slots, _ = await step(ValidateProgressForm(), "0000", requested="progress_proof", slots=known)
    assert slots["form_outcome"] == "locked"


@pytest.mark.parametrize("proof", [None, "301"])
async def test_a_phone_alone_shows_nothing(desk: SmallDesk, proof: str | None) -> None:
    ticket(desk, has_consent=True, phone="13800138000", room="502")
    known = {"progress_ref": "13800138000", "progress_proof": proof}
    slots, said = await step(ActionSubmitProgress(), slots=known)
    assert said == ["utter_progress_none"]
    assert slots["pending_offer"] == "human"


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("周六晚上十点", "utter_visit_outside_hours"),
        ("今天上午九点", "utter_visit_past"),
        ("2027年5月1日上午10点", "utter_visit_too_far"),
        ("再说吧", "utter_help_visit_time"),
    ],
)
async def test_a_viewing_time_is_checked(desk: SmallDesk, text: str, response: str) -> None:
    slots, said = await step(
        ValidateViewingForm(), text, requested="visit_time", slots={"visit_day": None}
    )
    assert said == [response]
    assert slots["requested_slot"] == "visit_time"


async def test_a_viewing_day_then_an_hour(desk: SmallDesk) -> None:
    form = ValidateViewingForm()
    slots, _ = await step(form, "周六能看房吗", intent="ask_viewing")
    assert (slots["visit_day"], slots["requested_slot"]) == ("2026-11-28", "visit_time")
    _, said = await step(ActionAskVisitTime(), slots=slots)
    assert said == ["utter_ask_visit_hour"]
    slots, _ = await step(
        form, "下午三点", requested="visit_time", slots={"visit_day": "2026-11-28"}
    )
    assert slots["visit_time"].startswith("2026-11-28T15:00")
    assert slots["requested_slot"] == "visit_phone"


async def test_a_viewing_opens_a_ticket(desk: SmallDesk) -> None:
    filled = {"visit_time": "2026-11-28T15:00:00+08:00", "visit_phone": "13800138000"}
    _, said = await run(ActionSubmitViewing(), make_tracker(slots=filled))
    (opened,) = desk.tickets()
    assert (opened.kind, opened.phone, opened.occurred) == (
        "viewing",
        "13800138000",
        "11月28日（周六）15:00",
    )
    assert responses_of(said) == ["utter_viewing_opened"]


async def test_an_unwanted_appointment_ends_without_a_person(desk: SmallDesk) -> None:
    slots, _ = await step(
        ValidateViewingForm(), "都行吧", requested="visit_time", slots={"form_misses": 1}
    )
    assert slots["form_outcome"] == "cancelled"


async def test_feedback_is_recorded_as_said(desk: SmallDesk) -> None:
    text = "建议在门口装减速带，我电话13800138000"
    slots, _ = await step(ValidateFeedbackForm(), text, intent="make_suggestion")
    assert slots["requested_slot"] is None
    _, said = await step(ActionSubmitFeedback(), text, slots=slots)
    (opened,) = desk.tickets()
    assert opened.kind == "suggestion"
    assert "13800138000" not in opened.description
    assert said == ["utter_suggestion_recorded"]


async def test_short_praise_asks_nothing(desk: SmallDesk) -> None:
    slots, _ = await step(ValidateFeedbackForm(), "好评", intent="give_praise")
    assert slots["feedback_text"] == "好评"
    slots, _ = await step(ValidateFeedbackForm(), "提个建议", intent="make_suggestion")
    assert slots["requested_slot"] == "feedback_text"


async def test_the_answers_phone_goes_to_the_inquiry(desk: SmallDesk) -> None:
    inquiry = ticket(desk)
    slots, said = await step(ValidateContactForm(), "1380013800", requested="contact_phone")
    assert said == ["utter_phone_too_short"]
    slots, _ = await step(ValidateContactForm(), "13800138000", requested="contact_phone")
    filled = {**slots, "offer_ticket": inquiry.number}
    _, said = await step(ActionSubmitContact(), slots=filled)
    with desk.database.reading() as session:
        stored = find_ticket(session, inquiry.number)
        assert (stored.phone, stored.reply_channel, stored.has_consent) == (
            "13800138000",
            "phone",
            True,
        )
    assert said == ["utter_contact_recorded"]


async def test_greeting_names_company_and_time_of_day(desk: SmallDesk) -> None:
    events, said = await run(ActionGreet(), make_tracker("你好", intent="greet"))
    assert (said.messages[0]["daypart"], said.messages[0]["bot_name"]) == ("上午", "小栖")
    _, again = await step(ActionGreet(), "在吗", intent="greet", slots=slots_of(events))
    assert again == ["utter_greet_again"]
    by_the_desk = make_tracker("你好", intent="greet")
    by_the_desk.latest_message["metadata"] = {"is_greeted": True}
    _, said = await run(ActionGreet(), by_the_desk)
    assert [one["response"] for one in said.messages] == ["utter_greet_again"]
    _, said2 = await step(ActionIntroduceBot(), "你是机器人吗", intent="bot_challenge")
    assert said2 == ["utter_introduce_bot"]


async def test_hand_over_on_request(desk: SmallDesk) -> None:
    _, said = await run(ActionHandOver(), make_tracker("转人工", intent="request_human"))
    assert commands_of(said) == [{"command": "handover", "reason": "requested", "urgent": False}]


@pytest.mark.parametrize(
    ("slots", "message", "responses", "offer"),
    [
        (INQUIRY, {"intent": "affirm", "entities": {"button": "reply_phone"}}, [], "contact"),
        (INQUIRY, {"intent": "affirm", "entities": {"button": "reply_email"}}, [], "contact"),
        (INQUIRY, {"text": "发短信给我就行", "intent": "affirm"}, [], "contact"),
        ({}, {"text": "发短信给我就行", "intent": "affirm"}, ["utter_noted"], None),
        (
            INQUIRY,
            {"intent": "affirm", "entities": {"button": "reply_chat"}},
            ["utter_reply_here"],
            None,
        ),
        (
            {"pending_offer": "human"},
            {"text": "好的", "intent": "affirm"},
            ["utter_handover_requested"],
            None,
        ),
        ({"pending_offer": "human"}, {"text": "不用", "intent": "deny"}, ["utter_noted"], None),
        ({}, {"text": "？？？", "intent": "affirm"}, ["utter_rephrase"], None),
    ],
)
async def test_short_answers_belong_to_the_last_offer(
    desk: SmallDesk,
    slots: dict[str, Any],
    message: dict[str, Any],
    responses: list[str],
    offer: str | None,
) -> None:
    events, said = await run(ActionTakeAnswer(), make_tracker(slots=slots, **message))
    assert responses_of(said) == responses
    assert slots_of(events)["pending_offer"] == offer
