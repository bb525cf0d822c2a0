"""The outbox's work in a running desk: pass entries on, send what is due, tell open pages."""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from desk.fanout import NOTICE_CHANNEL
from desk.idempotency import expire_calls
from desk.outbox.account_notices import has_news, tell_owners
from desk.outbox.delivery import deliver_due, has_due
from desk.outbox.publisher import has_waiting, pass_on

if TYPE_CHECKING:
    from desk.app import Desk

BATCH = 50
STOP_PATIENCE_S = 4.0


async def pass_entries_on(desk: "Desk") -> None:
    """Pass on all entries that wait, then tell the chats and bells concerned."""
    while await desk.database.look(has_waiting):
        passed = await desk.database.run(pass_on, None, BATCH)
        for conversation_id in passed.conversations:
            await desk.gateway.announce(conversation_id)
        if passed.has_notices:
            await desk.fanout.publish(NOTICE_CHANNEL, {"type": "notices"})
        if not passed.entries:
            return


async def tell_owners_of_accounts(desk: "Desk") -> None:
    """Tell staff what happened to their accounts."""
    while await desk.database.look(has_news):
        if await desk.database.run(tell_owners):
            await desk.fanout.publish(NOTICE_CHANNEL, {"type": "notices"})


async def send_messages(desk: "Desk") -> None:
    """Send all messages that are due. When the desk stops, what is being sent may still end."""
    while await desk.database.look(has_due):
        work = asyncio.ensure_future(deliver_due(desk.database, desk.senders))
        try:
            tried = await asyncio.shield(work)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(work, STOP_PATIENCE_S)
            raise
        if not tried:
            return


async def forget_old_calls(desk: "Desk") -> None:
    """Forget the answers to repeatable calls that are old enough."""
    while await desk.database.run(expire_calls):
        pass
