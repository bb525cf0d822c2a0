"""Printing a transfer form for whoever asks: masked, or with the customer's data on record."""

from datetime import datetime

from sqlalchemy.orm import Session

from desk.accounts.models import Staff
from desk.tickets.revealing import CustomerData, reveal
from desk.transfers import repository
from desk.transfers.form import form_number, transfer_form
from desk.transfers.models import Transfer


class Printout:
    """Everything the form needs, read in one go so that setting it takes no transaction."""

    def __init__(
        self,
        session: Session,
        staff: Staff,
        transfer_id: int,
        *,
        reveal_reason: str | None = None,
        now: datetime,
    ) -> None:
        """Read a transfer; with a reason the customer's data too, and record that.

        Raises:
            NotFound: it is not this person's to see.
            Forbidden, InvalidInput: as `desk.tickets.revealing.reveal`.
        """
        self._transfer: Transfer = repository.find(session, staff, transfer_id)
        self._ordinal = repository.ordinal(session, self._transfer)
        self._sender = session.get_one(Staff, self._transfer.created_by_id).display_name
        self._customer: CustomerData | None = None
        self._now = now
        if reveal_reason is not None:
            self._customer = reveal(session, staff, self._transfer.ticket, reveal_reason, now=now)

    @property
    def number(self) -> str:
        """The form's number."""
        return form_number(self._transfer, self._ordinal)

    def pdf(self, company: str) -> bytes:
        """Return the form as a PDF; some 50 ms."""
        return transfer_form(
            self._transfer,
            ordinal=self._ordinal,
            sender=self._sender,
            company=company,
            customer=self._customer,
            made_at=self._now,
        )
