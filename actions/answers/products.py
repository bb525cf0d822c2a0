"""Answers about doors and windows: material, features, specification, price, care, installation."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from actions.answers.asked import Answer, Asked, choice, fact, unknown
from actions.base import Say
from actions.labels import INTENT_LABELS
from desk.catalog.models import Product
from desk.catalog.service import find_faq, find_products

MAX_CHOICES = 6
_KINDS = (
    "阳光房",
    "纱窗",
    "推拉门",
    "入户门",
    "木门",
    "推拉窗",
    "平开窗",
    "塑钢",
    "断桥",
    "门",
    "窗",
)
_ASPECTS = (
    ("price", ("多少钱", "价格", "价位", "单价", "怎么卖", "报价", "贵不贵", "什么价", "价")),
    ("material", ("材质", "材料", "型材", "什么做的", "铝", "壁厚", "厚度")),
    ("specification", ("规格", "尺寸", "型号", "玻璃", "几层", "多厚")),
    ("suitable_for", ("适合", "适用", "场景", "哪里用", "阳台", "卧室")),
    ("features", ("特点", "优点", "隔音", "保温", "密封", "防", "功能", "好不好", "怎么样")),
)


def answer_product(session: Session, asked: Asked) -> Answer:
    """Answer a question about products, their care or their installation."""
    products = products_meant(session, asked)
    faq = find_faq(session, asked.intent, asked.text or None)
    if faq and faq.subject:
        return Answer((fact(faq.answer, f"常见问题 {faq.code}"),))
    if len(products) == 1:
        return _about_one(session, asked, products[0])
    same = _common(asked.intent, products)
    if same:
        return Answer((fact(same, f"产品资料 {products[0].code} 等 {len(products)} 款"),))
    if faq:
        return Answer((fact(faq.answer, f"常见问题 {faq.code}"),))
    return _which(asked, products) if products else unknown(session, asked)


def products_meant(session: Session, asked: Asked) -> list[Product]:
    """Return the products a question may be about, best first; all if it names none."""
    turn = asked.turn
    wanted = turn.first("product_code") or turn.first("product")
    found = find_products(session, wanted) if wanted else []
    if found:
        return found
    everything = find_products(session, limit=200)
    named = [p for p in everything if p.name in turn.plain or p.code in turn.plain.upper()]
    if named:
        return named
    series = [p for p in everything if p.series and p.series in turn.plain]
    words = [word for word in _KINDS if word in turn.plain]
    kind = [p for p in everything if words and any(_is_of(p, word) for word in words[:1])]
    remembered = [p for p in everything if p.code == turn.slots.get("product_code")]
    return series or kind or remembered or everything


def _is_of(product: Product, word: str) -> bool:
    return word in product.name or word in product.kind or word in product.material


def _about_one(session: Session, asked: Asked, product: Product) -> Answer:
    remembered = {"product_code": product.code}
    text = product_fact(asked.intent, asked.text, product)
    if text:
        return Answer((fact(f"{product.name}：{text}", f"产品资料 {product.code}"),), remembered)
    answer = unknown(session, asked, product.name)
    return Answer(answer.says, {**remembered, **answer.slots})


def product_fact(intent: str, text: str, product: Product) -> str | None:
    """Return what a product's record says to a question; None if it says nothing."""
    if intent == "ask_installation":
        return product.installation
    if intent == "ask_maintenance":
        wants_warranty = any(word in text for word in ("保修", "质保", "保几年"))
        wants_care = any(word in text for word in ("保养", "清洁", "怎么擦", "维护", "清洗"))
        parts = [
            product.warranty if wants_warranty or not wants_care else None,
            product.maintenance if wants_care or not wants_warranty else None,
        ]
        return "".join(part for part in parts if part) or None
    aspects = [name for name, words in _ASPECTS if any(word in text for word in words)]
    if intent == "ask_price":
        aspects = ["price"]
    values = [
        _aspect(name, product)
        for name in aspects or ("material", "specification", "features", "price")
    ]
    return "；".join(value.rstrip("。") for value in values if value) or None


def _aspect(name: str, product: Product) -> str | None:
    if name == "price":
        return price_text(product)
    value = getattr(product, name)
    return str(value) if value else None


def price_text(product: Product) -> str | None:
    """Return the price range, e.g. `每平方米680~980元，以测量后的报价单为准`."""
    if not product.price_from:
        return None
    upper = (
        f"~{product.price_to:,.0f}"
        if product.price_to and product.price_to != product.price_from
        else ""
    )
    return f"每{product.price_unit}{product.price_from:,.0f}{upper}元，以测量后的报价单为准"


def _common(intent: str, products: Sequence[Product]) -> str | None:
    """Return the text all products share, for questions that do not depend on the product."""
    if intent not in ("ask_installation", "ask_maintenance") or not products:
        return None
    texts = {product_fact(intent, "", product) for product in products}
    return texts.pop() if len(texts) == 1 else None


def _which(asked: Asked, products: Sequence[Product]) -> Answer:
    buttons = tuple(
        choice(product.name, asked.intent, product_code=product.code)
        for product in products[:MAX_CHOICES]
    )
    pending = {"pending_intent": asked.intent, "pending_text": asked.text or None}
    topic = {"topic": INTENT_LABELS[asked.intent]}
    return Answer((Say("utter_which_product", topic, buttons),), pending, is_open=True)
