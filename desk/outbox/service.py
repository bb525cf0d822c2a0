"""The outbox for the rest of the desk: put something in, pass entries on, deliver what is due."""

from desk.outbox.publisher import publish
from desk.outbox.queueing import File, enqueue_email, enqueue_sms, enqueue_webhook, notify

__all__ = ["File", "enqueue_email", "enqueue_sms", "enqueue_webhook", "notify", "publish"]
