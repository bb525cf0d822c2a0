"""The transfer form (转办单) on paper: what goes to the department, and where it signs (R-B4)."""

from collections.abc import Sequence
from datetime import datetime

from desk.locale import t
from desk.pdf import Block, Facts, Heading, Paragraph, Table, render_pdf
from desk.tickets.domain import mask_name, mask_phone
from desk.tickets.models import Ticket
from desk.tickets.places import ROOM_HIDDEN, place_of
from desk.tickets.revealing import CustomerData
from desk.tickets.view import category_name, department_name, kind_name, severity_name
from desk.transfers.models import Transfer
from desk.transfers.view import full_moment

SIGNATURES = ("sender_sign", "handler_sign", "head_sign", "responsible_sign")


def form_number(transfer: Transfer, ordinal: int) -> str:
    """Return what is printed on the form, e.g. `T261124-0001-7/2` for a ticket's second one."""
    return f"{transfer.ticket.number}/{ordinal}"


def transfer_form(
    transfer: Transfer,
    *,
    ordinal: int,
    sender: str,
    company: str,
    customer: CustomerData | None,
    made_at: datetime,
) -> bytes:
    """Return the form as a PDF of one or two pages.

    `customer` None: name, phone and room are masked, and the form says so.
    """
    number = form_number(transfer, ordinal)
    blocks: list[Block] = [
        Facts(_order(transfer, number, sender)),
        Heading(_word("customer"), 2),
        Facts(_matter(transfer.ticket, customer)),
        Paragraph(_word("revealed" if customer else "masked"), is_muted=True),
        Heading(_word("matter"), 2),
        Paragraph(transfer.matter),
        Heading(_word("handling"), 2),
        Facts(_handling(transfer)),
        Heading(_word("signatures"), 2),
        Table(
            [_word("signed_by"), _word("signature"), _word("date")],
            [[_word(name), "\n", ""] for name in SIGNATURES],
            widths=(3, 4, 2),
        ),
    ]
    subtitle = t("transfer.form_subtitle", company=company, number=number)
    return render_pdf(_word("title"), blocks, subtitle=subtitle, made_at=made_at)


def _order(transfer: Transfer, number: str, sender: str) -> list[tuple[str, str]]:
    return _rows(
        number=number,
        department=department_name(transfer.department),
        required=full_moment(transfer.required_by),
        responsible=transfer.first_responsible.display_name,
        sender=f"{sender}　{full_moment(transfer.created_at)}",
    )


def _matter(ticket: Ticket, customer: CustomerData | None) -> list[tuple[str, str]]:
    kind = kind_name(ticket.kind)
    room = customer.room if customer else (ticket.room and ROOM_HIDDEN)
    return _rows(
        kind=f"{kind} · {category_name(ticket.category)}" if ticket.category else kind,
        severity=severity_name(ticket.severity),
        customer=customer.name if customer else mask_name(ticket.customer_name),
        phone=customer.phone if customer else mask_phone(ticket.phone),
        place=place_of(ticket, room=room),
        order=ticket.order_no,
        occurred=ticket.occurred,
        description=ticket.description,
        wish=ticket.wish,
    )


def _handling(transfer: Transfer) -> Sequence[tuple[str, str]]:
    rows = [
        (_word("handler"), transfer.handler.display_name if transfer.handler else ""),
        (_word("accepted"), full_moment(transfer.accepted_at) if transfer.accepted_at else ""),
        (_word("result"), transfer.result or "\n\n"),
    ]
    if transfer.pressed:
        rows.append((_word("pressed"), str(transfer.pressed)))
    return rows


def _rows(**values: str | None) -> list[tuple[str, str]]:
    return [(_word(name), value) for name, value in values.items() if value]


def _word(name: str) -> str:
    return t(f"transfer.form_{name}")
