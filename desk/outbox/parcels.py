"""A message under way, apart from the database, and how its sending can end."""

from dataclasses import dataclass
from typing import Protocol

from desk.outbox.queueing import File


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed message.

    Attributes:
        id: of the outbox message.
        key: the same at every attempt; receivers recognise a repetition by it.
        attempt: counts from 1.
        address: e-mail address, phone, or a webhook's URL.
        subject: of an e-mail; a webhook's event.
        secret: what a webhook's deliveries are signed with.
    """

    id: int
    key: str
    attempt: int
    channel: str
    address: str
    subject: str
    body: str
    files: tuple[File, ...] = ()
    secret: str = ""


class NotSent(Exception):
    """It certainly did not go out.

    Attributes:
        reason: a short code for staff, e.g. `smtp 550`; holds nothing personal.
        is_final: trying again is no use.
    """

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class Uncertain(Exception):
    """It may have gone out: the connection ended before the receiver said so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sender(Protocol):
    """A channel's way out."""

    is_repeatable: bool
    """Whether the receiver recognises a repetition, so that sending again does no harm."""

    async def send(self, parcel: Parcel) -> None:
        """Return once the receiver has taken it; raises `NotSent` or `Uncertain`."""
