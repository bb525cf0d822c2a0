"""Bot turns for the tests of conversations."""

from desk.conversations import service
from desk.conversations.domain import BotMessage, BotTurn


def turn(*texts, commands=(), buttons=(), intent="ask_price"):
    messages = tuple(BotMessage(text, tuple(buttons)) for text in texts)
    return BotTurn(messages, tuple(commands), intent, 0.9)


def apply(database, message, answer):
    with database.transaction() as session:
        return service.apply_bot_turn(session, message.conversation_id, message.id, answer)


def senders(make, conversation, **kwargs):
    return [message.sender for message in make.messages(conversation, **kwargs)]
