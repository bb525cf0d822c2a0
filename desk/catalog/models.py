"""The company's own data that the bot answers from (R-A2)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Numeric, String, Text, event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from desk.accounts.models import Staff
from desk.catalog.search_text import searchable
from desk.database import Base, UtcDateTime
from desk.encryption import EncryptedText


class Kept:
    """What all rows of the catalogue have in common.

    Attributes:
        found_by: fields that the search looks at.
        search: the row's own line of the search, written whenever it is stored.
        retired_at: since then neither the bot nor the agents' search uses the row.
        version: grows with each change; whoever edits an older one is told.
    """

    found_by: ClassVar[tuple[str, ...]]
    search: Mapped[str] = mapped_column(Text, default="", server_default="")
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version}


class Home(Kept, Base):
    """A home for sale, or a layout of a new estate. Money in yuan, area in square metres."""

    __tablename__ = "home"
    found_by = ("code", "estate", "building", "layout", "status")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    estate: Mapped[str] = mapped_column(String(64), index=True)
    building: Mapped[str | None] = mapped_column(String(32))
    layout: Mapped[str] = mapped_column(String(64))
    area_m2: Mapped[float] = mapped_column(Numeric(8, 2, asdecimal=False))
    total_price: Mapped[float | None] = mapped_column(Numeric(12, 2, asdecimal=False))
    unit_price: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))
    orientation: Mapped[str | None] = mapped_column(String(32))
    floor: Mapped[str | None] = mapped_column(String(64))
    decoration: Mapped[str | None] = mapped_column(String(128))
    status: Mapped[str] = mapped_column(String(32), default="在售")
    school: Mapped[str | None] = mapped_column(Text)
    parking: Mapped[str | None] = mapped_column(Text)
    title_deed: Mapped[str | None] = mapped_column(Text)
    tax_fee: Mapped[str | None] = mapped_column(Text)
    payment: Mapped[str | None] = mapped_column(Text)
    promotion: Mapped[str | None] = mapped_column(Text)
    light_noise: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    amenities: Mapped[str | None] = mapped_column(Text)
    property_fee: Mapped[str | None] = mapped_column(Text)
    viewing: Mapped[str | None] = mapped_column(Text)
    overview: Mapped[str | None] = mapped_column(Text)


class Product(Kept, Base):
    """A door, window or accessory. Prices in yuan per `price_unit`."""

    __tablename__ = "product"
    found_by = ("code", "name", "series", "kind", "material")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(64), index=True)
    series: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    material: Mapped[str] = mapped_column(String(128))
    specification: Mapped[str | None] = mapped_column(Text)
    features: Mapped[str | None] = mapped_column(Text)
    suitable_for: Mapped[str | None] = mapped_column(Text)
    price_from: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))
    price_to: Mapped[float | None] = mapped_column(Numeric(10, 2, asdecimal=False))
    price_unit: Mapped[str] = mapped_column(String(16), default="平方米")
    warranty: Mapped[str | None] = mapped_column(Text)
    maintenance: Mapped[str | None] = mapped_column(Text)
    installation: Mapped[str | None] = mapped_column(Text)


class Order(Kept, Base):
    """A customer's order. Shown to a customer only after the phone's last four digits match."""

    __tablename__ = "shop_order"
    found_by = ("order_no", "product_code", "product_name", "status", "carrier")

    id: Mapped[int] = mapped_column(primary_key=True)
    order_no: Mapped[str] = mapped_column(String(32), unique=True)
    product_code: Mapped[str | None] = mapped_column(String(32))
    product_name: Mapped[str] = mapped_column(String(64))
    quantity: Mapped[str] = mapped_column(String(32))
    amount: Mapped[float | None] = mapped_column(Numeric(12, 2, asdecimal=False))
    phone_last4: Mapped[str] = mapped_column(String(4))
    status: Mapped[str] = mapped_column(String(32))
    production: Mapped[str | None] = mapped_column(Text)
    carrier: Mapped[str | None] = mapped_column(String(32))
    tracking_no: Mapped[str | None] = mapped_column(String(64))
    ordered_on: Mapped[date] = mapped_column(Date)
    expected_on: Mapped[date | None] = mapped_column(Date)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Faq(Kept, Base):
    """An approved answer to one intent; several rows of one intent differ by `subject`.

    Attributes:
        phrasings: customers' wordings that this answers, whatever intent was understood.
        owner: who keeps the answer right, in words.
        valid_until: the last day on which it is given.
    """

    __tablename__ = "faq"
    found_by = ("code", "subject", "question", "owner", "answer")

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    intent: Mapped[str] = mapped_column(String(32), index=True)
    subject: Mapped[str | None] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(Text)
    phrasings: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    answer: Mapped[str] = mapped_column(Text)
    owner: Mapped[str | None] = mapped_column(String(64))
    valid_until: Mapped[date | None] = mapped_column(Date)


class CatalogChange(Base):
    """What somebody changed in a row of the catalogue.

    `changes` is JSON, encrypted because orders are customers': field -> [before, after], both as
    the cells of a file show them; empty for a new row. `staff_id` is None for the command line.
    """

    __tablename__ = "catalog_change"
    __table_args__ = (
        CheckConstraint("kind IN ('homes','products','orders','faq')", name="kind_known"),
        CheckConstraint(
            "action IN ('created','changed','retired','restored')", name="action_known"
        ),
        Index("ix_catalog_change_kind_row_id", "kind", "row_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    row_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(8))
    origin: Mapped[str] = mapped_column(String(8))
    changes: Mapped[str] = mapped_column(EncryptedText)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff | None] = relationship(lazy="joined")


CatalogRow = Home | Product | Order | Faq


def _note_search(_mapper: Any, _connection: Any, row: CatalogRow) -> None:
    texts = [getattr(row, name) for name in row.found_by]
    row.search = searchable([*texts, *(row.phrasings or ())] if isinstance(row, Faq) else texts)


for _model in (Home, Product, Order, Faq):
    for _moment in ("before_insert", "before_update"):
        event.listen(_model, _moment, _note_search)
