"""The ways out: mail server, SMS gateway, webhooks."""

from desk.outbox.parcels import Sender
from desk.outbox.senders.sms import SmsFile, SmsGateway
from desk.outbox.senders.smtp import SmtpSender
from desk.outbox.senders.webhook import WebhookSender
from desk.settings import Settings


def senders_of(settings: Settings) -> dict[str, Sender]:
    """Return a sender for each channel that the settings set up, by the channel's name."""
    senders: dict[str, Sender] = {"webhook": WebhookSender(settings.webhook_private_hosts)}
    if settings.smtp_url:
        senders["email"] = SmtpSender(settings.smtp_url, settings.smtp_sender)
    if settings.sms_url:
        senders["sms"] = SmsGateway(settings.sms_url, settings.sms_token)
    elif settings.sms_file:
        senders["sms"] = SmsFile(settings.sms_file)
    return senders
