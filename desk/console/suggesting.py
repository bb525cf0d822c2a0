"""Suggested replies for the customer's last message: what is known, and what became of them."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from desk.accounts.models import Staff
from desk.company import Company
from desk.conversations.models import Conversation, Message, Mode, Sender
from desk.tickets.models import Ticket, TicketKind
from desk.tickets.view import department_name, due_text
from scripts_library.suggesting.suggester import Suggestion, SuggestionContext

if TYPE_CHECKING:
    from desk.app import Desk

SHOWN = 4
CONTEXT_MESSAGES = 12
COMPOUND_SURNAMES = "欧阳|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|端木|南宫"


def known_values(company: Company, agent: Staff, tickets: Sequence[Ticket] = ()) -> dict[str, str]:
    """Return the fill-ins that are known: of the company, the agent and the newest ticket."""
    values = {
        "company": company.short_name,
        "hotline": company.phone,
        "office_hours": company.office_hours,
        "address": company.address,
        "agent": agent.display_name,
        "agent_name": surname(agent.display_name) or "",
    }
    if tickets:
        ticket = tickets[0]
        values |= {
            "ticket_no": ticket.number,
            "deadline": due_text(ticket.due_at),
            "department": department_name(ticket.department),
            "estate": ticket.estate or "",
            "building": ticket.building or "",
            "unit": ticket.unit or "",
            "order_no": ticket.order_no or "",
        }
    return {name: value for name, value in values.items() if value}


def surname(display_name: str) -> str | None:
    """Return the surname in a name such as 小李 or 陈静; None if the name is of another kind."""
    if found := re.fullmatch(r"[小老]([一-鿿])", display_name):
        return found[1]
    if found := re.fullmatch(rf"({COMPOUND_SURNAMES}|[一-鿿])[一-鿿]{{1,2}}", display_name):
        return found[1]
    return None


def last_customer_message(messages: Sequence[Message]) -> Message | None:
    """Return the newest message of the customer."""
    return next((one for one in reversed(messages) if one.sender == Sender.CUSTOMER), None)


def suggest(
    desk: "Desk",
    conversation: Conversation,
    messages: Sequence[Message],
    *,
    known: dict[str, str],
    ticket: Ticket | None,
) -> list[Suggestion]:
    """Return up to `SHOWN` suggestions, best first. The first call loads the library (about 1 s);
    call it in a thread."""
    spoken = [one for one in messages if one.sender in (Sender.CUSTOMER, Sender.BOT, Sender.AGENT)]
    context = SuggestionContext(
        messages=tuple((one.sender, one.text) for one in spoken[-CONTEXT_MESSAGES:]),
        intent=matter_at_hand(conversation, ticket),
        ticket_state=ticket.state if ticket else None,
        known=known,
    )
    return desk.suggester.suggest(context, SHOWN)


def matter_at_hand(conversation: Conversation, ticket: Ticket | None) -> str | None:
    """Return what the talk is about: once people speak, the bot hears nothing any more, and the
    newest ticket says it better than the bot's last guess."""
    if conversation.mode == Mode.AGENT and ticket:
        return "file_complaint" if ticket.kind == TicketKind.COMPLAINT else ticket.intent
    return conversation.last_intent
