"""What the bot says with a card: the summary to confirm, the consent, how a ticket stands."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from actions.base import Say, get_desk
from actions.cases import summary_fields
from desk.locale import t, texts
from desk.privacy.consent import version_of
from desk.tickets.models import Ticket
from desk.tickets.progress_card import progress_card
from desk.tickets.view import progress_text


def summary_card(values: Mapping[str, Any], *, is_repair: bool) -> dict[str, Any]:
    """Return what is to be confirmed; each part with the button's payload that changes it."""
    fields = [
        {
            "label": field.label,
            "value": field.value.strip(),
            "edit": f'/deny{{"button": "edit_{field.slot}"}}' if field.slot else None,
        }
        for field in summary_fields(values, is_repair=is_repair)
    ]
    return {"kind": "summary", "title": t("chat_cards.summary_title"), "fields": fields}


def consent_card() -> dict[str, Any]:
    """Return the company's notice with its version and what each answer means (R-B2)."""
    notice = get_desk().company.privacy_notice
    return {
        "kind": "consent",
        "title": t("chat_cards.consent_title"),
        "notice": notice,
        "version": version_of(notice),
        "points": list(texts("chat_cards")["consent_points"]),
    }


def progress_say(session: Session, ticket: Ticket) -> Say:
    """Return the message that tells how a ticket stands."""
    return Say(
        "utter_progress", {"fact": progress_text(ticket)}, card=progress_card(session, ticket)
    )
