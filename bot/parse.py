"""Understand a message with a trained model's files, without starting Rasa.

The components of the pipeline are thin around pure modules, so the same result is had from the
model archive in a second instead of the twenty that Rasa's import and graph take; a test compares
the two. `nlu_fallback` is left out: the ranking shows the real intents only.
"""

import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from bot.entities.extract import Extractor, local_now
from bot.folding import fold
from bot.intents.model import IntentModel
from bot.intents.understanding import Understanding
from bot.lexicon import load_lexicon
from bot.words import segmenter

NOTHING_TO_READ = "out_of_scope"
_COMPONENT = "LinearIntentClassifier"
_MODEL_FILES = ("intents.json", "intents.npz")


class ModelError(ValueError):
    """A model file that is missing or isn't ours; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Parser:
    """Intent and entities of a message; safe for threads."""

    understanding: Understanding
    extractor: Extractor

    def parse(self, text: str, now: datetime | None = None) -> dict[str, Any]:
        """Return `intent`, `confidence` (0-1), `ranking`, `entities` and `questions` of a message.

        Args:
            text: what the customer wrote, any length, any Unicode.
            now: what 「明天」 is counted from; the present if left out.
        """
        folded = fold(text)
        if not folded.text.strip():
            only = {"name": NOTHING_TO_READ, "confidence": 1.0}
            return {**_named(only), "ranking": [only], "entities": [], "questions": []}
        understood = self.understanding.understand(folded)
        ranking = [{"name": name, "confidence": share} for name, share in understood.ranking]
        return {
            **_named(ranking[0]),
            "ranking": ranking,
            "entities": self.extractor.extract(folded, now or local_now()),
            "questions": [asdict(question) for question in understood.questions],
        }


def load_parser(model_path: Path | str) -> Parser:
    """Load the NLU part of a Rasa model archive, or of the newest one in a folder.

    Raises:
        ModelError: no archive there, or one that our pipeline did not train.
    """
    archive = _archive(Path(model_path))
    lexicon = load_lexicon()
    words = segmenter(tuple(lexicon.words()))
    understanding = Understanding(_intent_model(archive), words)
    return Parser(understanding, Extractor.of(lexicon, words))


def _archive(path: Path) -> Path:
    found = (
        sorted(path.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime) if path.is_dir() else [path]
    )
    if not found or not found[-1].is_file():
        raise ModelError(f"没有训练好的模型：{path.name}。请先运行 kefu train")
    return found[-1]


def _intent_model(archive: Path) -> IntentModel:
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            source = tar.extractfile(member) if _COMPONENT in name.parent.name else None
            if source is not None and name.name in _MODEL_FILES:
                (Path(folder) / name.name).write_bytes(source.read())
        try:
            return IntentModel.load(Path(folder))
        except FileNotFoundError as error:
            raise ModelError(f"{archive.name} 不是本系统训练的模型。请运行 kefu train") from error


def _named(best: dict[str, Any]) -> dict[str, Any]:
    return {"intent": best["name"], "confidence": best["confidence"]}
