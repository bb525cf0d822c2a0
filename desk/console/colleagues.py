"""Who else looks at the conversation on the screen, or types in it: through the fan-out, never
stored."""

from dataclasses import dataclass
from time import monotonic

from nicegui import background_tasks

from desk.console.access import Visit
from desk.console.elements import words
from desk.conversations.models import Conversation, Mode
from desk.fanout import Event, conversation_channel
from desk.locale import t

BEAT_S = 20.0
FORGOTTEN_S = 50.0
"""Whose page was not heard of for this long is gone."""
TYPING_SHOWN_S = 6.0


@dataclass(slots=True)
class _Page:
    staff_id: int
    name: str
    seen_at: float
    typed_at: float = -TYPING_SHOWN_S


class Colleagues:
    """A line above the input that names the others. Pages greet when they come, beat while they
    stay, and say farewell."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._pages: dict[str, _Page] = {}
        self._conversation: Conversation | None = None
        self._line = words("", "k-colleagues", tag="div").props("role=status")
        self._line.visible = False
        visit.client.on_delete(self.leave)
        # A closed window is deleted much later: it might come back.
        visit.client.on_disconnect(lambda: self._say("gone"))
        visit.client.on_connect(lambda: self._say("here", wants_answer=True))

    def enter(self, conversation: Conversation) -> None:
        """Show who else is in this conversation, and be seen there oneself."""
        is_new = self._conversation is None or self._conversation.id != conversation.id
        if is_new:
            self.leave()
        self._conversation = conversation
        if is_new:
            self._say("here", wants_answer=True)
        self._draw()

    def leave(self) -> None:
        """Be seen no more in the conversation on the screen."""
        if self._conversation:
            self._say("gone")
        self._conversation = None
        self._pages.clear()
        self._draw()

    def typing(self) -> None:
        """Tell the others that one types."""
        self._say("here", is_typing=True)

    def beat(self) -> None:
        """Tell the others that one is still there, and forget those who are not."""
        if self._conversation and self._visit.client.has_socket_connection:
            self._say("here")
            self._draw()

    def hear(self, event: Event) -> None:
        """Heed another page's sign of life."""
        page, kind = str(event.get("page")), event.get("what")
        if page == self._visit.client.id or self._conversation is None:
            return
        if kind == "gone":
            self._pages.pop(page, None)
        else:
            now = monotonic()
            known = self._pages.setdefault(
                page, _Page(int(event["staff_id"]), str(event["name"]), now)
            )
            known.seen_at = now
            if event.get("is_typing"):
                known.typed_at = now
            # The page that one has just left is kept for a while: it might come back.
            if event.get("wants_answer") and self._visit.client.has_socket_connection:
                self._say("here")
        self._draw()

    def _say(self, what: str, **more: bool) -> None:
        if self._conversation is None:
            return
        staff = self._visit.staff
        event = {
            "type": "colleague",
            "what": what,
            "page": self._visit.client.id,
            "staff_id": staff.id,
            "name": staff.display_name,
            **more,
        }
        channel = conversation_channel(self._conversation.id)
        background_tasks.create(self._visit.desk.fanout.publish(channel, event))

    def _draw(self) -> None:
        if self._line.is_deleted:
            return
        now = monotonic()
        self._pages = {
            page: one for page, one in self._pages.items() if now - one.seen_at < FORGOTTEN_S
        }
        text = self._text(now) if self._conversation else ""
        self._line.set_text(text)
        self._line.visible = bool(text)

    def _text(self, now: float) -> str:
        own = self._visit.staff.id
        others = {one.name: one for one in self._pages.values() if one.staff_id != own}
        if not others:
            is_twice = any(one.staff_id == own for one in self._pages.values())
            return t("workbench.other_window") if is_twice else ""
        typing = [name for name, one in others.items() if now - one.typed_at < TYPING_SHOWN_S]
        key = "typing" if typing else "looking"
        said = t(f"workbench.colleagues_{key}", names="、".join(sorted(typing or others)))
        return f"{said}{self._who_answers()}"

    def _who_answers(self) -> str:
        conversation = self._conversation
        if conversation is None or conversation.mode in (Mode.BOT, Mode.CLOSED):
            return ""
        if conversation.mode == Mode.QUEUED:
            return t("workbench.first_claims")
        agent = conversation.assigned_to
        if conversation.assigned_to_id == self._visit.staff.id:
            return t("workbench.you_answer")
        return t("workbench.they_answer", name=agent.display_name if agent else "")
