"""Read and check the example files of `data/wording/` that the paraphrase model learns from.

Each file is YAML with `category`, one of the thirteen or `innocent`, and `examples`, a list of
replies. A category may have several files; a text may be in one category only.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from scripts_library.checking.paraphrase.features import mask
from scripts_library.checking.paraphrase.model import NONE
from scripts_library.checking.verdict import BREACHES
from scripts_library.errors import PhraseError
from scripts_library.text.normal_form import normalize

INNOCENT = "innocent"
CLASSES = (*BREACHES, NONE)
FEWEST = 10
"""Examples a category needs at least, for every fold of the cross-validation to have some."""


class ExamplesError(PhraseError):
    """The example files can't be used; the message names each file and its fault."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Masked texts and the index of their class in `CLASSES`, in the order of the files."""

    texts: tuple[str, ...]
    labels: NDArray[np.intp]
    version: str


def read_examples(folder: Path) -> Examples:
    """Return the examples of all `*.yml` files of a folder, each text once.

    Raises:
        ExamplesError: names every broken file, unknown category and doubly labelled text.
    """
    faults: list[str] = []
    found: dict[str, str] = {}
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.yml")):
        raw = file.read_bytes()
        digest.update(file.name.encode() + b"\0" + raw)
        category, texts = _read_file(file, raw, faults)
        for text in texts:
            masked = mask(normalize(text).text)
            if found.setdefault(masked, category) != category:
                faults.append(f"{file.name}: 「{text}」已在 {found[masked]} 类中，只能属于一类")
    counts = Counter(found.values())
    faults += [
        f"{folder.name}/: 类别 {name} 只有 {counts[name]} 句，至少需要 {FEWEST} 句"
        for name in CLASSES
        if counts[name] < FEWEST
    ]
    if faults:
        raise ExamplesError("措辞例句有误，请改正：\n" + "\n".join(faults))
    labels = np.array([CLASSES.index(category) for category in found.values()], dtype=np.intp)
    return Examples(tuple(found), labels, digest.hexdigest()[:12])


def _read_file(file: Path, raw: bytes, faults: list[str]) -> tuple[str, list[str]]:
    try:
        content: Any = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        faults.append(f"{file.name}: 不是有效的 YAML（{error}）")
        return NONE, []
    content = content if isinstance(content, dict) else {}
    category = NONE if content.get("category") == INNOCENT else content.get("category")
    texts = content.get("examples")
    if category not in CLASSES:
        faults.append(f"{file.name}: category 为 {category!r}，应为十三类之一或 {INNOCENT}")
    elif not isinstance(texts, list) or not texts:
        faults.append(f"{file.name}: 缺少 examples 列表")
    elif wrong := [text for text in texts if not isinstance(text, str) or not text.strip()]:
        faults.append(f"{file.name}: 例句必须是文字，请给 {wrong[0]!r} 加引号")
    else:
        return str(category), texts
    return NONE, []
