"""Plays written talks against the trained model and the real actions, in one process.

A talk (`talks/*.yml`) says what the customer types or presses and what the bot's turn must contain:

    - talk: name
      turns:
        - say: 我要投诉
          bot: [抱歉, 同意]          # each occurs in the bot's messages of this turn
          not: [T2]                  # none of these occurs
          handover: requested        # reason of the hand-over in this turn
        - press: 同意登记            # a button by its title, of the newest message that has it
        - say: 在吗
          after_hours: 20           # so long after the message before
        - desk: settle              # the desk settles the newest ticket and asks the survey
        - desk: work                # the desk takes the newest ticket up
      tickets:                       # all tickets of the conversation; fields that must hold
        - {kind: complaint, building: "3", phone: "13800138000"}

`{number}` in a `say` stands for the number of the conversation's newest ticket, `{order}` etc. are
not replaced. A talk without `tickets` must leave none.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rasa.core.agent import Agent
from rasa.core.channels import CollectingOutputChannel, UserMessage
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor
from ruamel.yaml import YAML

from desk.feedback.surveys import ask_survey
from desk.tickets.models import TicketState
from desk.tickets.service import change_state, find_ticket
from tests.actions.support import SmallDesk

SEED = int(os.environ.get("KEFU_TEST_SEED", "0"))
TALKS = Path(__file__).resolve().parent / "talks"


class LocalActions(EndpointConfig):
    """Rasa's action endpoint without a network: the executor is called directly."""

    def __init__(self) -> None:
        super().__init__(url="http://actions.invalid", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package("actions")

    async def request(self, *_: Any, json: dict[str, Any], **__: Any) -> dict[str, Any]:
        result: dict[str, Any] = await self._executor.run(json)
        return result


def load_agent(model: Path) -> Agent:
    """Load a trained model with the project's actions behind it."""
    return Agent.load(str(model), action_endpoint=LocalActions())


def read_talks(folder: Path = TALKS) -> Iterator[dict[str, Any]]:
    """Yield all talks, with the file they stand in."""
    for path in sorted(folder.glob("*.yml")):
        for talk in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            yield {**talk, "file": path.stem}


@dataclass
class Player:
    """Plays one talk in a conversation of its own and notes what is not as written."""

    agent: Agent
    desk: SmallDesk
    conversation_id: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)

    async def play(self, talk: dict[str, Any]) -> list[str]:
        """Play a talk; return what was not as written, empty if all was."""
        # Which variant of a response is said depends on this generator only.
        np.random.seed(SEED)
        for count, turn in enumerate(talk["turns"], start=1):
            await self._turn(count, turn)
        self._check_tickets(talk.get("tickets", []))
        return self.problems

    async def _turn(self, count: int, turn: dict[str, Any]) -> None:
        if "desk" in turn:
            self._at_the_desk(turn["desk"])
            return
        if "after_hours" in turn:
            await self._let_pass(float(turn["after_hours"]))
        said = self._payload(count, turn["press"]) if "press" in turn else self._fill(turn["say"])
        messages = await self.send(said)
        texts = "\n".join(str(m["text"]) for m in messages if m.get("text"))
        self.transcript += [f"客户：{turn.get('press') or said}", f"客服：{texts}"]
        titles = [b["title"] for m in messages for b in m.get("buttons") or []]
        everything = "\n".join((texts, *titles))
        if "{" in texts:
            self._note(count, "a placeholder was left", texts)
        for wanted in turn.get("bot", []):
            if not any(part in everything for part in wanted.split("|")):
                self._note(count, f"「{wanted}」 not said", texts)
        for unwanted in turn.get("not", []):
            if unwanted in everything:
                self._note(count, f"「{unwanted}」 said", texts)
        reasons = [m["custom"]["reason"] for m in messages if "reason" in (m.get("custom") or {})]
        if reasons != ([turn["handover"]] if "handover" in turn else []):
            self._note(count, f"hand-over {reasons}", texts)
        if not texts and not reasons:
            self._note(count, "nothing said", said)
        self.buttons = [b for m in messages for b in m.get("buttons") or []] or self.buttons

    def _at_the_desk(self, doing: str) -> None:
        number = self.desk.tickets(self.conversation_id)[-1].number
        with self.desk.database.transaction() as session:
            ticket = find_ticket(session, number)
            state = TicketState.RESOLVED if doing == "settle" else TicketState.IN_PROGRESS
            change_state(session, ticket, state, actor="gongcheng")
            if doing == "settle":
                ask_survey(session, ticket)

    async def _let_pass(self, hours: float) -> None:
        """Move what was said so far into the past."""
        tracker = await self.agent.tracker_store.retrieve(self.conversation_id)
        for event in tracker.events:
            event.timestamp -= hours * 3600
        await self.agent.tracker_store.save(tracker)

    async def send(self, text: str) -> list[dict[str, Any]]:
        channel = CollectingOutputChannel()
        await self.agent.handle_message(
            UserMessage(text, output_channel=channel, sender_id=self.conversation_id)
        )
        return channel.messages

    def _payload(self, count: int, title: str) -> str:
        found = [b["payload"] for b in self.buttons if b["title"] == title]
        if not found:
            self._note(count, f"no button 「{title}」", str([b["title"] for b in self.buttons]))
            return title
        return found[-1]

    def _fill(self, text: str) -> str:
        if "{number}" not in text:
            return text
        return text.replace("{number}", self.desk.tickets(self.conversation_id)[-1].number)

    def _check_tickets(self, expected: list[dict[str, Any]]) -> None:
        tickets = self.desk.tickets(self.conversation_id)
        if len(tickets) != len(expected):
            self._note(0, f"{len(tickets)} tickets instead of {len(expected)}", "")
            return
        for ticket, fields in zip(tickets, expected, strict=True):
            for name, wanted in fields.items():
                value = getattr(ticket, name.removesuffix("_has"))
                ok = wanted in (value or "") if name.endswith("_has") else value == wanted
                if not ok:
                    self._note(0, f"ticket {name}", f"{value!r} instead of {wanted!r}")

    def _note(self, count: int, problem: str, seen: str) -> None:
        self.problems.append(f"turn {count}: {problem} — {seen}")
