"""What the bot shows beside its words: summary, consent, progress."""

import pytest

from actions.base import get_desk
from actions.cards import consent_card, progress_say, summary_card
from actions.case_questions import ActionAskCaseConfirmed, ActionAskCaseConsent
from actions.cases import summary
from actions.complaint_form import ActionSubmitComplaint, ValidateComplaintForm
from actions.forms.view import SKIPPED
from desk.privacy.consent import version_of
from desk.tickets.domain import NewTicket
from desk.tickets.service import change_state, open_ticket, urge
from tests.actions.support import SmallDesk, cards_of, make_tracker, run, slots_of

FULL = {
    "case_target": "new",
    "case_consent": True,
    "case_matter": "楼上漏水",
    "case_place": {"estate": None, "building": "3", "unit": "2", "room": "502", "spot": None},
    "case_time": "昨晚",
    "case_wish": "尽快修好",
    "case_name": "王小明",
    "case_phone": "13800138000",
}


async def test_the_summary_shows_each_part_with_its_button(desk: SmallDesk) -> None:
    _events, said = await run(ActionAskCaseConfirmed(), make_tracker("嗯", slots=FULL))
    (card,) = cards_of(said)
    shown = {field["label"]: field["value"] for field in card["fields"]}
    assert shown["位置"] == "3栋2单元502室" and shown["电话"] == "13800138000"
    assert [field["edit"] for field in card["fields"]][1] == '/deny{"button": "edit_case_place"}'


@pytest.mark.parametrize("part", range(7))
async def test_every_button_of_the_summary_asks_for_its_part_again(
    desk: SmallDesk, part: int
) -> None:
    edit = summary_card(FULL, is_repair=False)["fields"][part]["edit"]
    button = edit.split('"')[3]
    tracker = make_tracker(
        intent="deny", entities={"button": button}, slots=FULL, requested="case_confirmed"
    )
    events, _said = await run(ValidateComplaintForm(), tracker)
    assert slots_of(events)["requested_slot"] == button.removeprefix("edit_")


def test_card_and_text_say_the_same(desk: SmallDesk) -> None:
    several = {**FULL, "case_parts": ["漏水", "电梯停了"], "case_consent": False}
    for values in (FULL, several, {**FULL, "case_time": SKIPPED}):
        text = summary(values, is_repair=False)
        for field in summary_card(values, is_repair=False)["fields"]:
            assert field["label"] in text and field["value"] in text
    anonymous = summary_card(several, is_repair=False)["fields"][-1]
    assert (anonymous["label"], anonymous["edit"]) == ("称呼和电话", None)


async def test_consent_names_the_version_that_is_agreed_to(desk: SmallDesk) -> None:
    _events, said = await run(ActionAskCaseConsent(), make_tracker("嗯"))
    notice = get_desk().company.privacy_notice
    assert cards_of(said) == [consent_card()]
    assert (consent_card()["notice"], consent_card()["version"]) == (notice, version_of(notice))


async def test_a_complaint_that_was_taken_down_shows_its_progress(desk: SmallDesk) -> None:
    tracker = make_tracker("对", slots=FULL, conversation_id=desk.conversation())
    _events, said = await run(ActionSubmitComplaint(), tracker)
    (card,) = cards_of(said)
    (ticket,) = desk.tickets()
    assert (card["number"], card["state_text"]) == (ticket.number, "待受理")
    assert [step["text"] for step in card["steps"]] == ["已登记"]


def test_progress_tells_what_concerns_the_customer(desk: SmallDesk) -> None:
    with desk.database.transaction() as session:
        new = NewTicket(kind="complaint", description="楼上漏水", conversation_id=None)
        ticket = open_ticket(session, new)
        for _ in range(2):
            urge(session, ticket, actor="customer", said="快点")
        change_state(session, ticket, "in_progress", actor="xiaoli")
        change_state(session, ticket, "resolved", actor="xiaoli")
        say = progress_say(session, ticket)
    assert say.card is not None and say.card["due"] is None
    texts = [step["text"] for step in say.card["steps"]]
    assert texts == ["已登记", "您催办了一次", "开始处理", "已处理完毕，请您确认"]
    assert "xiaoli" not in str(say.card)
