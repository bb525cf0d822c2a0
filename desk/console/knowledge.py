"""What the company knows, searched by the agent: approved answers, homes, products."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from nicegui import ui
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from desk.accounts.models import Staff
from desk.catalog.models import Faq, Home, Product
from desk.catalog.service import is_usable
from desk.console.access import Visit
from desk.console.elements import action, box, words
from desk.locale import t
from desk.tickets.places import place_text

M = TypeVar("M", Faq, Home, Product)
SHOWN_OF_EACH = 5
FAQ_FIELDS = (Faq.question, Faq.answer, Faq.subject)
HOME_FIELDS = (Home.code, Home.estate, Home.layout, Home.building, Home.school, Home.location)
PRODUCT_FIELDS = (
    Product.code,
    Product.name,
    Product.series,
    Product.kind,
    Product.material,
    Product.features,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something found: what it is about, and the sentence that can go into a reply."""

    kind: str
    title: str
    text: str


def find_facts(session: Session, wanted: str) -> list[Fact]:
    """Return what fits all words of a question: at most `SHOWN_OF_EACH` of each kind."""
    parts = wanted.split()[:5]
    if not parts:
        return []
    faqs = session.scalars(_fitting(Faq, FAQ_FIELDS, parts).where(is_usable()).order_by(Faq.code))
    homes = session.scalars(_fitting(Home, HOME_FIELDS, parts).order_by(Home.code))
    products = session.scalars(_fitting(Product, PRODUCT_FIELDS, parts).order_by(Product.code))
    return [
        *(Fact("faq", one.question, one.answer) for one in faqs),
        *(Fact("home", f"{one.estate} {one.layout}", home_text(one)) for one in homes),
        *(Fact("product", f"{one.name} {one.code}", product_text(one)) for one in products),
    ]


def home_text(home: Home) -> str:
    """Return a home in a sentence, of what is known and no more."""
    facts = [place_text(home.estate, home.building), home.layout, f"{home.area_m2:g}㎡"]
    if home.orientation:
        facts.append(t("workbench.home_orientation", value=home.orientation))
    if home.total_price:
        facts.append(t("workbench.home_total", value=f"{home.total_price / 10_000:g}"))
    if home.unit_price:
        facts.append(t("workbench.home_unit", value=f"{home.unit_price:,.0f}"))
    facts.append(home.status)
    return "，".join(facts) + "。"


def product_text(product: Product) -> str:
    """Return a product in a sentence, of what is known and no more."""
    facts = [f"{product.name}（{product.code}）", product.material]
    facts += [text for text in (product.specification, product.features) if text]
    if product.price_from:
        price = f"{product.price_from:,.0f}"
        if product.price_to and product.price_to != product.price_from:
            price += f"～{product.price_to:,.0f}"
        facts.append(t("workbench.product_price", value=price, unit=product.price_unit))
    if product.warranty:
        facts.append(t("workbench.product_warranty", value=product.warranty))
    return "，".join(fact.rstrip("。；，") for fact in facts) + "。"


class Knowledge:
    """A search field with its results; `on_use` gets the text of one."""

    def __init__(self, visit: Visit, on_use: Callable[[str], None]) -> None:
        self._visit = visit
        self._on_use = on_use
        self._wanted = ""
        with box("k-section", tag="section"):
            words(t("workbench.knowledge"), "k-title", tag="h2")
            field = ui.input(on_change=lambda event: self._search(event.value or ""))
            field.props(
                f'outlined dense clearable debounce=250 data-shortcut="Alt+K" '
                f'placeholder="{t("workbench.knowledge_hint")}" '
                f'aria-label="{t("workbench.knowledge_label")}"'
            ).classes("w-full")
            self._results = box("k-facts-found").props("role=status")

    async def _search(self, wanted: str) -> None:
        self._wanted = wanted.strip()
        asked = self._wanted
        with self._visit.errors_shown():

            def read(session: Session, _staff: Staff) -> list[Fact]:
                return find_facts(session, asked)

            found = await self._visit.read(read) if asked else []
            if asked == self._wanted and not self._results.is_deleted:
                self._show(found)

    def _show(self, found: Sequence[Fact]) -> None:
        self._results.clear()
        with self._results:
            if self._wanted and not found:
                words(t("workbench.knowledge_nothing"), "k-card-why", tag="div")
            for fact in found:
                self._card(fact)

    def _card(self, fact: Fact) -> None:
        with box("k-card"):
            with box("k-ticket-top"):
                words(t(f"workbench.kind_{fact.kind}"), "k-chip")
                words(fact.title, "k-fact-title")
            words(fact.text, "k-card-text", tag="div")
            with box("k-card-foot"):
                action(
                    t("workbench.insert"),
                    lambda: self._on_use(fact.text),
                    look="outline color=primary",
                    classes="k-small",
                )


def _fitting(
    model: type[M], fields: Sequence[InstrumentedAttribute[Any]], parts: Sequence[str]
) -> Select[M]:
    query = select(model).where(model.retired_at.is_(None)).limit(SHOWN_OF_EACH)
    for part in parts:
        query = query.where(or_(*(field.contains(part, autoescape=True) for field in fields)))
    return query
