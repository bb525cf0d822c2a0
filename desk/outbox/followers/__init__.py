"""What follows from an entry of a timeline: each follower looks at it and does its part."""

from collections.abc import Callable

from desk.outbox.followers import colleagues, customers, surveys, webhooks
from desk.outbox.news import News

FOLLOWERS: tuple[Callable[[News], None], ...] = (
    customers.follow,
    surveys.follow,
    colleagues.follow,
    webhooks.follow,
)
"""All followers in their order; each works in the publisher's transaction."""
