"""What an agent can do with a conversation beside answering: claim, note, pass on, end."""

from collections.abc import Awaitable, Callable
from typing import Any

from desk.accounts.models import Role, Staff
from desk.accounts.service import has_role
from desk.console.access import Visit
from desk.console.confirming import ask_yes
from desk.console.elements import action
from desk.console.note_dialog import ask_for_note
from desk.console.transfer_dialog import ask_for_successor
from desk.conversations.models import Conversation, Mode
from desk.locale import t


class Steps:
    """The buttons in the conversation's head. `refresh` shows a step's effect."""

    def __init__(
        self,
        visit: Visit,
        current: Callable[[], Conversation | None],
        refresh: Callable[[], Awaitable[None]],
    ) -> None:
        self._visit = visit
        self._current = current
        self._refresh = refresh

    def draw(self, conversation: Conversation) -> None:
        """Add the buttons for the steps that are possible now."""
        self._button("note", self._note, icon="sticky_note_2", key="Alt+M")
        is_mine = conversation.assigned_to_id == self._visit.staff.id
        is_chief = has_role(self._visit.staff, Role.SUPERVISOR)
        if conversation.mode == Mode.AGENT and (is_mine or is_chief):
            self._button("transfer", self._transfer, icon="swap_horiz", key="Alt+T")
            self._button("hand_back", self._hand_back, icon="smart_toy", key="Alt+B")
            self._button("close", self._close, look="outline", icon="check", key="Alt+W")
        if conversation.mode == Mode.QUEUED:
            look = "unelevated color=primary"
            self._button("claim", self._claim, look=look, icon="headset_mic", key="Alt+C")

    def _button(
        self,
        name: str,
        on_click: Callable[[], object],
        *,
        icon: str,
        key: str,
        look: str = "flat",
    ) -> None:
        button = action(t(f"console.{name}"), on_click, look=look, icon=icon)
        button.props["data-shortcut"] = key
        button.props["title"] = t("workbench.button_key", name=t(f"console.{name}"), keys=key)

    async def _claim(self) -> None:
        conversation = self._current()
        if conversation is None:
            return
        gateway = self._visit.desk.gateway
        await self._do(
            lambda staff: gateway.claim(
                conversation.id, staff, expected_version=conversation.version
            ),
            t("console.claimed"),
        )

    async def _hand_back(self) -> None:
        conversation = self._current()
        question = t("console.hand_back_question")
        title = t("console.hand_back")
        if conversation and await ask_yes(self._visit, title=title, question=question):
            gateway = self._visit.desk.gateway
            await self._do(
                lambda staff: gateway.hand_back(conversation.id, staff), t("console.handed_back")
            )

    async def _close(self) -> None:
        conversation = self._current()
        question = t("console.close_question")
        title = t("console.close")
        if conversation and await ask_yes(self._visit, title=title, question=question):
            gateway = self._visit.desk.gateway
            await self._do(lambda staff: gateway.close(conversation.id, staff), t("console.closed"))

    async def _note(self) -> None:
        conversation = self._current()
        note = await ask_for_note(self._visit) if conversation else None
        if conversation and note:
            gateway = self._visit.desk.gateway
            await self._do(
                lambda staff: gateway.note(
                    conversation.id, staff, note.text, mentions=note.mentions
                ),
                t("console.note_saved"),
            )

    async def _transfer(self) -> None:
        conversation = self._current()
        if conversation is None:
            return
        choice = await ask_for_successor(self._visit, conversation)
        if choice is None:
            return
        gateway = self._visit.desk.gateway

        async def step(staff: Staff) -> None:
            if choice.staff_id:
                successor = await self._visit.read(
                    lambda session, _staff: session.get_one(Staff, choice.staff_id)
                )
                await gateway.transfer(conversation.id, staff, successor)
            elif choice.group_id:
                await gateway.transfer_to_group(conversation.id, staff, choice.group_id)
            if choice.note:
                mentions = [choice.staff_id] if choice.staff_id else []
                text = t("workbench.handover_note", text=choice.note)
                await gateway.note(conversation.id, staff, text, mentions=mentions)

        await self._do(step, t("workbench.transferred", name=choice.name))

    async def _do(self, step: Callable[[Staff], Awaitable[Any]], success: str) -> None:
        """Take a step as the one logged in now; its effect is shown even if it failed."""
        with self._visit.errors_shown():
            await step(await self._visit.staff_now())
            self._visit.tell(success)
        with self._visit.errors_shown():
            await self._refresh()
