"""Tells colleagues what concerns them: a notice in the console, urgent ones by e-mail too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from desk.accounts.models import Staff
from desk.outbox import audience
from desk.outbox.news import News
from desk.outbox.queueing import notify
from desk.tickets.timeline import EntryKind
from desk.tickets.view import department_name
from desk.transfers.models import Transfer

Audience = Callable[[News], Sequence[Staff]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom an entry concerns. The notice's text is `outbox.notice_<kind of the entry>`; that of an
    escalation which only warns is `outbox.notice_warned`."""

    audience: Audience
    is_urgent: bool = False


def follow(news: News) -> None:
    """Notify everybody concerned, except who did it."""
    rule = RULES.get(news.entry.kind)
    if rule is None:
        return
    department = news.data.get("department") or news.ticket.department
    values = {"number": news.ticket.number, "department": department_name(department)}
    for staff in rule.audience(news):
        if staff.login == news.entry.actor:
            continue
        news.has_notices |= notify(
            news.session,
            staff.id,
            key=f"outbox.notice_{_name(news)}",
            dedupe_key=news.key(f"staff:{staff.id}"),
            ticket_id=news.ticket.id,
            values=values,
            is_urgent=rule.is_urgent,
            now=news.now,
        )


def _name(news: News) -> str:
    return "warned" if news.data.get("why") == "warning" else news.entry.kind


def _responsible(news: News) -> Sequence[Staff]:
    return audience.responsible(news.session, news.ticket)


def _recipient(news: News) -> Sequence[Staff]:
    staff = audience.active(news.session, news.ticket.recipient_id)
    return (staff,) if staff is not None else ()


def _if_customer(news: News) -> Sequence[Staff]:
    """The responsible one, where the customer added something."""
    return _responsible(news) if news.entry.actor in {"customer", "bot"} else ()


def _named(news: News) -> Sequence[Staff]:
    """Whom the entry names, else the responsible one."""
    staff = audience.active(news.session, news.data.get("staff_id"))
    return (staff,) if staff is not None else _responsible(news)


def _all_named(news: News) -> Sequence[Staff]:
    """Everybody the entry names."""
    found = [audience.active(news.session, one) for one in news.data.get("staff_ids", ())]
    return [staff for staff in found if staff is not None] or _named(news)


def _supervisors(news: News) -> Sequence[Staff]:
    return audience.supervisors(news.session)


def _department(news: News) -> Sequence[Staff]:
    transfer = _transfer(news)
    return audience.department_side(news.session, transfer) if transfer else ()


def _desk(news: News) -> Sequence[Staff]:
    transfer = _transfer(news)
    if transfer is None:
        return _responsible(news)
    return audience.desk_side(news.session, transfer, news.ticket)


def _transfer(news: News) -> Transfer | None:
    transfer_id = news.data.get("transfer_id")
    return news.session.get(Transfer, transfer_id) if transfer_id else None


RULES: dict[str, Rule] = {
    EntryKind.URGED: Rule(_responsible, is_urgent=True),
    EntryKind.SUPPLEMENTED: Rule(_if_customer),
    EntryKind.ASSIGNED: Rule(_recipient),
    EntryKind.TRANSFERRED: Rule(_department),
    EntryKind.TRANSFER_CANCELLED: Rule(_department),
    EntryKind.TRANSFER_ANSWERED: Rule(_department),
    EntryKind.TRANSFER_RETURNED: Rule(_department),
    EntryKind.PRESSED: Rule(_department, is_urgent=True),
    EntryKind.TRANSFER_ACCEPTED: Rule(_desk),
    EntryKind.TRANSFER_ASKED_BACK: Rule(_desk, is_urgent=True),
    EntryKind.TRANSFER_PROGRESS: Rule(_desk),
    EntryKind.TRANSFER_PROPOSED: Rule(_desk),
    EntryKind.ESCALATED: Rule(_named, is_urgent=True),
    EntryKind.REOPENED: Rule(_responsible, is_urgent=True),
    EntryKind.PROMISE_BROKEN: Rule(_all_named, is_urgent=True),
    EntryKind.VALIDITY_PROPOSED: Rule(_supervisors),
}
