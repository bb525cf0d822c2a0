"""Tells a ticket's customer something: by the channel they chose, or by the next best."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from desk.conversations import repository as conversations
from desk.conversations.models import Conversation, Sender
from desk.conversations.writing import Line, in_script_of
from desk.conversations.writing import append as append_line
from desk.locale import t
from desk.outbox.audience import responsible
from desk.outbox.channels import current_channels
from desk.outbox.news import News
from desk.outbox.queueing import enqueue_email, enqueue_sms, notify
from desk.tickets.models import Ticket
from desk.tickets.timeline import EntryKind, append
from desk.tickets.view import kind_name
from scripts_library.text.chinese import to_traditional


@dataclass(frozen=True, slots=True)
class Way:
    """How a customer is reached: `chat`, `email`, `sms`, `phone`, or `none`.

    `missing` says why it is not the way they chose: `consent`, `address`, `setup`.
    """

    channel: str
    missing: str | None = None


def way_to(ticket: Ticket) -> Way:
    """Return how this ticket's customer is told; the chat where their own way is closed."""
    missing = _missing(ticket)
    if missing is None:
        return Way(ticket.reply_channel)
    if ticket.conversation_id:
        return Way("chat", missing)
    can_call = ticket.has_consent and ticket.phone
    return Way("phone" if can_call else "none", missing)


def tell(news: News, point: str, *, buttons: Iterable[dict[str, str]] = (), **values: Any) -> Way:
    """Tell the customer what `customer.<point>` says, and write down that it was said.

    In the chat it is a system message, also where the conversation has ended: it is there when
    they come back. By phone it is a task for the colleague responsible.
    """
    ticket, way = news.ticket, way_to(news.ticket)
    text = t(f"customer.{point}", number=ticket.number, kind=kind_name(ticket.kind), **values)
    match way.channel:
        case "chat":
            text = _write(news, text, buttons)
        case "email":
            _mail(news, point, _in_script(news, text))
        case "sms":
            _text(news, point, _in_script(news, text))
        case _:
            _ask_to_call(news, point, way)
    data = {"channel": way.channel, "point": point, "is_automatic": True}
    if way.missing:
        data |= {"wanted": ticket.reply_channel, "missing": way.missing}
    kind = EntryKind.CUSTOMER_TOLD
    append(news.session, ticket, kind, actor="system", at=news.now, text=text, data=data)
    return way


def _missing(ticket: Ticket) -> str | None:
    channels, channel = current_channels(), ticket.reply_channel
    if channel == "chat":
        return None if ticket.conversation_id else "address"
    if not ticket.has_consent:
        return "consent"
    if not (ticket.email if channel == "email" else ticket.phone):
        return "address"
    is_set_up = {"email": channels.has_email, "sms": channels.has_sms}.get(channel, True)
    return None if is_set_up else "setup"


def _write(news: News, text: str, buttons: Iterable[dict[str, str]]) -> str:
    conversation = conversations.locked(news.session, news.ticket.conversation_id or "")
    line = Line(
        in_script_of(conversation, text),
        buttons=[
            {**button, "title": in_script_of(conversation, button["title"])} for button in buttons
        ],
    )
    append_line(news.session, conversation, Sender.SYSTEM, line, now=news.now)
    news.conversations.add(conversation.id)
    return line.text


def _mail(news: News, point: str, text: str) -> None:
    channels, ticket = current_channels(), news.ticket
    subject = t(
        "customer.mail_subject",
        company=channels.company,
        kind=kind_name(ticket.kind),
        number=ticket.number,
    )
    body = t("customer.mail_body", text=text, company=channels.company, phone=channels.phone)
    enqueue_email(
        news.session,
        key=news.key(f"mail:{point}"),
        address=ticket.email or "",
        subject=_in_script(news, subject),
        body=_in_script(news, body),
        ticket_id=ticket.id,
        now=news.now,
    )


def _text(news: News, point: str, text: str) -> None:
    body = t("customer.sms_body", company=current_channels().company, text=text)
    enqueue_sms(
        news.session,
        key=news.key(f"sms:{point}"),
        phone=news.ticket.phone or "",
        body=_in_script(news, body),
        ticket_id=news.ticket.id,
        now=news.now,
    )


def _ask_to_call(news: News, point: str, way: Way) -> None:
    key = "outbox.notice_call" if way.channel == "phone" else "outbox.notice_unreachable"
    values = {"number": news.ticket.number, "matter": t(f"outbox.matter_{point}")}
    for staff in responsible(news.session, news.ticket):
        news.has_notices |= notify(
            news.session,
            staff.id,
            key=key,
            dedupe_key=news.key(f"call:{point}:{staff.id}"),
            ticket_id=news.ticket.id,
            values=values,
            now=news.now,
        )


def _in_script(news: News, text: str) -> str:
    if news.ticket.conversation_id is None:
        return text
    conversation = news.session.get(Conversation, news.ticket.conversation_id)
    return to_traditional(text) if conversation and conversation.is_traditional else text
