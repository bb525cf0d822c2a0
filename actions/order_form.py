"""Orders: shown, changed or cancelled only after the phone's last four digits match (R-E1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Handover, Reply, Say, conversation_in, get_desk, source_key
from actions.case_questions import AskAction
from actions.cases import opened_values
from actions.forms.case_readers import yes_or_no
from actions.forms.guided import GuidedForm
from actions.forms.submit import SubmitAction
from actions.forms.view import FormView, Step
from actions.parsing.matters import has_more, has_words, without_personal_data
from actions.parsing.replies import is_skip, is_yes
from actions.turn import Turn
from desk.catalog.models import Order
from desk.catalog.service import find_order
from desk.tickets.domain import NewTicket
from desk.tickets.models import Ticket
from desk.tickets.service import open_ticket
from scripts_library.reading.phones import read_last4
from scripts_library.reading.references import read_order_no

MOST_TRIES = 3
LOCKED = "locked"
_PURPOSES = {"change_order": "change", "cancel_order": "cancel"}
_CHANGES = ("改成", "换成", "改为", "改到", "改寄", "寄到", "送到", "换到")


def read_number(view: FormView) -> str | None:
    """Return the order number of a message."""
    entity = view.turn.first("order_no")
    return read_order_no(view.plain, entity, is_asked=view.asks("order_no"))


def read_digits(view: FormView) -> str | None:
    """Return the last four digits of the phone, if they were asked for or named as such."""
    is_named = any(word in view.plain for word in ("后四位", "尾号", "手机", "电话"))
    return read_last4(view.plain) if view.asks("order_last4") or is_named else None


def read_change(view: FormView) -> str | None:
    """Return what is to be changed."""
    text = view.plain
    if view.asks("order_wish"):
        return text[:500] if has_words(text, 2) and not is_yes(text) and not is_skip(text) else None
    is_told = any(word in text for word in _CHANGES) and view.requested != "order_last4"
    return text[:500] if is_told and has_more(text) else None


def read_confirmation(view: FormView) -> bool | None:
    """Return True once the request is confirmed."""
    if not view.asks("order_confirmed"):
        return None
    return True if view.turn.button == "confirm" or yes_or_no(view) else None


class ValidateOrderForm(GuidedForm):
    """Asks for number and digits; three wrong tries go to a person."""

    form = "order_form"
    own_intents = frozenset(("ask_order_status", "change_order", "cancel_order"))
    extra_slots = ("order_purpose",)
    free_text = frozenset(("order_wish",))
    readers = {  # noqa: RUF012
        "order_no": read_number,
        "order_last4": read_digits,
        "order_wish": read_change,
        "order_confirmed": read_confirmation,
    }

    def wanted(self, values: Mapping[str, Any]) -> Sequence[str]:
        purpose = values.get("order_purpose")
        wanted = ["order_no"]
        if values.get("order_verified") != values.get("order_no") or not values.get("order_no"):
            wanted.append("order_last4")
        if purpose == "change":
            wanted.append("order_wish")
        return wanted if purpose == "status" else [*wanted, "order_confirmed"]

    async def begin(self, view: FormView) -> Step:
        if int(view.values.get("order_tries") or 0) >= MOST_TRIES:
            return Step(outcome=LOCKED)
        step = await self.read(view)
        slots = {"order_purpose": _PURPOSES.get(view.turn.intent, "status"), **step.slots}
        # One order was checked already in this conversation: it is the one meant.
        slots.setdefault("order_no", view.values.get("order_verified"))
        return Step(step.says, slots)

    async def read(self, view: FormView) -> Step:
        step = await super().read(view)
        if view.asks("order_confirmed") and not step.slots and yes_or_no(view) is False:
            return Step(outcome="cancelled")
        return step

    async def look_up(self, view: FormView, step: Step) -> Step:
        values = {**view.values, **step.slots}
        number, last4 = values.get("order_no"), values.get("order_last4")
        is_checked = number and values.get("order_verified") == number
        if step.outcome or step.leaves or is_checked or not (number and last4):
            return step
        order = await get_desk().database.look(matching_order, str(number), str(last4))
        if order:
            return Step(step.says, {**step.slots, "order_verified": number, "order_tries": 0})
        tries = int(view.values.get("order_tries") or 0) + 1
        slots = {"order_no": None, "order_last4": None, "order_tries": tries}
        if tries >= MOST_TRIES:
            return Step(slots=slots, outcome=LOCKED)
        # One answer for a wrong number and wrong digits: nobody learns which numbers exist.
        return Step((Say("utter_order_not_matching"),), {**step.slots, **slots})

    def help_for(self, slot: str) -> str:
        return "utter_help_choose" if slot == "order_confirmed" else f"utter_help_{slot}"


def matching_order(session: Session, number: str, last4: str) -> Order | None:
    """Return the order if the phone's last four digits are its own."""
    order = find_order(session, number)
    return order if order and order.phone_last4 == last4 else None


def status_values(order: Order) -> dict[str, str]:
    """Return what a customer is told about their own order."""
    shipped = f"{order.carrier}，运单号{order.tracking_no}" if order.tracking_no else None
    expected = (
        f"预计{order.expected_on.month}月{order.expected_on.day}日送达"
        if order.expected_on
        else None
    )
    is_over = order.status in ("已完成", "已取消")
    details = [order.production, shipped, None if is_over else expected]
    return {
        "order_no": order.order_no,
        "product": order.product_name,
        "quantity": order.quantity,
        "status": order.status,
        "details": "；".join(part for part in details if part) or "暂时没有更多进度记录",
    }


def request_text(turn: Turn) -> str:
    """Return the request in words."""
    if turn.slots.get("order_purpose") == "cancel":
        return "申请取消订单"
    return f"申请修改：{turn.slots.get('order_wish')}"


class ActionAskOrderConfirmed(AskAction):
    """Restates the order and the request."""

    action_name = "action_ask_order_confirmed"

    async def reply(self, turn: Turn) -> Reply:
        order = await get_desk().database.look(find_order, str(turn.slots["order_no"]))
        values = {**status_values(order), "request": request_text(turn)} if order else {}
        return Reply((Say("utter_ask_order_confirmed", values),))


class ActionSubmitOrder(SubmitAction):
    """Shows the order, or opens a ticket for the change or cancellation."""

    action_name = "action_submit_order"
    form_slots = ("order_no", "order_last4", "order_wish", "order_confirmed", "order_purpose")
    cancelled_response = "utter_order_untouched"

    async def submit(self, turn: Turn) -> Reply:
        if turn.slots.get("order_purpose") != "status":
            ticket = await get_desk().database.run(self._open, turn)
            return Reply((Say("utter_order_change_opened", opened_values(ticket)),))
        order = await get_desk().database.look(find_order, str(turn.slots["order_no"]))
        if order is None:
            return Reply((Say("utter_order_not_matching"),), {"order_verified": None})
        return Reply((Say("utter_order_status", status_values(order)),))

    async def end_early(self, turn: Turn, outcome: str) -> Reply:
        if outcome == LOCKED:
            says = (Say("utter_order_too_many_tries"),)
            return Reply(says, handover=Handover("misunderstanding"))
        return await super().end_early(turn, outcome)

    def _open(self, session: Session, turn: Turn) -> Ticket:
        number = str(turn.slots["order_no"])
        return open_ticket(
            session,
            NewTicket(
                kind="order_change",
                description=without_personal_data(f"订单 {number} {request_text(turn)}"),
                conversation_id=conversation_in(session, turn),
                source_key=source_key(turn, "order_change"),
                intent=f"{turn.slots['order_purpose']}_order",
                order_no=number,
            ),
        )
