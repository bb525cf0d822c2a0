"""The checker: one call says what is wrong with a reply's wording, what was excused, and why.

Stages, each measured alone: (a) normalise and scan for all patterns (`engine`), (b) look at each
hit in its context (`judge`), (c) a trained model for paraphrases that hit no list.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

from scripts_library.checking.engine import Engine, make_phrase_rule
from scripts_library.checking.judging import judge, make_flag
from scripts_library.checking.packs import load_rule_set
from scripts_library.checking.promises import promises_at
from scripts_library.checking.rules import RuleSet
from scripts_library.checking.verdict import Excused, Flag, Severity, Verdict
from scripts_library.errors import PhraseError, TextError
from scripts_library.paths import models_dir
from scripts_library.text.normal_form import check_is_text

MAX_TEXT = 200_000
MAX_PARAPHRASE_TEXT = 600
NO_MODEL = "改述模型未训练，只按词表检查；运行 kefu train 可生成"
FEWEST_CHARACTERS = 5
"""A shorter reply says too little for the model; the lists know the short taboo phrases."""

SURE, SURE_IF_CAREFUL, LONG = 0.93, 0.975, 30
"""The least probability at which stage (c) speaks, above the model's own thresholds; a text of
more than `LONG` characters has several windows, hence more chances of a false alarm, and a
courteous one is seldom a breach.

