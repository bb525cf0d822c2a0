"""By what way the customer is answered: read from words, asked for, kept on the ticket."""

from typing import Any

import pytest

from actions.case_questions import ActionAskCaseConfirmed, ActionAskCaseReply
from actions.complaint_form import ActionSubmitComplaint, ValidateComplaintForm
from actions.contact_form import ActionSubmitContact, ValidateContactForm
from actions.parsing.channels import read_channel
from actions.understanding import ActionClarify, ActionDeclineTopic
from desk.tickets.domain import NewTicket
from desk.tickets.service import find_ticket, open_ticket
from tests.actions.support import SmallDesk, make_tracker, responses_of, run, slots_of
from tests.actions.test_case_forms import FULL


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("短信回复我就行", "sms"),
        ("处理好了发个短信告诉我", "sms"),
        ("请用邮件答复", "email"),
        ("发我邮箱吧", "email"),
        ("打电话通知我", "phone"),
        ("给我打个电话", "phone"),
        ("就在这里回复吧", "chat"),
        ("别打电话，发短信", "sms"),
        ("别打电话", None),
        ("你们发短信说今天停水", None),
        ("电话里说好的", None),
        ("物业电话没人接", None),
        ("楼上漏水", None),
    ],
)
def test_channels_in_words(text: str, channel: str | None) -> None:
    assert read_channel(text) == channel


@pytest.mark.parametrize(
    ("text", "channel"), [("短信", "sms"), ("邮箱", "email"), ("手机", "phone"), ("随便", None)]
)
def test_the_name_is_enough_when_asked(text: str, channel: str | None) -> None:
    assert read_channel(text, is_asked=True) == channel


async def confirm(text: str = "", **message: Any) -> tuple[dict[str, Any], list[str]]:
    slots = message.pop("slots", FULL)
    tracker = make_tracker(text, requested="case_confirmed", slots=slots, **message)
    events, said = await run(ValidateComplaintForm(), tracker)
    return slots_of(events), responses_of(said)


async def summary(slots: dict[str, Any]) -> str:
    _, said = await run(ActionAskCaseConfirmed(), make_tracker(slots=slots))
    return str(said.messages[0]["summary"])


async def test_a_phone_is_called_unless_something_else_is_wished(desk: SmallDesk) -> None:
    assert "答复方式：电话" in await summary(FULL)
    slots, _ = await confirm("别打电话，发短信给我吧")
    assert slots["case_reply"] == "sms"
    assert "case_matter" not in slots
    assert "答复方式：短信" in await summary({**FULL, **slots})


async def test_an_address_in_a_message_is_enough(desk: SmallDesk) -> None:
    slots, _ = await confirm("发到Wang@Example.com吧")
    assert (slots["case_reply"], slots["case_email"]) == ("email", "wang@example.com")
    assert "答复方式：邮件（wang@example.com）" in await summary({**FULL, **slots})
    await run(ActionSubmitComplaint(), make_tracker(slots={**FULL, **slots}))
    [ticket] = desk.tickets()
    assert (ticket.reply_channel, ticket.email) == ("email", "wang@example.com")


async def test_the_way_can_be_chosen_from_buttons(desk: SmallDesk) -> None:
    slots, _ = await confirm(intent="deny", entities={"button": "edit_case_reply"})
    assert slots["requested_slot"] == "case_reply"
    _, said = await run(ActionAskCaseReply(), make_tracker(slots=FULL))
    assert [b["title"] for b in said.messages[0]["buttons"]] == [
        "在这个对话里",
        "电话",
        "短信",
        "邮件",
    ]
    tracker = make_tracker(
        requested="case_reply", slots=FULL, intent="affirm", entities={"button": "reply_email"}
    )
    events, _ = await run(ValidateComplaintForm(), tracker)
    assert slots_of(events)["requested_slot"] == "case_email"


async def test_a_text_message_needs_the_phone_that_was_left_out(desk: SmallDesk) -> None:
    slots, _ = await confirm("发短信通知我", slots={**FULL, "case_phone": "skipped"})
    assert slots["requested_slot"] == "case_phone"


async def test_without_the_address_the_answer_comes_here(desk: SmallDesk) -> None:
    left_out = {**FULL, "case_reply": "email", "case_email": "skipped"}
    assert "答复方式：在这个对话里" in await summary(left_out)


async def test_without_consent_no_address_is_kept(desk: SmallDesk) -> None:
    slots = {**FULL, "case_consent": False, "case_reply": "email", "case_email": "a@example.com"}
    await run(ActionSubmitComplaint(), make_tracker(slots=slots))
    [ticket] = desk.tickets()
    assert (ticket.reply_channel, ticket.email, ticket.phone) == ("chat", None, None)


def inquiry(desk: SmallDesk) -> str:
    with desk.database.transaction() as session:
        return open_ticket(session, NewTicket(kind="inquiry", description="咨询价格")).number


async def fill(text: str, requested: str | None, **slots: Any) -> tuple[dict[str, Any], list[str]]:
    tracker = make_tracker(text, requested=requested, slots=slots)
    events, said = await run(ValidateContactForm(), tracker)
    return slots_of(events), responses_of(said)


async def test_an_inquiry_answered_by_mail(desk: SmallDesk) -> None:
    number = inquiry(desk)
    slots, _ = await fill("邮件回复我", None)
    assert slots["requested_slot"] == "contact_email"
    slots, said = await fill("wang@", "contact_email", contact_channel="email")
    assert said == ["utter_help_case_email"]
    slots, _ = await fill("wang@example.com", "contact_email", contact_channel="email")
    assert slots["requested_slot"] is None
    given = {"contact_channel": "email", "contact_email": "wang@example.com"}
    await run(ActionSubmitContact(), make_tracker(slots={**given, "offer_ticket": number}))
    with desk.database.reading() as session:
        ticket = find_ticket(session, number)
    assert (ticket.reply_channel, ticket.email, ticket.has_consent) == (
        "email",
        "wang@example.com",
        True,
    )


async def test_an_inquiry_answered_by_text_message(desk: SmallDesk) -> None:
    number = inquiry(desk)
    slots, _ = await fill("短信回复，13800138000", None)
    assert slots["requested_slot"] is None
    given = {"contact_channel": "sms", "contact_phone": "13800138000", "offer_ticket": number}
    assert {name: slots[name] for name in ("contact_channel", "contact_phone")} == {
        "contact_channel": "sms",
        "contact_phone": "13800138000",
    }
    await run(ActionSubmitContact(), make_tracker(slots=given))
    with desk.database.reading() as session:
        assert find_ticket(session, number).reply_channel == "sms"


@pytest.mark.parametrize("action", [ActionClarify, ActionDeclineTopic])
async def test_an_address_counts_whatever_intent_it_looks_like(
    desk: SmallDesk, action: type[ActionClarify] | type[ActionDeclineTopic]
) -> None:
    waiting = {"offer_ticket": inquiry(desk)}
    events, _ = await run(action(), make_tracker("wang@example.com", slots=waiting))
    assert slots_of(events)["pending_offer"] == "contact"
