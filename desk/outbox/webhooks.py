"""Addresses of other systems: who may register them, which are allowed, what was delivered."""

import ipaddress
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from desk.accounts.models import Role, Staff
from desk.accounts.service import require
from desk.clock import utc_now
from desk.errors import Conflict, InvalidInput, NotFound
from desk.outbox.models import OutboxMessage, Webhook
from desk.outbox.queueing import enqueue_webhook
from desk.tickets.timeline import EntryKind

TEST_EVENT = "ping"
EVERY_EVENT = "*"
WEBHOOK_LIMIT = 50
URL_LIMIT = 500


def event_name(kind: str) -> str:
    """Return the event of an entry, e.g. `ticket.opened`."""
    return f"ticket.{kind}"


def event_names() -> tuple[str, ...]:
    """Return all events that a webhook may ask for, besides `*`."""
    return tuple(event_name(kind) for kind in EntryKind)


def register(
    session: Session,
    staff: Staff,
    url: str,
    events: Sequence[str],
    *,
    private_hosts: Sequence[str] = (),
    now: datetime | None = None,
) -> Webhook:
    """Store a webhook with a new secret; `private_hosts` are those the settings allow.

    Raises:
        Forbidden: neither supervisor nor administrator.
        InvalidInput: an address that is not allowed, or unknown events.
        Conflict: there are enough.
    """
    require(staff, Role.SUPERVISOR)
    check_url(url, private_hosts)
    _check_events(events)
    if len(list_webhooks(session, staff)) >= WEBHOOK_LIMIT:
        raise Conflict("errors.webhook_limit", limit=WEBHOOK_LIMIT)
    webhook = Webhook(
        url=url,
        secret=secrets.token_urlsafe(32),
        events=sorted(set(events)),
        created_by_id=staff.id,
        created_at=now or utc_now(),
    )
    session.add(webhook)
    session.flush()
    return webhook


def list_webhooks(session: Session, staff: Staff) -> Sequence[Webhook]:
    """Return all webhooks, oldest first."""
    require(staff, Role.SUPERVISOR)
    return session.scalars(select(Webhook).order_by(Webhook.id).limit(WEBHOOK_LIMIT * 2)).all()


def find_webhook(session: Session, staff: Staff, webhook_id: int) -> Webhook:
    """Return one webhook; raises `NotFound`."""
    require(staff, Role.SUPERVISOR)
    webhook = session.get(Webhook, webhook_id)
    if webhook is None:
        raise NotFound("errors.webhook_not_found")
    return webhook


def set_active(session: Session, staff: Staff, webhook_id: int, is_active: bool) -> Webhook:
    """Switch a webhook off or on; while it is off, events are not kept for it."""
    webhook = find_webhook(session, staff, webhook_id)
    webhook.is_active = is_active
    session.flush()
    return webhook


def send_test(
    session: Session, staff: Staff, webhook_id: int, now: datetime | None = None
) -> OutboxMessage:
    """Put a `ping` into the outbox for this webhook; its fate is in the deliveries."""
    webhook = find_webhook(session, staff, webhook_id)
    now = now or utc_now()
    key = f"ping:{webhook.id}:{secrets.token_hex(8)}"
    body = {"id": key, "event": TEST_EVENT, "at": now.isoformat()}
    enqueue_webhook(
        session,
        key=key,
        webhook_id=webhook.id,
        event=TEST_EVENT,
        body=json.dumps(body),
        now=now,
    )
    return session.scalars(select(OutboxMessage).where(OutboxMessage.dedupe_key == key)).one()


def deliveries(
    session: Session, staff: Staff, webhook_id: int, *, limit: int = 50
) -> Sequence[OutboxMessage]:
    """Return a webhook's last deliveries, newest first."""
    find_webhook(session, staff, webhook_id)
    query = select(OutboxMessage).where(OutboxMessage.webhook_id == webhook_id)
    return session.scalars(query.order_by(OutboxMessage.id.desc()).limit(limit)).all()


def check_url(url: str, private_hosts: Sequence[str]) -> None:
    """Pass if the desk may call this address: HTTPS, or HTTP to a host that the settings name.

    What a name resolves to is checked at each delivery.

    Raises:
        InvalidInput: anything else, also a user name, a fragment or a private address.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host = ""
        parts = urlsplit("")
    is_plain = bool(host) and not (parts.username or parts.password or parts.fragment)
    if not is_plain or len(url) > URL_LIMIT or not url.isascii() or " " in url:
        raise InvalidInput("errors.webhook_url", field="url")
    if host in private_hosts:
        is_allowed = parts.scheme in {"http", "https"}
    else:
        is_allowed = parts.scheme == "https" and not _is_private_literal(host)
    if not is_allowed:
        raise InvalidInput("errors.webhook_url", field="url")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the open internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        # Addresses that wrap another: judged by what they lead to.
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if inner:
            found = inner
    return found.is_global and not found.is_multicast


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _check_events(events: Sequence[str]) -> None:
    known = {EVERY_EVENT, *event_names()}
    unknown = sorted(set(events) - known)
    if not events or unknown:
        raise InvalidInput("errors.webhook_events", field="events")
