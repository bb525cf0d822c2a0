"""The customer's own data over HTTP, for the chat page: the conversation's token as
`Authorization: Bearer` with the browser's cookie, phones and codes in the body."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from desk import flood
from desk.clock import utc_now
from desk.conversations.photo_api import customer_conversation
from desk.current import get_desk
from desk.privacy import bot_memory, customer
from desk.privacy.customer import Done

router = APIRouter(prefix="/chat/own-data", include_in_schema=False)


class Phone(BaseModel):
    """A phone to which a code is to be sent."""

    phone: Annotated[str, Field(max_length=32)]


class Proof(BaseModel):
    """Nothing for this conversation's data; with phone and code also what is under that phone."""

    phone: Annotated[str | None, Field(max_length=32)] = None
    code: Annotated[str, Field(max_length=16, repr=False)] = ""


@router.post("")
async def overview(request: Request, body: Proof) -> dict[str, Any]:
    """What is stored, in words."""
    conversation_id = await _checked(request, body)
    return await get_desk().database.look(customer.overview, conversation_id, body.phone)


@router.post("/code")
async def send_code(request: Request, body: Phone) -> dict[str, bool]:
    """Have a code sent to a phone; the answer does not tell whether anything is known of it."""
    conversation_id = await _opened(request)
    sent = await get_desk().database.run(
        customer.ask_for_code, conversation_id, body.phone, now=utc_now()
    )
    return {"is_sent": sent}


@router.post("/export")
async def export(request: Request, body: Proof) -> dict[str, Any]:
    """Everything, as JSON."""
    conversation_id = await _checked(request, body)
    return await get_desk().database.run(customer.export, conversation_id, body.phone)


@router.post("/withdrawal")
async def withdraw(request: Request, body: Proof) -> dict[str, str]:
    """Take the consent back."""
    conversation_id = await _checked(request, body)
    done = await get_desk().database.run(
        customer.withdraw_own, conversation_id, body.phone, now=utc_now()
    )
    return await _followed(done)


@router.post("/erasure")
async def erase(request: Request, body: Proof) -> dict[str, str]:
    """Delete what may be deleted."""
    conversation_id = await _checked(request, body)
    done = await get_desk().database.run(
        customer.erase_own, conversation_id, body.phone, now=utc_now()
    )
    return await _followed(done)


async def _opened(request: Request) -> str:
    conversation = await customer_conversation(request)
    await get_desk().flood.take(flood.OWN_DATA, conversation.id)
    return conversation.id


async def _checked(request: Request, proof: Proof) -> str:
    """Return the conversation whose customer this is; a phone must be shown to be theirs."""
    conversation_id = await _opened(request)
    if proof.phone:
        problem = await get_desk().database.run(
            customer.is_phone_theirs, conversation_id, proof.phone, proof.code, now=utc_now()
        )
        if problem is not None:
            raise problem
    return conversation_id


async def _followed(done: Done) -> dict[str, str]:
    desk = get_desk()
    await asyncio.to_thread(bot_memory.forget, desk.settings, done.forgotten)
    for conversation_id in done.changed:
        await desk.gateway.announce(conversation_id)
    return {"text": done.text}
