"""The company's own data that the bot answers from (R-A2)."""

from datetime import date, datetime

from sqlalchemy import Date, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from desk.database import Base, UtcDateTime


class Home(Base):
    """A home for sale, or a layout of a new estate. Money in yuan, area in square metres."""

    __tablename__ = "home"

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


class Product(Base):
    """A door, window or accessory. Prices in yuan per `price_unit`."""

    __tablename__ = "product"

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


class Order(Base):
    """A customer's order. Shown to a customer only after the phone's last four digits match."""

    __tablename__ = "shop_order"

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


class Faq(Base):
    """An approved answer to one intent; several rows of one intent differ by `subject`."""

    __tablename__ = "faq"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    intent: Mapped[str] = mapped_column(String(32), index=True)
    subject: Mapped[str | None] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
