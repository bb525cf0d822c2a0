"""What an entity finder returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

KINDS = (
    "phone",
    "name",
    "estate",
    "building",
    "unit",
    "room",
    "time",
    "money",
    "area",
    "floor",
    "order_no",
    "ticket_no",
    "product",
    "email",
)


@dataclass(frozen=True, slots=True)
class Found:
    """An entity in a folded text: half-open span, normal value, and what else is known of it."""

    kind: str
    start: int
    end: int
    value: str
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
