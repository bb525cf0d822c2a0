"""Words of the folded text as Rasa tokens, placed in the text that Rasa sees."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.folding import folded_of
from bot.components.sources import fingerprint
from bot.folding import fold
from bot.lexicon import load_lexicon
from bot.words import segmenter


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER], is_trainable=False)
class ChineseTokenizer(Tokenizer):
    """jieba with the company's words; a token's text is folded, its span is the original's."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    @staticmethod
    def required_packages() -> list[str]:
        return ["jieba", "opencc"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return fingerprint()

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._segmenter = segmenter(tuple(load_lexicon().words()))

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        folded = folded_of(message) if attribute == TEXT else fold(message.get(attribute) or "")
        tokens = []
        for word in self._segmenter.split(folded.text):
            start, end = folded.span(word.start, word.end)
            tokens.append(Token(word.text, start, end))
        return tokens
