"""People and things of QA, for its tests."""

from dataclasses import dataclass, field
from datetime import timedelta

from desk.clock import utc_now
from desk.conversations import service as conversations
from desk.reviews.models import FlaggedReply


@dataclass
class Quality:
    """QA's day on one database, an hour after the replies."""

    make: object
    checker: object
    now: object = field(default_factory=lambda: utc_now() + timedelta(hours=1))
    number: int = 0

    def __post_init__(self):
        self.agent = self.make.staff(display_name="小李")
        self.qa = self.make.staff("qa")
        self.other = self.make.staff("qa")
        self.leader = self.make.staff("supervisor")
        self.talk = self.make.claimed(self.agent, "电梯坏了三天没人管，太过分了")

    @property
    def base(self):
        return self.checker.rule_set

    def run(self, function, *args, **values):
        with self.make.database.transaction() as session:
            return function(session, *args, **values)

    def replies(self, *texts):
        """Replies of the agent that nothing flagged."""
        found = []
        for text in texts:
            self.number += 1
            with self.make.database.transaction() as session:
                added = conversations.add_agent_message(
                    session, self.talk.id, self.agent, client_id=f"q{self.number}", text=text
                )
            found.append(added.message)
        return found

    def flagged(self, text, **values):
        """A flagged reply as the checker of the program flags it."""
        verdict = self.checker.check(text)
        assert verdict.flags, "this text is to be flagged"
        row = FlaggedReply(
            **{
                "conversation_id": self.talk.id,
                "after_seq": 1,
                "agent_id": self.agent.id,
                "text": text,
                "flags": [flag.to_dict() for flag in verdict.flags],
                "categories": f"|{verdict.flags[0].category}|",
                "worst": max(flag.severity for flag in verdict.flags).label,
                "ruleset_version": verdict.ruleset_version,
                "outcome": "blocked",
                "created_at": utc_now(),
                "decision": "open",
                **values,
            }
        )
        with self.make.database.transaction() as session:
            session.add(row)
        return row

    def decided(self, text, decision, by=None):
        at = utc_now() - timedelta(hours=2)
        by = by or self.qa
        return self.flagged(text, decision=decision, decided_by_id=by.id, decided_at=at)
