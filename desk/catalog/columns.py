"""Which columns an import file may have: their names in Chinese and English, and their values."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from desk.catalog.models import Faq, Home, Order, Product
from desk.database import Base
from desk.locale import t

MAX_CELL_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an import file.

    Attributes:
        field: attribute of the model.
        title: Chinese heading; the English heading is `field` itself.
        read: turns a cell's text (not empty) into the value; ValueError's text says what is wrong.
        is_required: an empty cell is a mistake.
    """

    field: str
    title: str
    read: Callable[[str], Any]
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of import file: its model, the column that identifies a row, and all columns."""

    model: type[Base]
    key: str
    columns: tuple[Column, ...]


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


def _number(cell: str) -> float:
    try:
        value = float(cell.replace(",", "").replace("，", ""))
    except ValueError:
        raise ValueError(t("import.not_a_number")) from None
    if not 0 <= value < 1e10:
        raise ValueError(t("import.number_out_of_range"))
    return value


def _date(cell: str) -> date:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(cell, pattern).date()
        except ValueError:
            continue
    raise ValueError(t("import.not_a_date"))


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
            Column("area_m2", "面积(平方米)", _number, is_required=True),
            Column("total_price", "总价(元)", _number),
            Column("unit_price", "单价(元/平方米)", _number),
            Column("orientation", "朝向", _text(32)),
            Column("floor", "楼层与电梯", _line),
            Column("decoration", "装修", _text(128)),
            Column("status", "状态", _text(32)),
            Column("school", "学校", _note),
            Column("parking", "车位", _note),
            Column("title_deed", "产权与房本", _note),
            Column("tax_fee", "税费", _note),
            Column("payment", "首付与贷款", _note),
            Column("promotion", "优惠", _note),
            Column("light_noise", "采光与噪音", _note),
            Column("location", "位置", _note),
            Column("amenities", "周边配套", _note),
            Column("property_fee", "物业费", _note),
            Column("viewing", "看房", _note),
            Column("overview", "介绍", _note),
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
            Column("specification", "规格", _note),
            Column("features", "特点", _note),
            Column("suitable_for", "适用场景", _note),
            Column("price_from", "最低价(元)", _number),
            Column("price_to", "最高价(元)", _number),
            Column("price_unit", "计价单位", _text(16)),
            Column("warranty", "保修", _note),
            Column("maintenance", "保养", _note),
            Column("installation", "安装", _note),
        ),
    ),
    "orders": Table(
        Order,
        "order_no",
        (
            Column("order_no", "订单号", _code, is_required=True),
            Column("product_code", "产品编号", _code),
            Column("product_name", "产品名称", _line, is_required=True),
            Column("quantity", "数量", _text(32), is_required=True),
            Column("amount", "金额(元)", _number),
            Column("phone_last4", "手机后四位", _last4, is_required=True),
            Column("status", "状态", _text(32), is_required=True),
            Column("production", "生产进度", _note),
            Column("carrier", "承运商", _text(32)),
            Column("tracking_no", "运单号", _line),
            Column("ordered_on", "下单日期", _date, is_required=True),
            Column("expected_on", "预计送达", _date),
        ),
    ),
    "faq": Table(
        Faq,
        "code",
        (
            Column("code", "编号", _code, is_required=True),
            Column("intent", "意图", _text(32), is_required=True),
            Column("subject", "主题", _line),
            Column("question", "问题", _note, is_required=True),
            Column("answer", "答复", _note, is_required=True),
        ),
    ),
}
