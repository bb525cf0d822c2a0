"""The fields of the intake form, and the matter they stand for."""

from datetime import datetime
from typing import Any

from nicegui import ui

from desk.clock import LOCAL_ZONE
from desk.console.elements import box, words
from desk.errors import InvalidInput
from desk.locale import t
from desk.tickets.domain import CATEGORIES, DEPARTMENTS, REPLY_CHANNELS, SEVERITIES, NewTicket
from desk.tickets.intake import LONGEST
from desk.tickets.models import TicketKind
from desk.tickets.view import (
    category_name,
    channel_name,
    department_name,
    kind_name,
    reply_channel_name,
    severity_name,
)

AUTOMATIC = ""
WAYS_IN = ("phone", "visit", "letter")
PERSONAL = ("customer_name", "phone", "email", "room")


class IntakeFields:
    """Everything that can be written down; `matter` reads it."""

    def __init__(self, privacy_notice: str) -> None:
        self._inputs: dict[str, Any] = {}
        with box("k-intake-side"):
            self._how()
            self._what()
        with box("k-intake-side") as self.side:
            self._where()
            self._who(privacy_notice)
        self._way.on_value_change(lambda _: self._follow_way())
        self._follow_way()

    @property
    def phone(self) -> Any:
        """The field for the phone."""
        return self._inputs["phone"]

    def matter(self, recipient_id: int) -> NewTicket:
        """Return what the fields say.

        Raises:
            InvalidInput: no description, or a time of receipt that is none.
        """
        said = {name: (field.value or "").strip() or None for name, field in self._inputs.items()}
        if not said["description"]:
            raise InvalidInput("intake.missing", field="description")
        return NewTicket(
            **said,  # type: ignore[arg-type]
            kind=self._kind.value,
            category=self._category.value or None,
            department=self._department.value or None,
            severity=self._severity.value or None,
            channel=self._way.value,
            reply_channel=self._reply.value,
            has_consent=bool(self._consent.value),
            recipient_id=recipient_id,
            received_at=_instant(self._received.value),
        )

    def mark(self, field: str | None, problem: str | None) -> None:
        """Show what is wrong at its field, and at no other."""
        for name, element in {**self._inputs, "received_at": self._received}.items():
            element.error = problem if name == field else None

    def _how(self) -> None:
        with _panel("how"), box("k-fields"):
            ways = {one: channel_name(one) for one in WAYS_IN}
            self._way = ui.radio(ways, value="phone").props("inline dense")
            self._received = ui.input(t("intake.received_at"), placeholder="2026-11-22 09:30")
            self._received.props(f'outlined dense hint="{t("intake.received_hint")}"')

    def _what(self) -> None:
        with _panel("matter"), box("k-fields"):
            self._kind = _choice("kind", {one.value: kind_name(one) for one in TicketKind})
            self._kind.value = TicketKind.COMPLAINT.value
            self._severity = _choice(
                "severity", {one: severity_name(one) for one in SEVERITIES}, automatic=True
            )
            self._text("description", "is-wide", hint="description_hint", is_long=True)
            self._text("wish", "is-wide", hint="wish_hint", is_long=True)
            self._text("occurred", hint="occurred_hint")
            self._text("order_no")
            self._category = _choice(
                "category", {one: category_name(one) for one in CATEGORIES}, automatic=True
            )
            self._department = _choice(
                "department", {one: department_name(one) for one in DEPARTMENTS}, automatic=True
            )

    def _where(self) -> None:
        with _panel("place"), box("k-fields"):
            for name in ("estate", "building", "unit", "room"):
                self._text(name)
            self._text("spot", hint="spot_hint")

    def _who(self, privacy_notice: str) -> None:
        with _panel("customer"):
            self._consent = ui.checkbox(t("intake.consent"), value=False)
            words(t("intake.consent_hint"), "k-card-why", tag="div")
            with box("k-consent-text"):
                words(t("intake.consent_ask"))
                words(privacy_notice)
            with box("k-fields"):
                for name in ("customer_name", "phone", "email"):
                    self._text(name)
                ways = {one: reply_channel_name(one) for one in REPLY_CHANNELS if one != "chat"}
                self._reply = _choice("reply_channel", ways)

    def _text(
        self, name: str, classes: str = "", *, hint: str | None = None, is_long: bool = False
    ) -> None:
        placeholder = t(f"intake.{hint}") if hint else None
        make = ui.textarea if is_long else ui.input
        field = make(t(f"intake.{name}"), placeholder=placeholder)
        field.props(f"outlined dense maxlength={LONGEST[name]} autocomplete=off").classes(classes)
        if is_long:
            field.props("rows=3 autogrow")
        self._inputs[name] = field

    def _follow_way(self) -> None:
        self._received.set_visibility(self._way.value == "letter")


def _panel(name: str) -> ui.element:
    panel = box("k-panel", tag="section")
    with panel:
        words(t(f"intake.{name}"), "k-title", tag="h2")
    return panel


def _choice(name: str, options: dict[str, str], *, automatic: bool = False) -> ui.select:
    choices = {AUTOMATIC: t("intake.automatic"), **options} if automatic else options
    first = next(iter(choices))
    select = ui.select(choices, label=t(f"intake.{name}"), value=first)
    return select.props("outlined dense options-dense")


def _instant(typed: str | None) -> datetime | None:
    text = (typed or "").strip().replace("/", "-")
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("intake.time_invalid", field="received_at") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=LOCAL_ZONE)
