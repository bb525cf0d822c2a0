"""The other systems that hear of tickets: their addresses, for leaders to keep (webhooks)."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.confirming import ask_yes
from desk.console.elements import action, box, moment, words
from desk.errors import DeskError
from desk.locale import t, texts
from desk.outbox import webhooks
from desk.outbox.models import OutboxMessage, OutboxState, Webhook

SHOWN_DELIVERIES = 20
SHOWN_EVENTS = 3
BAD_STATES = frozenset({OutboxState.FAILED, OutboxState.UNCERTAIN})


class WebhookSection:
    """The list of addresses, with a form for a new one."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        with box("k-webhooks", tag="section").props("data-section=webhooks"):
            with box("k-webhooks-head"):
                words(t("outbox.webhooks"), "k-dialog-title", tag="h2")
                action(t("outbox.webhook_add"), self._add, look="outline color=primary")
            words(t("outbox.webhooks_hint"), "k-dialog-text", tag="p")
            self._place = box()

    async def refresh(self) -> None:
        """Read the addresses and draw them anew."""
        with self._visit.errors_shown():
            found = await self._visit.read(webhooks.list_webhooks)
            if not self._place.is_deleted:
                self._draw(found)

    def _draw(self, found: Sequence[Webhook]) -> None:
        self._place.clear()
        with self._place:
            if not found:
                words(t("outbox.webhooks_none"), "k-empty", tag="div")
                return
            with box("k-grid-scroll"), box("k-table", tag="table"):
                with box(tag="thead"), box(tag="tr"):
                    for name in ("address", "events", "state", "since", "decide"):
                        words(t(f"outbox.webhook_{name}"), tag="th").props("scope=col")
                with box(tag="tbody"):
                    for webhook in found:
                        self._row(webhook)

    def _row(self, webhook: Webhook) -> None:
        with box(tag="tr").props(f"data-webhook={webhook.id}"):
            words(webhook.url, "k-webhook-url", tag="td")
            words(_events_text(webhook.events), tag="td")
            with box(tag="td"):
                name, look = ("on", "is-good") if webhook.is_active else ("off", "")
                words(t(f"outbox.webhook_{name}"), f"k-chip {look}")
            words(moment(webhook.created_at, utc_now()), "k-cell-time", tag="td")
            with box("k-outbox-decide", tag="td"):
                if webhook.is_active:
                    action(t("outbox.webhook_test"), partial(self._test, webhook.id))
                action(t("outbox.webhook_log"), partial(self._log, webhook))
                switch = "turn_off" if webhook.is_active else "turn_on"
                action(t(f"outbox.webhook_{switch}"), partial(self._switch, webhook))

    async def _add(self) -> None:
        with (
            self._visit.client,
            ui.dialog().props("persistent") as dialog,
            ui.card().classes("k-dialog"),
        ):
            words(t("outbox.webhook_add"), "k-dialog-title", tag="h2")
            words(t("outbox.webhook_add_hint"), "k-dialog-text", tag="p")
            url = ui.input(t("outbox.webhook_address"), placeholder="https://")
            url.props(f"outlined dense autofocus maxlength={webhooks.URL_LIMIT}")
            events = ui.select(
                event_names(),
                label=t("outbox.webhook_events"),
                value=[webhooks.EVERY_EVENT],
                multiple=True,
                with_input=True,
            ).props("outlined dense use-chips options-dense")
            for field in (url, events):
                field.classes("w-full")
            problem = words("", "k-dialog-problem", tag="p").props("role=alert")

            async def save() -> None:
                try:
                    secret = await self._register((url.value or "").strip(), events.value or [])
                except DeskError as error:
                    problem.set_text(t(error.key, **error.details))
                else:
                    dialog.submit(secret)

            with box("k-dialog-foot"):
                action(t("console.cancel"), lambda: dialog.submit(None))
                action(t("outbox.webhook_save"), save, look="unelevated color=primary")
        secret = await dialog
        dialog.delete()
        if isinstance(secret, str):
            self._show_secret(secret)
            await self.refresh()

    async def _register(self, url: str, events: Sequence[str]) -> str:
        hosts = self._visit.desk.settings.webhook_private_hosts

        def work(session: Session, staff: Staff) -> str:
            return webhooks.register(session, staff, url, events, private_hosts=hosts).secret

        return await self._visit.write(work)

    def _show_secret(self, secret: str) -> None:
        with self._visit.client, ui.dialog(value=True) as dialog, ui.card().classes("k-dialog"):
            words(t("outbox.webhook_secret"), "k-dialog-title", tag="h2")
            words(t("outbox.webhook_secret_hint"), "k-dialog-text", tag="p")
            shown = ui.input(t("outbox.webhook_secret"), value=secret)
            shown.props("outlined dense readonly autocomplete=off").classes("w-full")
            with box("k-dialog-foot"):
                noted = t("outbox.webhook_secret_noted")
                action(noted, dialog.close, look="unelevated color=primary")

    async def _test(self, webhook_id: int) -> None:
        def work(session: Session, staff: Staff) -> None:
            webhooks.send_test(session, staff, webhook_id)

        with self._visit.errors_shown():
            await self._visit.write(work)
            self._visit.tell(t("outbox.webhook_test_sent"))

    async def _switch(self, webhook: Webhook) -> None:
        if webhook.is_active and not await ask_yes(
            self._visit,
            title=t("outbox.webhook_turn_off"),
            question=t("outbox.webhook_turn_off_question"),
        ):
            return

        def work(session: Session, staff: Staff) -> None:
            webhooks.set_active(session, staff, webhook.id, not webhook.is_active)

        with self._visit.errors_shown():
            await self._visit.write(work)
        await self.refresh()

    async def _log(self, webhook: Webhook) -> None:
        with self._visit.errors_shown():
            found = await self._visit.read(
                lambda session, staff: webhooks.deliveries(
                    session, staff, webhook.id, limit=SHOWN_DELIVERIES
                )
            )
            self._show_log(webhook, found)

    def _show_log(self, webhook: Webhook, found: Sequence[OutboxMessage]) -> None:
        with (
            self._visit.client,
            ui.dialog(value=True) as dialog,
            ui.card().classes("k-dialog k-webhook-log"),
        ):
            words(t("outbox.webhook_log_title"), "k-dialog-title", tag="h2")
            words(webhook.url, "k-dialog-text k-webhook-url", tag="p")
            if not found:
                words(t("outbox.webhook_log_none"), "k-empty", tag="div")
            else:
                with box("k-table", tag="table"), box(tag="tbody"):
                    for message in found:
                        _delivery(message)
            with box("k-dialog-foot"):
                close = t("tickets_page.bulk_close")
                action(close, dialog.close, look="unelevated color=primary")


