"""Looks up the company's own data for the bot's answers and the console."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session

from desk.catalog.models import Faq, Home, Order, Product
from desk.catalog.wordings import Wordings, wordings_of
from desk.clock import to_local, utc_now


def find_homes(
    session: Session,
    *,
    estate: str | None = None,
    building: str | None = None,
    layout: str | None = None,
    limit: int = 5,
) -> list[Home]:
    """Return the homes that fit, cheapest first.

    Args:
        estate: part of the estate's name, e.g. `云栖雅苑`.
        building: building's number, e.g. `3` or `3栋`.
        layout: part of the layout, e.g. `三室` or `89`.
        limit: at most so many rows.
    """
    query = select(Home).where(Home.retired_at.is_(None))
    query = query.order_by(Home.total_price, Home.code).limit(limit)
    if estate:
        query = query.where(Home.estate.contains(estate, autoescape=True))
    if building:
        query = query.where(
            Home.building.startswith(building.rstrip("栋幢号楼座"), autoescape=True)
        )
    if layout:
        query = query.where(
            or_(
                Home.layout.contains(layout, autoescape=True),
                Home.code == layout.upper(),
            )
        )
    return list(session.scalars(query))


def home_by_code(session: Session, code: str) -> Home | None:
    """Return the home with this code, or None."""
    query = select(Home).where(Home.code == code.strip().upper(), Home.retired_at.is_(None))
    return session.scalar(query)


def estates(session: Session) -> list[str]:
    """Return the estates' names, sorted."""
    query = select(Home.estate).where(Home.retired_at.is_(None)).distinct()
    return list(session.scalars(query.order_by(Home.estate)))


def layouts(session: Session, estate: str | None = None) -> list[str]:
    """Return the layouts on sale, of one estate or of all."""
    query = select(Home.layout).where(Home.retired_at.is_(None)).distinct().order_by(Home.layout)
    if estate:
        query = query.where(Home.estate.contains(estate, autoescape=True))
    return list(session.scalars(query))


def find_products(
    session: Session, text: str | None = None, *, kind: str | None = None, limit: int = 5
) -> list[Product]:
    """Return the products whose name, series, code or kind fits `text`; all products for None."""
    query = select(Product).where(Product.retired_at.is_(None))
    query = query.order_by(Product.code).limit(limit)
    if text:
        query = query.where(
            or_(
                Product.name.contains(text, autoescape=True),
                Product.series.contains(text, autoescape=True),
                Product.kind.contains(text, autoescape=True),
                Product.code == text.upper(),
            )
        )
    if kind:
        query = query.where(Product.kind == kind)
    return list(session.scalars(query))


def product_names(session: Session) -> list[str]:
    """Return all products' names, sorted."""
    query = select(Product.name).where(Product.retired_at.is_(None))
    return list(session.scalars(query.order_by(Product.name)))


def find_order(session: Session, order_no: str) -> Order | None:
    """Return the order with this number (case and spaces do not matter), or None.

    The caller shows it only to a customer who knows the phone's last four digits.
    """
    wanted = "".join(order_no.split()).upper()
    is_it = func.upper(Order.order_no) == wanted
    return session.scalar(select(Order).where(is_it, Order.retired_at.is_(None)))


def find_faq(session: Session, intent: str, subject: str | None = None) -> Faq | None:
    """Return the approved answer to an intent.

    With a `subject` the row whose subject occurs in it (or the other way round) is preferred;
    otherwise, and without one, the intent's general row (empty subject), or else None.
    """
    rows = session.scalars(_answers().where(Faq.intent == intent).order_by(Faq.code)).all()
    if subject:
        for row in rows:
            if row.subject and _names_one(row.subject, subject):
                return row
    return next((row for row in rows if not row.subject), None)


def find_faq_by_wording(session: Session, text: str, *, with_questions: bool = False) -> Faq | None:
    """Return the approved answer one of whose phrasings this is, but for a particle or so.

    Args:
        text: what the customer wrote.
        with_questions: the rows' own questions count too; for messages that nothing else answers.
    """
    code = wordings(session, with_questions=with_questions).find(text)
    return session.scalar(select(Faq).where(Faq.code == code)) if code else None


def wordings(session: Session, *, with_questions: bool) -> Wordings:
    """Return the wordings that are answered now. Costs little while they stay the same."""
    found = session.execute(_WORDINGS, {"day": to_local(utc_now()).date()})
    rows = tuple((code, phrasings, question) for code, phrasings, question in found)
    return wordings_of(rows, with_questions=with_questions)


def is_usable(today: date | None = None) -> ColumnElement[bool]:
    """The condition of an answer that may be given: not retired, and valid on this day."""
    return _is_usable_on(today or to_local(utc_now()).date())


def _is_usable_on(day: Any) -> ColumnElement[bool]:
    return Faq.retired_at.is_(None) & or_(Faq.valid_until.is_(None), Faq.valid_until >= day)


_WORDINGS = (
    select(Faq.code, cast(Faq.phrasings, Text), Faq.question)
    .where(_is_usable_on(bindparam("day")))
    .order_by(Faq.id)
)
"""Built once: each turn asks it."""


def _answers() -> Select[Faq]:
    return select(Faq).where(is_usable())


def _names_one(subjects: str, text: str) -> bool:
    """Tell whether one of the subjects (separated by `/`) occurs in the text."""
    return any(part and part in text for part in subjects.split("/"))
