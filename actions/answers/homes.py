"""Answers about homes: from the record the customer means, or asking which one that is."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from actions.answers.asked import Answer, Asked, choice, fact, unknown
from actions.answers.home_facts import ESTATE_FACTS, home_fact, home_name, price_text
from actions.base import Say
from actions.labels import INTENT_LABELS
from actions.parsing.home_hints import HomeHint, fits, read_home_hint
from desk.catalog.models import Home
from desk.catalog.service import estates, find_faq, find_homes, home_by_code
from desk.tickets.places import place_text

MAX_CHOICES = 6
ALL_HOMES = 500
MAX_GROUPS = 3


def answer_home(session: Session, asked: Asked) -> Answer:
    """Answer a question about homes."""
    if asked.intent == "ask_listing":
        return _list_homes(session, asked)
    homes = homes_meant(session, asked)
    if not homes:
        return _from_faq(session, asked) or unknown(session, asked)
    remembered = _remember(homes)
    if len(homes) == 1:
        return _about_one(session, asked, homes[0], remembered)
    same = _common_fact(asked.intent, homes)
    if same:
        return Answer((fact(*same),), remembered)
    return _which(asked, homes, remembered)


def homes_meant(session: Session, asked: Asked) -> list[Home]:
    """Return the homes a question may be about: the button's, those the words fit, those talked of.

    What the message itself says replaces what was remembered about the same thing.
    """
    code = asked.turn.first("home")
    if code:
        home = home_by_code(session, code)
        return [home] if home else []
    hint = read_home_hint(asked.turn.plain, estates(session))
    slots = asked.turn.slots
    if not hint and slots.get("home_code"):
        home = home_by_code(session, slots["home_code"])
        if home:
            return [home]
    estate = hint.estate or slots.get("home_estate")
    everything = find_homes(session, estate=estate, limit=ALL_HOMES)
    found = [home for home in everything if fits(hint, home)]
    earlier = HomeHint(building=slots.get("home_building"), layout=slots.get("home_layout"))
    narrowed = [home for home in found if fits(earlier.without(hint), home)]
    return narrowed or found


def _about_one(session: Session, asked: Asked, home: Home, remembered: dict[str, str]) -> Answer:
    text = home_fact(asked.intent, home)
    if text:
        return Answer((fact(f"{home_name(home)}：{text}", f"房源 {home.code}"),), remembered)
    answer = _from_faq(session, asked) or unknown(session, asked, home_name(home))
    return Answer(answer.says, {**remembered, **answer.slots})


def _remember(homes: Sequence[Home]) -> dict[str, str]:
    """Return the slots with what all the homes have in common."""
    first = homes[0]
    slots = {"home_code": first.code, "home_layout": first.layout} if len(homes) == 1 else {}
    if all(home.estate == first.estate for home in homes):
        slots["home_estate"] = first.estate
    if first.building and all(home.building == first.building for home in homes):
        slots["home_building"] = first.building
    return slots


def _common_fact(intent: str, homes: Sequence[Home]) -> tuple[str, str] | None:
    """Return a fact all homes share, or few groups of homes do, with their records."""
    groups: dict[str, list[Home]] = {}
    for home in homes:
        text = home_fact(intent, home)
        if not text and intent in ESTATE_FACTS:
            continue
        if not text:
            return None
        groups.setdefault(text.rstrip("。"), []).append(home)
    if len(groups) == 1:
        ((text, members),) = groups.items()
        return f"{members[0].estate}：{text}", f"房源 {members[0].code} 等 {len(members)} 套"
    if intent not in ESTATE_FACTS or not 1 < len(groups) <= MAX_GROUPS:
        return None
    lines = [f"{_group_name(members)}：{text}" for text, members in groups.items()]
    return "\n".join(lines), f"在售房源 {len(homes)} 套"


def _group_name(homes: Sequence[Home]) -> str:
    names = sorted({place_text(home.estate, home.building) for home in homes})
    return "、".join(names)


def _which(asked: Asked, homes: Sequence[Home], remembered: dict[str, str]) -> Answer:
    buttons = tuple(
        choice(home_name(home), asked.intent, home=home.code) for home in homes[:MAX_CHOICES]
    )
    topic = {"topic": INTENT_LABELS[asked.intent]}
    says: tuple[Say, ...] = (Say("utter_which_home", topic, buttons),)
    priced = [home for home in homes if home.total_price]
    if asked.intent == "ask_price" and priced:
        low, high = min(priced, key=_price), max(priced, key=_price)
        text = f"在售的{len(homes)}套总价从{price_text(low)}到{price_text(high)}"
        says = (fact(text, f"房源 {low.code}、{high.code}"), *says)
    pending = {"pending_intent": asked.intent, "pending_text": asked.text or None}
    return Answer(says, {**remembered, **pending}, is_open=True)


def _price(home: Home) -> float:
    return home.total_price or 0.0


def _list_homes(session: Session, asked: Asked) -> Answer:
    homes = [home for home in homes_meant(session, asked) if home.status == "在售"]
    if not homes:
        answer = _from_faq(session, asked) or unknown(session, asked)
        return Answer((Say("utter_no_home_fits"), *answer.says), answer.slots)
    lines = [f"{home_name(home)}，{price_text(home)}" for home in homes[:MAX_CHOICES]]
    buttons = tuple(
        choice(home_name(home), "ask_home_overview", home=home.code) for home in homes[:MAX_CHOICES]
    )
    more = (
        f"\n共 {len(homes)} 套，还可以告诉我几室、预算或面积来缩小范围。"
        if len(homes) > MAX_CHOICES
        else ""
    )
    return Answer((Say("utter_homes_found", {"fact": "\n".join(lines) + more}, buttons),))


def _from_faq(session: Session, asked: Asked) -> Answer | None:
    row = find_faq(session, asked.intent, asked.turn.plain or None)
    return Answer((fact(row.answer, f"常见问题 {row.code}"),)) if row else None
