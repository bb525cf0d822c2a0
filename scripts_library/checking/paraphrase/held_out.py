"""Stage (c) as it judges our own examples when it hasn't seen them, for honest figures."""

from pathlib import Path

import numpy as np

from scripts_library.checking.paraphrase.examples import read_examples
from scripts_library.checking.paraphrase.features import mask
from scripts_library.checking.paraphrase.model import Detection
from scripts_library.checking.paraphrase.training import choose_thresholds, cross_validate
from scripts_library.checking.verdict import BREACHES
from scripts_library.paths import data_dir
from scripts_library.text.normal_form import normalize


class HeldOutModel:
    """Judges each example of `data/wording` by a model trained without it and its like.

    It takes the place of a trained model in a `Checker` and knows the examples only. Costs one
    training (about half a minute).
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Train on all folds but one, in turn; raises `ExamplesError` for a broken file."""
        examples = read_examples(folder or data_dir() / "wording")
        nothing = np.zeros((len(examples.texts), 0), dtype=np.float32)
        found, _ = cross_validate(examples, nothing)
        self._thresholds = choose_thresholds(found, examples.labels)
        self._found = dict(zip(examples.texts, found, strict=True))

    def detect(self, text: str) -> Detection | None:
        """Return the breach that passes its threshold, None for other texts than the examples."""
        probabilities = self._found.get(mask(normalize(text).text))
        if probabilities is None:
            return None
        category = BREACHES[int(probabilities[:-1].argmax())]
        probability = 1.0 - float(probabilities[-1])
        if probability < self._thresholds[category]:
            return None
        return Detection(category, probability, 0, len(text))
