"""A desk with only what actions need, on a real migrated database, and trackers to run them."""

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from cryptography.fernet import Fernet
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from desk.company import Company, load_company
from desk.conversations.cards import read_card
from desk.conversations.service import open_conversation
from desk.current import set_desk
from desk.database import Database
from desk.deadlines.service import read_profile, use_profile
from desk.demo import load_demo
from desk.encryption import use_key
from desk.migrate import upgrade
from desk.settings import PROJECT_DIR
from desk.tickets.models import Ticket

COMPANY_FILE = PROJECT_DIR / "data" / "company.yml"


@dataclass
class SmallDesk:
    """Stands for `desk.app.Desk`: actions use its database and company only."""

    database: Database
    company: Company

    def conversation(self) -> str:
        """Open a conversation and return its id."""
        with self.database.transaction() as session:
            return open_conversation(session)[0].id

    def tickets(self, conversation_id: str | None = None) -> list[Ticket]:
        """Return all tickets, oldest first, or those of one conversation."""
        with self.database.reading() as session:
            query = session.query(Ticket).order_by(Ticket.id)
            if conversation_id:
                query = query.filter(Ticket.conversation_id == conversation_id)
            return list(query)


@cache
def _template() -> Path:
    """A migrated database with demo data, made once a run."""
    use_key(Fernet.generate_key().decode())
    path = Path(mkdtemp(prefix="kefu-actions-")) / "template.db"
    upgrade(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    with database.transaction() as session:
        load_demo(session)
    database.dispose()
    return path


def make_desk(folder: Path) -> SmallDesk:
    """Build a desk on a fresh copy of the demo database and make it the process's desk."""
    source, target = _template(), folder / "kefu.db"
    shutil.copyfile(source, target)
    use_key(Fernet.generate_key().decode())
    use_profile(read_profile(COMPANY_FILE))
    desk = SmallDesk(Database(f"sqlite:///{target}"), load_company(COMPANY_FILE))
    set_desk(desk)  # type: ignore[arg-type]
    return desk


def make_tracker(
    text: str = "",
    *,
    intent: str = "nlu_fallback",
    confidence: float = 0.9,
    entities: dict[str, str] | None = None,
    slots: dict[str, Any] | None = None,
    requested: str | None = None,
    conversation_id: str = "c1",
    ranking: list[tuple[str, float]] | None = None,
    earlier: tuple[str, ...] = (),
    message_id: str = "m1",
) -> Tracker:
    """Return a tracker whose latest message is `text`; `button` and `home` go into `entities`."""
    message = {
        "text": text or f"/{intent}",
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [
            {"name": name, "confidence": share} for name, share in ranking or [(intent, confidence)]
        ],
        "entities": [{"entity": k, "value": v} for k, v in (entities or {}).items()],
    }
    said = [*earlier, message["text"]]
    events = [
        {"event": "user", "text": one, "timestamp": 1000.0 + i, "message_id": f"{message_id}-{i}"}
        for i, one in enumerate(said)
    ]
    return Tracker(
        sender_id=conversation_id,
        slots={**(slots or {}), "requested_slot": requested},
        latest_message=message,
        events=events,
        paused=False,
        followup_action=None,
        active_loop={},
        latest_action_name="action_listen",
    )


async def run(action: Any, tracker: Tracker) -> tuple[list[dict[str, Any]], CollectingDispatcher]:
    """Run an action; return its events and what it said."""
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker, {})
    return events, dispatcher


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the slots that events set, the last value of each."""
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def responses_of(dispatcher: CollectingDispatcher) -> list[str]:
    """Return the response keys that were uttered, in order."""
    return [message["response"] for message in dispatcher.messages if message.get("response")]


def commands_of(dispatcher: CollectingDispatcher) -> list[dict[str, Any]]:
    """Return the commands for the desk."""
    found = (message.get("custom") or {} for message in dispatcher.messages)
    return [custom for custom in found if "command" in custom]


def cards_of(dispatcher: CollectingDispatcher) -> list[dict[str, Any]]:
    """Return the cards that were shown, each as the desk reads it."""
    found = (message.get("custom") or {} for message in dispatcher.messages)
    return [read_card(custom["card"]) or {} for custom in found if "card" in custom]
