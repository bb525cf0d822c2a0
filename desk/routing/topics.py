"""What groups can be for: the bot's intents, complaint categories, Traditional Chinese, urgency."""

from collections.abc import Mapping
from functools import cache

from desk.locale import t
from desk.routing.domain import TRADITIONAL, URGENT
from scripts_library.suggesting.script import topic_names


@cache
def known_topics() -> Mapping[str, str]:
    """Return the name of every topic by its code, the general ones first."""
    general = {URGENT: t("routing.topic_urgent"), TRADITIONAL: t("routing.topic_traditional")}
    return {**general, **topic_names()}
