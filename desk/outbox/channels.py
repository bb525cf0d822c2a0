"""Which ways out this installation has, and in whose name it writes."""

from dataclasses import dataclass

from desk.company import load_company
from desk.settings import Settings


@dataclass(frozen=True, slots=True)
class Channels:
    """Ways to reach a customer besides the chat.

    Attributes:
        company: the short name that messages begin with.
        phone: the service phone, for whoever wants to answer an e-mail or a text message.
        has_email, has_sms: whether a mail server and an SMS gateway are set up.
    """

    company: str
    phone: str
    has_email: bool = False
    has_sms: bool = False


_channels: Channels | None = None


def use_channels(channels: Channels | None) -> None:
    """Set the process's channels; None: work them out again at the next use."""
    global _channels
    _channels = channels


def current_channels() -> Channels:
    """Return the process's channels; at the first call from the settings."""
    global _channels
    if _channels is None:
        _channels = channels_of(Settings())
    return _channels


def channels_of(settings: Settings) -> Channels:
    """Return the channels that these settings set up."""
    company = load_company(settings.company_file)
    return Channels(
        company=company.short_name,
        phone=company.phone,
        has_email=bool(settings.smtp_url),
        has_sms=bool(settings.sms_url or settings.sms_file),
    )
