"""What a transaction did to a conversation, for those who watch it."""

from collections.abc import Sequence
from dataclasses import dataclass

from desk.conversations.models import Conversation, Message
from desk.conversations.repository import Head
from desk.fanout import Event


@dataclass(frozen=True, slots=True)
class News:
    """A conversation as a transaction left it, and messages that it added, in their order."""

    conversation: Conversation | Head
    messages: Sequence[Message] = ()

    def as_event(self) -> Event:
        """Return the event that tells everybody to look; it holds no words."""
        return {
            "type": "changed",
            "conversation_id": self.conversation.id,
            "last_seq": self.conversation.last_seq,
            "mode": self.conversation.mode,
            "agent_id": self.conversation.assigned_to_id,
        }