Measured on 303 sentences written by somebody who knew neither rules nor examples: from 0.9 to 0.93
false alarms fall from 4.3 to 2.9 % with the same recall of plain paraphrases (0.952); at 0.97 that
is 0.894. Of real replies, almost all innocent, 0.75, 0.55 and 0.4 % are flagged.
"""


_NOTHING: tuple[tuple[Flag, ...], tuple[Excused, ...]] = (), ()
_COURTEOUS = re.compile("您|请|抱歉|对不起|不好意思|谢谢|感谢|麻烦")


class Detected(Protocol):
    """What stage (c) found: `text[start:end]` is a breach of `category`."""

    @property
    def category(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class Paraphrases(Protocol):
    """Stage (c): finds breaches by their meaning, at its own thresholds."""

    def detect(self, text: str) -> Detected | None:
        """Return the breach that passes its threshold, None if there is none."""


class Checker:
    """Checks the wording of replies against one rule set. Safe for threads.

    Build one with `load_checker` and keep it: loading costs up to a second. The first reply with
    a hit loads jieba and spaCy on top (about 2 s); `warm_up` does that beforehand.
    """

    def __init__(
        self,
        rule_set: RuleSet,
        *,
        packs_dir: Path | None = None,
        paraphrases: Paraphrases | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self._packs_dir = packs_dir
        self._paraphrases = paraphrases
        self._notes = notes
        self._engine = Engine(rule_set)

    @property
    def rule_set(self) -> RuleSet:
        """The rule set in force."""
        return self._engine.rule_set

    @property
    def version(self) -> str:
        """The version of the rule set, as every verdict carries it."""
        return self._engine.rule_set.version

    def warm_up(self) -> None:
        """Load what the first hit would load (jieba, spaCy; about 2 s), for steady times after."""
        _ = self._engine.context, self._engine.typed_scanner
        if self._paraphrases:
            self._paraphrases.detect("您好")

    def reload(self) -> None:
        """Read the packs again; the new set is in force at once, for all threads.

        Raises:
            LexiconError: if a pack is broken. The last good set stays in force.
        """
        self._engine = Engine(load_rule_set(self._packs_dir))

    def with_rules(self, rule_set: RuleSet) -> "Checker":
        """Return another checker of other rules, with the same model; this one stays as it is."""
        return Checker(rule_set, paraphrases=self._paraphrases, notes=self._notes)

    def with_extra(
        self,
        phrases: Iterable[str],
        *,
        category: str = "insult",
        severity: Severity = Severity.WARN,
    ) -> "Checker":
        """Return another checker that flags these phrases too, word for word after folding.

        Args:
            phrases: plain phrases, no patterns; empty ones are passed over. Up to 100,000.
            category: the category of their flags; the rule is `<category>.extra`.
            severity: the severity of their flags.

        Returns:
            A checker of its own; this one stays as it is. Costs a second for 100,000 phrases.
        """
        other = Checker.__new__(Checker)
        other._packs_dir = self._packs_dir
        other._paraphrases, other._notes = self._paraphrases, self._notes
        wanted = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
        other._engine = Engine(self.rule_set, wanted, make_phrase_rule(category, severity))
        return other

    def check(self, text: str) -> Verdict:
        """Return what is wrong with the wording of `text`.

        The same text and rule-set version give the same verdict.

        Args:
            text: one reply, up to `MAX_TEXT` characters; folding, emoji, pinyin are its business.

        Returns:
            The verdict: flags (sorted by start, then longest; none inside another of its
            category, none overlapping another of its rule), excused hits, promises, and notes on
            stages that could not run. All empty for an empty text.

        Raises:
            TextError: if `text` is not a `str` or longer than `MAX_TEXT` characters.
        """
        _check_size(text)
        engine = self._engine
        if not text:
            return Verdict(text, (), (), (), engine.rule_set.version, self._notes)
        candidates, triggers, folded = engine.search(text)
        flags, excused = judge(engine, text, candidates) if candidates else _NOTHING
        promises = promises_at(triggers, text, folded.text) if triggers else ()
        if self._paraphrases is not None and not any(f.severity > Severity.HINT for f in flags):
            flags += self._paraphrase(self._paraphrases, text, excused)
        return Verdict(text, flags, excused, promises, engine.rule_set.version, self._notes)

    def check_by_rules(self, text: str) -> tuple[tuple[Flag, ...], tuple[Excused, ...]]:
        """Return what stages (a) and (b) alone flag and excuse; raises as `check` does."""
        _check_size(text)
        candidates, _, _ = self._engine.search(text)
        return judge(self._engine, text, candidates) if candidates else _NOTHING

    def finds(self, text: str, rule_id: str) -> bool:
        """Tell whether a rule flags the text, even if a flag beside it covers its own."""
        engine = self._engine
        candidates, _, _ = engine.search(text)
        mine = [c for c in candidates if engine.rules[c.rule].id == rule_id]
        return bool(judge(engine, text, mine)[0])

    def _paraphrase(
        self, model: Paraphrases, text: str, excused: tuple[Excused, ...]
    ) -> tuple[Flag, ...]:
        """Return the flag of stage (c), unless a hit of its category was excused there."""
        if not FEWEST_CHARACTERS <= len(text.strip()) <= MAX_PARAPHRASE_TEXT:
            return ()
        found = model.detect(text)
        careful = len(text) > LONG or _COURTEOUS.search(text)
        bar = SURE_IF_CAREFUL if careful else SURE
        if found is None or found.probability < bar:
            return ()
        if any(_pardons(item, found) for item in excused):
            return ()
        rule = self._engine.meanings.get(found.category)
        if rule is None:
            return ()
        return (make_flag(rule, text, found.start, found.end),)


def _check_size(text: str) -> None:
    if not isinstance(text, str):
        check_is_text(text)
    if len(text) > MAX_TEXT:
        raise TextError(f"内容太长:{len(text)} 字,一次最多检查 {MAX_TEXT} 字,请分段")


def _pardons(excused: Excused, found: Detected) -> bool:
    same = excused.rule_id.split(".")[0] == found.category
    return same and excused.start < found.end and found.start < excused.end


def load_checker(packs_dir: Path | None = None, *, paraphrase: str | None = "auto") -> Checker:
    """Return a checker for the packs in a folder (default: those of the library).

    Args:
        packs_dir: folder of `*.yml` packs.
        paraphrase: "auto" uses the trained model if its file is there, None goes without.

    Raises:
        LexiconError: if a pack is broken.
    """
    rule_set = load_rule_set(packs_dir)
    model, notes = _load_model() if paraphrase == "auto" else (None, ())
    return Checker(rule_set, packs_dir=packs_dir, paraphrases=model, notes=notes)


def _load_model() -> tuple[Paraphrases | None, tuple[str, ...]]:
    """Return the trained model and no note, or None and why there is none."""
    from scripts_library.checking.paraphrase.model import MODEL_FILE, ParaphraseModel

    path = models_dir() / MODEL_FILE
    if not path.exists():
        return None, (NO_MODEL,)
    try:
        return ParaphraseModel.load(path), ()
    except PhraseError as error:
        return None, (str(error),)


@cache
def _default_checker() -> Checker:
    return load_checker()


def check(text: str) -> Verdict:
    """Check a text with the packs of the library; see `Checker.check`."""
    return _default_checker().check(text)
