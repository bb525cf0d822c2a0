"""The intent classifier of `bot.intents` as a Rasa component."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.folding import folded_of
from bot.components.sources import fingerprint
from bot.folding import fold
from bot.intents.model import IntentModel
from bot.intents.understanding import Understanding, train_on
from bot.intents.vectors import embed_folded
from bot.lexicon import load_lexicon
from bot.words import Segmenter, segmenter

QUESTIONS = "questions"
"""Of the parse result: `intent`, `confidence`, `start`, `end` of each of several questions."""

RANKED = 5
"""How many intents a ranking names. It is kept and sent with every message of a conversation."""


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Trains and applies `IntentModel`; sets intent, ranking and `questions`."""

    def __init__(
        self, model_storage: ModelStorage, resource: Resource, model: IntentModel | None = None
    ) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._understanding = None if model is None else Understanding(model, _segmenter())

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return fingerprint()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        with model_storage.read_from(resource) as folder:
            component = cls(model_storage, resource, IntentModel.load(folder))
        component.warm_up()
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT) and m.get(INTENT)]
        texts = [folded_of(message).text for message in examples]
        labels = [message.get(INTENT) for message in examples]
        model = train_on(texts, labels, embed_folded(texts), segmenter=_segmenter())
        with self._model_storage.write_to(self._resource) as folder:
            model.save(folder)
        return self._resource

    def warm_up(self) -> None:
        """Load dictionary and embedder now, so that the first customer doesn't wait for them."""
        if self._understanding is not None:
            self._understanding.understand(fold("您好"))
            embed_folded(["您好"])

    def process(self, messages: list[Message]) -> list[Message]:
        if self._understanding is None:
            raise RuntimeError("意图模型尚未训练")
        for message in messages:
            understood = self._understanding.understand(folded_of(message))
            ranking = [{"name": n, "confidence": share} for n, share in understood.ranking[:RANKED]]
            questions = [asdict(question) for question in understood.questions]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(QUESTIONS, questions, add_to_output=True)
        return messages


def _segmenter() -> Segmenter:
    return segmenter(tuple(load_lexicon().words()))
