"""Errors that the desk raises on purpose.

DeskError                 500  base; `status` is the HTTP status, `key` the text in `desk/locale`
├── NotFound              404  it does not exist, or the caller may not know that it does
├── Forbidden             403  the caller sees it but may not do this
├── Conflict              409  someone else was faster, or the state does not allow it
├── InvalidInput          422  malformed input; names the field
├── NotLoggedIn           401
├── TooManyRequests       429
├── BotUnavailable        503  the Rasa server did not answer
├── StoreUnavailable      503  the database is away, locked or full; nothing was stored
└── ProviderUnavailable   503  the provider of the single sign-on did not answer

Messages never contain what a customer wrote, names or phone numbers.
"""

from typing import Any


class DeskError(Exception):
    """Base of all errors the desk shows to people.

    Attributes:
        status: HTTP status code.
        key: key of the text in `desk/locale`, e.g. `errors.ticket_not_found`.
        details: values for the text's placeholders; safe to show and to log.
    """

    status = 500

    def __init__(self, key: str, **details: Any) -> None:
        super().__init__(key)
        self.key = key
        self.details = details


class NotFound(DeskError):
    """It does not exist, or the caller may not know that it does."""

    status = 404


class Forbidden(DeskError):
    """The caller may see the thing but not do this with it."""

    status = 403


class Conflict(DeskError):
    """Someone else was faster, or the present state does not allow it."""

    status = 409


class InvalidInput(DeskError):
    """Malformed input; `details["field"]` names the field where there is one."""

    status = 422


class NotLoggedIn(DeskError):
    """No valid staff session."""

    status = 401


class TooManyRequests(DeskError):
    """A limit on tries was reached; `details["retry_after_s"]` says when to come back."""

    status = 429


class BotUnavailable(DeskError):
    """The Rasa server did not answer in time or answered with an error."""

    status = 503


class StoreUnavailable(DeskError):
    """The database can't be reached, is locked for too long, or its disk is full. Nothing of the
    transaction was stored, unless it ended while it was committed."""

    status = 503


class ProviderUnavailable(DeskError):
    """The provider of the single sign-on did not answer in time, or not as it should."""

    status = 503
