"""Which columns an import file may have: their names in Chinese and English, and their values."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from desk.catalog.intents import faq_intents, read_faq_intent
from desk.catalog.models import CatalogRow, Faq, Home, Order, Product
from desk.locale import t

MAX_CELL_CHARACTERS = 4000
MAX_PHRASINGS = 50
LIST_SEPARATOR = " | "

Kind = Literal["line", "lines", "number", "date", "list", "intent"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an import file.

    Attributes:
        field: attribute of the model.
        title: Chinese heading; the English heading is `field` itself.
        read: turns a cell's text (not empty) into the value; ValueError's text says what is wrong.
        is_required: an empty cell is a mistake.
        kind: how a form asks for it.
        has_default: the model fills it in by itself: an empty cell of a file leaves it alone.
        is_personal: the customer's; masked unless somebody gives a reason to see it.
    """

    field: str
    title: str
    read: Callable[[str], Any]
    is_required: bool = False
    kind: Kind = "line"
    has_default: bool = False
    is_personal: bool = False

    @property
    def empty(self) -> Any:
        """The value of an empty cell."""
        return [] if self.kind == "list" else None


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of import file: its model, the column that identifies a row, and all columns.

    `check` looks at the values of a row together; it returns the field at fault and why, or None.
    """

    model: type[CatalogRow]
    key: str
    columns: tuple[Column, ...]
    check: Callable[[Mapping[str, Any]], tuple[str, str] | None] = lambda _: None

    def column(self, field: str) -> Column:
        """Return the column of a field; raises StopIteration for an unknown one."""
        return next(column for column in self.columns if column.field == field)


def _text(limit: int = MAX_CELL_CHARACTERS) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if len(cell) > limit:
            raise ValueError(t("import.too_long", limit=limit))
        return cell

    return read


def _code(cell: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.\-]{1,32}", cell):
        raise ValueError(t("import.bad_code"))
    return cell.upper()


def _number(limit: float) -> Callable[[str], float]:
    """Two digits after the point, as the database keeps them; below what its column holds."""

    def read(cell: str) -> float:
        try:
            value = round(float(cell.replace(",", "").replace("，", "")), 2)
        except (ValueError, OverflowError):
            raise ValueError(t("import.not_a_number")) from None
        if not 0 <= value < limit:
            raise ValueError(t("import.number_out_of_range"))
        return value

    return read


def _date(cell: str) -> date:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(cell, pattern).date()
        except ValueError:
            continue
    raise ValueError(t("import.not_a_date"))


def _intent(cell: str) -> str:
    intent = read_faq_intent(cell)
    if intent is None:
        raise ValueError(t("import.bad_intent", known="、".join(faq_intents().values())))
    return intent


def _list(cell: str) -> list[str]:
    found = list(dict.fromkeys(one.strip() for one in re.split(r"[|｜\n]", cell) if one.strip()))
    if len(found) > MAX_PHRASINGS or any(len(one) > 200 for one in found):
        raise ValueError(t("import.bad_list", limit=MAX_PHRASINGS))
    return found


def _price_range(values: Mapping[str, Any]) -> tuple[str, str] | None:
    low, high = values.get("price_from"), values.get("price_to")
    if low is not None and high is not None and low > high:
        return "price_to", t("import.price_order")
    return None


def _order_days(values: Mapping[str, Any]) -> tuple[str, str] | None:
    ordered, expected = values.get("ordered_on"), values.get("expected_on")
    if ordered is not None and expected is not None and expected < ordered:
        return "expected_on", t("import.day_order")
    return None


def cell_of(value: Any) -> str:
    """Return a value as the cell of a file or form; `read` of its column gives it back."""
    if value is None:
        return ""
    if isinstance(value, list):
        return LIST_SEPARATOR.join(value)
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return value.isoformat() if isinstance(value, date) else str(value)


def cells_of(kind: str, row: CatalogRow) -> dict[str, str]:
    """Return all cells of a row by field."""
    return {column.field: cell_of(getattr(row, column.field)) for column in TABLES[kind].columns}


def _last4(cell: str) -> str:
    digits = re.sub(r"\D", "", cell)
    if len(digits) < 4:
        raise ValueError(t("import.not_last4"))
    return digits[-4:]


_line, _note = _text(64), _text()

TABLES: dict[str, Table] = {
    "homes": Table(
        Home,
        "code",
        (
            Column("code", "房源编号", _code, is_required=True),
            Column("estate", "楼盘", _line, is_required=True),
            Column("building", "楼栋", _text(32)),
            Column("layout", "户型", _line, is_required=True),
            Column("area_m2", "面积(平方米)", _number(1e6), is_required=True, kind="number"),
            Column("total_price", "总价(元)", _number(1e10), kind="number"),
            Column("unit_price", "单价(元/平方米)", _number(1e8), kind="number"),
            Column("orientation", "朝向", _text(32)),
            Column("floor", "楼层与电梯", _line),
            Column("decoration", "装修", _text(128)),
            Column("status", "状态", _text(32), has_default=True),
            Column("school", "学校", _note, kind="lines"),
            Column("parking", "车位", _note, kind="lines"),
            Column("title_deed", "产权与房本", _note, kind="lines"),
            Column("tax_fee", "税费", _note, kind="lines"),
            Column("payment", "首付与贷款", _note, kind="lines"),
            Column("promotion", "优惠", _note, kind="lines"),
            Column("light_noise", "采光与噪音", _note, kind="lines"),
            Column("location", "位置", _note, kind="lines"),
            Column("amenities", "周边配套", _note, kind="lines"),
            Column("property_fee", "物业费", _note, kind="lines"),
            Column("viewing", "看房", _note, kind="lines"),
            Column("overview", "介绍", _note, kind="lines"),
        ),
    ),
    "products": Table(
        Product,
        "code",
        (
            Column("code", "产品编号", _code, is_required=True),
            Column("name", "产品名称", _line, is_required=True),
            Column("series", "系列", _line),
            Column("kind", "类别", _text(32), is_required=True),
            Column("material", "材质", _text(128), is_required=True),
            Column("specification", "规格", _note, kind="lines"),
            Column("features", "特点", _note, kind="lines"),
            Column("suitable_for", "适用场景", _note, kind="lines"),
            Column("price_from", "最低价(元)", _number(1e8), kind="number"),
            Column("price_to", "最高价(元)", _number(1e8), kind="number"),
            Column("price_unit", "计价单位", _text(16), has_default=True),
            Column("warranty", "保修", _note, kind="lines"),
            Column("maintenance", "保养", _note, kind="lines"),
            Column("installation", "安装", _note, kind="lines"),
        ),
        _price_range,
    ),
    "orders": Table(
        Order,
        "order_no",
        (
            Column("order_no", "订单号", _code, is_required=True),
            Column("product_code", "产品编号", _code),
            Column("product_name", "产品名称", _line, is_required=True),
            Column("quantity", "数量", _text(32), is_required=True),
            Column("amount", "金额(元)", _number(1e10), kind="number"),
            Column("phone_last4", "手机后四位", _last4, is_required=True, is_personal=True),
            Column("status", "状态", _text(32), is_required=True),
            Column("production", "生产进度", _note, kind="lines"),
            Column("carrier", "承运商", _text(32)),
            Column("tracking_no", "运单号", _line, is_personal=True),
            Column("ordered_on", "下单日期", _date, is_required=True, kind="date"),
            Column("expected_on", "预计送达", _date, kind="date"),
        ),
        _order_days,
    ),
    "faq": Table(
        Faq,
        "code",
        (
            Column("code", "编号", _code, is_required=True),
            Column("intent", "意图", _intent, is_required=True, kind="intent"),
            Column("subject", "主题", _line),
            Column("question", "问题", _text(200), is_required=True),
            Column("phrasings", "客户的问法", _list, kind="list"),
            Column("answer", "答复", _note, is_required=True, kind="lines"),
            Column("owner", "负责人", _line),
            Column("valid_until", "有效期至", _date, kind="date"),
        ),
    ),
}
