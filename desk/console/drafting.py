"""Keeps the replies that were begun: in the page for speed, in the database for everything else."""

import asyncio
import contextlib
from collections.abc import Callable
from math import inf
from time import monotonic
from uuid import uuid4

from nicegui import background_tasks

from desk.console.access import Visit
from desk.conversations.drafts import Begun, keep_draft
from desk.conversations.models import Message
from desk.errors import DeskError

SAVE_AFTER_S = 0.8
"""A draft is written when nothing was typed for this long."""


class Drafts:
    """One page's drafts by conversation. `on_kept` hears what the database now has."""

    def __init__(self, visit: Visit, on_kept: Callable[[str, str], None]) -> None:
        self._visit = visit
        self._on_kept = on_kept
        self._drafts: dict[str, Begun] = {}
        self._unsaved: set[str] = set()
        self._written_at: dict[str, float] = {}
        self._saving: asyncio.Task[None] | None = None
        visit.client.on_delete(self._save_at_the_end)

    def of(self, conversation_id: str) -> Begun:
        """Return the draft of a conversation; an empty one if nothing was begun."""
        return self._drafts.setdefault(conversation_id, Begun())

    def take(self, conversation_id: str, kept: Begun | None, *, read_at: float) -> None:
        """Take over what the database had, unless this page has something newer: not yet written,
        or written after the reading began (`read_at`, as `monotonic` counts)."""
        if conversation_id in self._unsaved:
            return
        if self._written_at.get(conversation_id, -inf) < read_at:
            self._drafts[conversation_id] = kept or Begun()

    def changed(self, conversation_id: str) -> None:
        """Save soon; what other conversations still wait for is saved with it."""
        self._unsaved.add(conversation_id)
        if self._saving is None or self._saving.done():
            self._saving = background_tasks.create(self._save_soon())

    def sent(self, conversation_id: str, text: str) -> str:
        """Forget what was sent; return what was typed after it, which stays as a new draft."""
        draft = self._drafts.pop(conversation_id, Begun())
        self._unsaved.discard(conversation_id)
        rest = draft.text.strip().removeprefix(text).lstrip() if draft.text.strip() != text else ""
        if rest:
            self.of(conversation_id).text = rest
            self.changed(conversation_id)
        return rest

    def heard(self, conversation_id: str, messages: list[Message]) -> bool:
        """Heed that another window has sent this draft: the same text is done, another one is a
        message of its own. Tells whether the draft on the screen is to be shown anew."""
        draft = self._drafts.get(conversation_id)
        sent = next((one for one in messages if draft and one.client_id == draft.client_id), None)
        if draft is None or sent is None:
            return False
        if draft.text.strip() == sent.text:
            self._drafts.pop(conversation_id)
            self._unsaved.discard(conversation_id)
            return True
        draft.client_id = uuid4().hex
        self.changed(conversation_id)
        return False

    async def save(self) -> None:
        """Write everything that is not yet written."""
        for conversation_id in tuple(self._unsaved):
            await self._save(conversation_id)

    async def _save_at_the_end(self) -> None:
        # Nobody is there to be told of a login that ended meanwhile.
        with contextlib.suppress(DeskError):
            await self.save()

    async def _save_soon(self) -> None:
        await asyncio.sleep(SAVE_AFTER_S)
        with self._visit.errors_shown():
            await self.save()

    async def _save(self, conversation_id: str) -> None:
        draft = self.of(conversation_id)
        begun = Begun(draft.client_id, draft.text, draft.script_id, draft.suggested)
        # Until the commit it counts as unsaved: who reads meanwhile finds what was there before.
        await self._visit.write(
            lambda session, staff: keep_draft(session, staff, conversation_id, begun)
        )
        self._unsaved.discard(conversation_id)
        self._written_at[conversation_id] = monotonic()
        self._on_kept(conversation_id, begun.text)
        if self.of(conversation_id).text != begun.text:
            self.changed(conversation_id)
