"""Surveys in a running desk."""

from typing import TYPE_CHECKING

from desk.feedback.surveys import expire_surveys

if TYPE_CHECKING:
    from desk.app import Desk


async def expire(desk: "Desk") -> None:
    """Close tickets whose survey was not answered in time."""
    while await desk.database.run(expire_surveys):
        pass
