"""Lets other systems know: one delivery for each webhook that wants this kind of event."""

import json

from sqlalchemy import select

from desk.outbox.models import Webhook
from desk.outbox.news import News
from desk.outbox.queueing import enqueue_webhook
from desk.outbox.webhooks import event_name
from desk.tickets.view import ticket_json


def follow(news: News) -> None:
    """Put a delivery into the outbox for every active webhook that listens."""
    event = event_name(news.entry.kind)
    webhooks = news.session.scalars(select(Webhook).where(Webhook.is_active)).all()
    listening = [hook for hook in webhooks if event in hook.events or "*" in hook.events]
    if not listening:
        return
    body = json.dumps(_payload(news, event), ensure_ascii=False)
    for hook in listening:
        enqueue_webhook(
            news.session,
            key=news.key(f"hook:{hook.id}"),
            webhook_id=hook.id,
            event=event,
            body=body,
            ticket_id=news.ticket.id,
            now=news.now,
        )


def _payload(news: News, event: str) -> dict[str, object]:
    """Return what is sent: the ticket as the REST API shows it (masked) and the entry without its
    text, which can hold anything a customer wrote."""
    return {
        "id": f"entry-{news.entry.id}",
        "event": event,
        "at": news.entry.at.isoformat(),
        "entry": {"kind": news.entry.kind, "actor": news.entry.actor, "data": news.data},
        "ticket": ticket_json(news.ticket),
    }