def event_names() -> dict[str, str]:
    """Return what a webhook may ask for, each event with its name in Chinese."""
    said = texts("ticket_entries")
    names = {webhooks.EVERY_EVENT: t("outbox.webhook_every")}
    for event in webhooks.event_names():
        names[event] = str(said[event.partition(".")[2]][-1])
    return names


def _events_text(events: Sequence[str]) -> str:
    names = event_names()
    shown = "、".join(names.get(event, event) for event in events[:SHOWN_EVENTS])
    if len(events) <= SHOWN_EVENTS:
        return shown
    return t("outbox.webhook_more", shown=shown, count=len(events))


def _delivery(message: OutboxMessage) -> None:
    known: dict[str, str] = texts("outbox")["reasons"]
    with box(tag="tr"):
        words(moment(message.created_at, utc_now()), "k-cell-time", tag="td")
        is_test = message.subject == webhooks.TEST_EVENT
        event = t("outbox.webhook_ping") if is_test else event_names().get(message.subject)
        words(event or message.subject, tag="td")
        with box(tag="td"):
            look = "is-urgent" if message.state in BAD_STATES else ""
            words(t(f"outbox.state_{message.state}"), f"k-chip {look}")
        error = known.get(message.last_error or "", message.last_error or "")
        tried = t("outbox.tried", n=message.attempts, error=error) if error else ""
        words(tried, tag="td")
