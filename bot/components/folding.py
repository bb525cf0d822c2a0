"""First of the pipeline: the folded text of each message, for the components after it."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.sources import fingerprint
from bot.folding import Folded, fold

FOLDED = "folded"


def folded_of(message: Message) -> Folded:
    """Return the message's folded text, made now if the normaliser did not run."""
    done = message.get(FOLDED)
    return done if isinstance(done, Folded) else fold(message.get(TEXT) or "")


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER], is_trainable=False)
class TextNormalizer(GraphComponent):
    """Keeps the customer's text as it is and sets its folded form beside it."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextNormalizer:
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return fingerprint()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(FOLDED, fold(message.get(TEXT) or ""))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
