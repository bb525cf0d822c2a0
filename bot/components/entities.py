"""Rule and library based entities as a Rasa component."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from bot.components.folding import folded_of
from bot.entities.extract import Extractor, local_now
from bot.folding import fold
from bot.lexicon import load_lexicon
from bot.words import segmenter


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class ChineseEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Phone, name, place, time, money and the like; the names of the lexicon."""

    def __init__(self) -> None:
        lexicon = load_lexicon()
        self._extractor = Extractor.of(lexicon, segmenter(tuple(lexicon.words())))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ChineseEntityExtractor:
        return cls()

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ChineseEntityExtractor:
        component = cls()
        component._extractor.extract(fold("明天下午3点"), local_now())  # loads what is lazy
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        now = local_now()
        for message in messages:
            found = self._extractor.extract(folded_of(message), now)
            known = message.get(ENTITIES) or []
            message.set(ENTITIES, known + self.add_extractor_name(found), add_to_output=True)
        return messages
