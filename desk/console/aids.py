"""The right column: suggested replies, tickets, and what is known of the customer."""

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.clock import utc_now
from desk.console.access import Visit
from desk.console.elements import action, box, moment, words
from desk.console.knowledge import Knowledge
from desk.console.slots import show_with_slots
from desk.console.suggesting import known_values, last_customer_message, suggest
from desk.console.tickets import Countdown, show_tickets
from desk.conversations import service
from desk.conversations.domain import preview
from desk.conversations.models import Conversation, Message
from desk.locale import t
from desk.reviews.ledger import note_outcome
from desk.tickets.models import Ticket
from desk.tickets.service import tickets_of_conversation
from scripts_library.suggesting.suggester import Suggestion

CONTEXT_SEQS = 40
WITH_KEYS = 3
log = structlog.get_logger(__name__)


class Aids:
    """Helps with the conversation on the screen. `on_use` gets a script's id and its text,
    `on_insert` a text found in the company's own data."""

    def __init__(
        self, visit: Visit, on_use: Callable[[str, str], None], on_insert: Callable[[str], None]
    ) -> None:
        self._visit = visit
        self._on_use = on_use
        self._tickets: list[Ticket] = []
        self._conversation: Conversation | None = None
        self._tickets_shown: object = None
        self._countdowns: list[Countdown] = []
        self._answered_seq = -1
        self._rejected: set[str] = set()
        with box("k-aids", tag="aside").props(f'aria-label="{t("workbench.aids")}"'):
            self._suggestions = box("k-section", tag="section")
            self._ticket_place = box("k-section", tag="section")
            Knowledge(visit, on_insert)
            self._info = box("k-section", tag="section")
        self.clear()

    def clear(self) -> None:
        """Show that there is no conversation."""
        self._conversation = None
        self._tickets = []
        self._show_no_suggestions(t("console.suggestions_none_yet"))
        self._show_tickets()
        self._info.clear()

    def tick(self) -> None:
        """Bring the working time left up to date."""
        for countdown in self._countdowns:
            countdown.update()

    def known(self) -> dict[str, str]:
        """Return the fill-ins known for the conversation on the screen."""
        return known_values(self._visit.desk.company, self._visit.staff, self._tickets)

    async def refresh(self, conversation: Conversation) -> None:
        """Read tickets again, and look for suggestions if the customer wrote something new."""
        if self._conversation is None or self._conversation.id != conversation.id:
            self._answered_seq = -1
            self._rejected.clear()
        self._conversation = conversation
        conversation_id, start = conversation.id, max(0, conversation.last_seq - CONTEXT_SEQS)

        def read(session: Session, _staff: Staff) -> tuple[list[Ticket], list[Message]]:
            messages = service.messages_after(session, conversation_id, start, for_staff=True)
            return tickets_of_conversation(session, conversation_id), messages

        self._tickets, messages = await self._visit.read(read)
        if self._ticket_place.is_deleted:
            return
        self._show_tickets()
        self._show_info(conversation)
        newest = last_customer_message(messages)
        if newest is None:
            self._show_no_suggestions(t("console.suggestions_none_yet"))
        elif newest.seq != self._answered_seq:
            self._answered_seq = newest.seq
            self._rejected.clear()
            await self._suggest(conversation, messages, newest)

    async def _suggest(
        self, conversation: Conversation, messages: list[Message], newest: Message
    ) -> None:
        ticket = self._tickets[0] if self._tickets else None
        try:
            found = await asyncio.to_thread(
                suggest,
                self._visit.desk,
                conversation,
                messages,
                known=self.known(),
                ticket=ticket,
            )
        except Exception as error:
            # The library or its model may be broken; the agent can go on without suggestions.
            log.error("console.suggest_failed", error=type(error).__name__)
            self._show_no_suggestions(t("console.suggestions_failed"))
            return
        is_same = self._conversation is not None and self._conversation.id == conversation.id
        if not is_same or newest.seq != self._answered_seq:
            # A slower answer to an earlier message must not take the place of a later one.
            return
        self._show_suggestions(found, newest)
        await self._note([one.script_id for one in found], "shown")

    def _show_no_suggestions(self, text: str) -> None:
        self._suggestions.clear()
        with self._suggestions:
            words(t("console.suggestions"), "k-title", tag="h2")
            words(text, "k-card-why", tag="div")

    def _show_suggestions(self, found: list[Suggestion], newest: Message) -> None:
        found = [one for one in found if one.script_id not in self._rejected]
        if not found:
            self._show_no_suggestions(t("console.suggestions_none"))
            return
        self._suggestions.clear()
        with self._suggestions:
            words(t("console.suggestions"), "k-title", tag="h2")
            about = t("console.suggestions_for", text=preview(newest.text))
            words(about, "k-quote", tag="div")
            for place, suggestion in enumerate(found, start=1):
                self._card(place, suggestion, found, newest)

    def _card(
        self, place: int, suggestion: Suggestion, found: list[Suggestion], newest: Message
    ) -> None:
        async def reject() -> None:
            self._rejected.add(suggestion.script_id)
            self._show_suggestions(found, newest)
            await self._note([suggestion.script_id], "rejected")
            self._visit.desk.suggester.learn(suggestion.script_id, newest.text, "rejected")
            self._visit.tell(t("console.suggestion_rejected"), kind="info")

        with box("k-card").props(f"data-script={suggestion.script_id}"):
            show_with_slots(suggestion.text)
            words(suggestion.reason, "k-card-why is-short", tag="div").tooltip(suggestion.reason)
            with box("k-card-foot"):
                words(suggestion.source, "k-card-source").tooltip(suggestion.source)
                action(t("console.suggestion_reject"), reject, classes="k-small")
                use = action(
                    t("console.suggestion_use"),
                    lambda: self._on_use(suggestion.script_id, suggestion.text),
                    look="outline color=primary",
                    classes="k-small",
                )
                if place <= WITH_KEYS:
                    words(str(place), "k-key", tag="kbd").props("aria-hidden=true")
                    use.props["data-shortcut"] = f"Alt+{place}"
                    use.props["title"] = t("workbench.suggestion_key", place=place)

    def _show_tickets(self) -> None:
        state = [(one.number, one.state, one.severity, one.due_at) for one in self._tickets]
        if state == self._tickets_shown:
            # Redrawing would close what the agent has unfolded.
            return
        self._tickets_shown = state
        self._ticket_place.clear()
        with self._ticket_place:
            self._countdowns = show_tickets(self._tickets)

    def _show_info(self, conversation: Conversation) -> None:
        script = "traditional" if conversation.is_traditional else "simplified"
        facts = {
            "source": t(f"console.source_{conversation.source}"),
            "started": moment(conversation.created_at, utc_now()),
            "script": t(f"console.info_{script}"),
            "count": t("console.info_count_value", n=conversation.last_seq),
        }
        self._info.clear()
        with self._info:
            words(t("console.customer_info"), "k-title", tag="h2")
            with box("k-facts", tag="dl"):
                for name, value in facts.items():
                    words(t(f"console.info_{name}"), tag="dt")
                    words(value, tag="dd")

    async def _note(self, script_ids: list[str], outcome: str) -> None:
        conversation = self._conversation
        if conversation and script_ids:
            with self._visit.errors_shown():
                await self._visit.write(
                    lambda session, staff: note_outcome(
                        session,
                        staff,
                        conversation_id=conversation.id,
                        script_ids=script_ids,
                        outcome=outcome,
                    )
                )
