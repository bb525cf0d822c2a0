"""Customers who have the page open and say nothing: what they cost the desk in memory."""

import asyncio

from desk.load.customer import Customer, Timings
from desk.load.processes import DESK, Usage, usage_of

AT_ONCE = 40
FIRST_NUMBER = 1_000_000
"""Their addresses are none of the customers' who talk."""


async def memory_with_idle(base_url: str, count: int, *, patience_s: float) -> tuple[Usage, Usage]:
    """Return the desk's usage before and while so many customers are connected and greeted."""
    before, leaving, entering = usage_of(DESK), asyncio.Event(), asyncio.Semaphore(AT_ONCE)
    arrived = [asyncio.Event() for _ in range(count)]

    async def stay(number: int) -> None:
        customer = Customer(
            [base_url], Timings(), number=FIRST_NUMBER + number, patience_s=patience_s
        )
        await entering.acquire()
        async with customer.connected():
            entering.release()
            arrived[number].set()
            await leaving.wait()

    staying = [asyncio.create_task(stay(number)) for number in range(count)]
    for one in arrived:
        await one.wait()
    during = usage_of(DESK)
    leaving.set()
    await asyncio.gather(*staying)
    return before, during
