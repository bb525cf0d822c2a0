"""One group of questions: wordings, an example's talk, and what can be made of it."""

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui
from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.catalog.intents import ANY_WORDING, faq_intents, intent_names
from desk.console.access import Visit
from desk.console.elements import action, box, nothing, words
from desk.console.knowledge_pages.faq_form import FaqForm
from desk.console.ticket.dialogs import Field, Values, fill_in
from desk.errors import NotFound
from desk.knowledge import examples, faq, unanswered
from desk.knowledge.masking import has_personal_data
from desk.knowledge.models import Outcome
from desk.knowledge.unanswered import ContextLine, Group
from desk.locale import t


class UnansweredDetail:
    """The right column; `on_settled` is called when a group is off the list."""

    def __init__(self, visit: Visit, on_settled: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._on_settled = visit, on_settled
        self._chosen: Group | None = None
        self._place = box("k-pane", tag="section")

    def clear(self) -> None:
        """Show that nothing is chosen."""
        self._chosen = None
        self._place.clear()
        with self._place:
            title, hint = t("knowledge.group_pick"), t("knowledge.group_pick_hint")
            nothing(title, hint, has_help=False)

    async def open(self, group: Group) -> None:
        """Show a group, unless another one is chosen while it is read."""
        self._chosen = group

        def read(session: Session, staff: Staff) -> list[ContextLine]:
            try:
                return unanswered.context(session, staff, group.example_id)
            except NotFound:
                return []

        with self._visit.errors_shown():
            lines = await self._visit.read(read)
            if self._chosen is not group:
                return
            self._place.clear()
            with self._place:
                self._head(group)
                _show_talk(lines)

    def _head(self, group: Group) -> None:
        with box("k-section", tag="section"):
            with box("k-editor-head"):
                words(group.example, tag="h2")
                words(t("knowledge.times", count=group.total), "k-count")
            with box("k-line"):
                make = partial(self._make_faq, group)
                action(t("knowledge.make_faq"), make, look="unelevated color=primary")
                example = partial(self._make_examples, group)
                action(t("knowledge.make_example"), example, look="outline color=primary")
                action(t("knowledge.dismiss"), partial(self._dismiss, group), look="outline")
        with box("k-section", tag="section"):
            words(t("knowledge.wordings"), "k-title", tag="h2")
            with box("k-said-list", tag="ul"):
                for wording in group.wordings:
                    words(wording, tag="li")

    async def _make_faq(self, group: Group) -> None:
        with self._visit.errors_shown():
            code = await self._visit.read(lambda session, _: faq.free_code(session))
            sayable = _sayable(group)
            cells = {
                "code": code,
                "intent": (group.intent if group.intent in faq_intents() else None) or ANY_WORDING,
                "question": min(sayable, key=len, default=""),
                "phrasings": " | ".join(sayable),
            }
            why = t("knowledge.faq_why_group", count=group.total)
            await self._ask_answer(group, cells, why)

    async def _ask_answer(self, group: Group, cells: dict[str, str], why: str) -> None:
        visit = self._visit
        with (
            visit.client,
            ui.dialog().props("persistent") as dialog,
            ui.card().classes("k-dialog is-wide"),
        ):
            words(t("knowledge.faq_from_group"), "k-dialog-title", tag="h2")
            words(t("knowledge.faq_hint"), "k-dialog-text", tag="p")
            with box("w-full"):
                form = FaqForm(visit, cells, base_version=None, why=why)

            async def write(is_submitted: bool) -> None:
                if await form.write(is_submitted=is_submitted):
                    dialog.submit("made" if is_submitted else "drafted")

            with box("k-dialog-foot"):
                action(t("console.cancel"), lambda: dialog.submit(None))
                draft, submit = partial(write, False), partial(write, True)
                action(t("knowledge.save_draft"), draft, look="outline color=primary")
                action(t("knowledge.submit"), submit, look="unelevated color=primary")
        outcome = await dialog
        dialog.delete()
        if outcome:
            await self._settle(group, Outcome.FAQ, t(f"knowledge.faq_{outcome}"))

    async def _make_examples(self, group: Group) -> None:
        count = 0

        async def work(values: Values) -> None:
            nonlocal count
            texts = [line for line in values["texts"].splitlines() if line.strip()]

            def propose(session: Session, staff: Staff) -> int:
                for text in texts:
                    examples.propose(
                        session, staff, text, values["intent"], message_id=group.example_id
                    )
                return len(texts)

            count = await self._visit.write(propose)

        guess = group.intent if group.intent in intent_names() else ""
        fields = [
            Field(
                "intent",
                t("knowledge.example_as"),
                "choice",
                value=guess or "",
                options=intent_names(),
            ),
            Field("texts", t("knowledge.example_texts"), value="\n".join(_sayable(group))),
        ]
        done = await fill_in(
            self._visit,
            title=t("knowledge.make_example"),
            fields=fields,
            submit=t("knowledge.submit"),
            work=work,
            hint=t("knowledge.example_hint"),
        )
        if done:
            text = t("knowledge.example_made", count=count)
            await self._settle(group, Outcome.EXAMPLE, text)

    async def _dismiss(self, group: Group) -> None:
        async def work(values: Values) -> None:
            reason = values["reason"]

            def settle(session: Session, staff: Staff) -> None:
                unanswered.settle(
                    session, staff, group.message_ids, Outcome.DISMISSED, reason=reason
                )

            await self._visit.write(settle)

        label, limit = t("knowledge.dismiss"), unanswered.REASON_LIMIT
        fields = [Field("reason", t("knowledge.dismiss_reason"), "line", limit=limit)]
        if await fill_in(self._visit, title=label, fields=fields, submit=label, work=work):
            self._visit.tell(t("knowledge.dismissed"))
            await self._on_settled()

    async def _settle(self, group: Group, outcome: Outcome, told: str) -> None:
        with self._visit.errors_shown():
            await self._visit.write(
                lambda session, staff: unanswered.settle(session, staff, group.message_ids, outcome)
            )
            self._visit.tell(told)
            await self._on_settled()


def _sayable(group: Group) -> list[str]:
    """The wordings with nothing hidden in them: the others would be refused."""
    return [one for one in group.wordings if not has_personal_data(one)]


def _show_talk(lines: list[ContextLine]) -> None:
    with box("k-section", tag="section"):
        words(t("knowledge.context"), "k-title", tag="h2")
        if not lines:
            words(t("knowledge.context_gone"), "k-empty", tag="div")
            return
        with box("k-talk", tag="dl"):
            for line in lines:
                words(t(f"knowledge.sender_{line.sender}"), tag="dt")
                words(line.text, "is-it" if line.is_it else "", tag="dd")
