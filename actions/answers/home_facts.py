"""Which field of a home answers which question, and how it is said."""

from desk.catalog.models import Home

_FIELDS = {
    "ask_discount": "promotion",
    "ask_tax_fee": "tax_fee",
    "ask_payment": "payment",
    "ask_floor": "floor",
    "ask_light_noise": "light_noise",
    "ask_decoration": "decoration",
    "ask_school": "school",
    "ask_location": "location",
    "ask_amenities": "amenities",
    "ask_parking": "parking",
    "ask_title_deed": "title_deed",
    "ask_viewing": "viewing",
    "ask_home_overview": "overview",
    "ask_property_fee": "property_fee",
}
ESTATE_FACTS = frozenset(
    (
        "ask_school",
        "ask_location",
        "ask_amenities",
        "ask_parking",
        "ask_title_deed",
        "ask_viewing",
        "ask_property_fee",
        "ask_payment",
        "ask_tax_fee",
        "ask_discount",
    )
)
"""Facts that belong to an estate or a phase of it rather than to one home."""


def home_name(home: Home) -> str:
    """Return a home's name as one says it, e.g. `云栖雅苑3栋 三室两厅两卫 108㎡`."""
    building = f"{home.building.rstrip('栋幢座')}栋" if home.building else ""
    return f"{home.estate}{building} {home.layout} {home.area_m2:g}㎡"


def price_text(home: Home) -> str:
    """Return the total price, e.g. `151.2万元`; 待定 if it is not fixed."""
    return (
        f"{home.total_price / 10_000:.2f}".rstrip("0").rstrip(".") + "万元"
        if home.total_price
        else "价格待定"
    )


def home_fact(intent: str, home: Home) -> str | None:
    """Return what a home's record says to a question; None if it says nothing."""
    if intent == "ask_price":
        return _price(home)
    if intent == "ask_layout":
        faces = f"，朝向{home.orientation}" if home.orientation else ""
        return f"{home.layout}，面积{home.area_m2:g}平方米{faces}"
    if intent == "ask_home_overview":
        return _overview(home)
    value = getattr(home, _FIELDS[intent], None) if intent in _FIELDS else None
    return str(value).strip() or None if value else None


def _price(home: Home) -> str | None:
    if not home.total_price:
        return None
    unit = f"，单价{home.unit_price:,.0f}元/平方米" if home.unit_price else ""
    return f"总价{price_text(home)}{unit}"


def _overview(home: Home) -> str | None:
    parts = [home.overview, home.decoration, _price(home)]
    known = [part.rstrip("。") for part in parts if part]
    return "；".join(known) if home.overview else None
