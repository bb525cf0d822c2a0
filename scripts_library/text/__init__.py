"""What everything else stands on: one plain spelling of a text, its sounds, words and meaning.

- `chinese`: Simplified and Traditional.
- `folding`: one-to-one replacements (width, case, look-alike characters).
- `normal_form`: the plain spelling of a text, with a map back to the original offsets.
- `sound_codes`: characters and typed pinyin as sounds.
- `segmentation`: words, by jieba.
- `embedding`: sentence vectors.
"""

from scripts_library.text.normal_form import Normalized, normalize

__all__ = ["Normalized", "normalize"]
