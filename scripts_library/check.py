"""The checker: one call says what is wrong with a reply's wording, what was excused, and why.

Stages, each measured alone: (a) normalise and scan for all patterns (`engine`), (b) look at each
hit in its context (`judge`), (c) a trained model for paraphrases that hit no list.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from scripts_library.engine import Engine, make_phrase_rule
from scripts_library.errors import TextError
from scripts_library.judge import judge
from scripts_library.lexicon import load_rule_set
from scripts_library.normalize import check_is_text
from scripts_library.paths import models_dir
from scripts_library.promises import find_promises
from scripts_library.rules import RuleSet
from scripts_library.template import SENTENCE_END
from scripts_library.types import Excused, Flag, Promise, Severity, Verdict

MAX_TEXT = 200_000
MAX_PARAPHRASE_TEXT = 600
NO_MODEL = "改述模型未训练,只按词表检查;运行 kefu train 可生成"
_SENTENCE = re.compile(rf"[^{re.escape(SENTENCE_END)}]+[{re.escape(SENTENCE_END)}]*")


class Paraphrases(Protocol):
    """Stage (c): gives probabilities of the categories for a text."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The least probability that flags, by category."""

    def score(self, text: str) -> dict[str, float]:
        """Return category to probability (0-1), with `none` among them."""


class Checker:
    """Checks the wording of replies against one rule set. Safe for threads.

    Build one with `load_checker` and keep it: loading costs up to a second.
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
        _ = self._engine.context
        if self._paraphrases:
            self._paraphrases.score("您好")

    def reload(self) -> None:
        """Read the packs again; the new set is in force at once, for all threads.

        Raises:
            LexiconError: if a pack is broken. The last good set stays in force.
        """
        self._engine = Engine(load_rule_set(self._packs_dir))

    def with_extra(
        self,
        phrases: Iterable[str],
        *,
        category: str = "insult",
        severity: Severity = Severity.WARN,
    ) -> "Checker":
        """Return another checker that flags these phrases too, word for word after folding."""
        other = Checker.__new__(Checker)
        other._packs_dir = self._packs_dir
        other._paraphrases, other._notes = self._paraphrases, self._notes
        wanted = tuple(dict.fromkeys(phrase for phrase in phrases if phrase))
        other._engine = Engine(self.rule_set, wanted, make_phrase_rule(category, severity))
        return other

    def check(self, text: str) -> Verdict:
        """Return what is wrong with the wording of `text`.

        The same text and rule-set version give the same verdict. An empty text has none.

        Raises:
            TextError: if `text` is not a `str` or longer than `MAX_TEXT` characters.
        """
        check_is_text(text)
        if len(text) > MAX_TEXT:
            raise TextError(f"内容太长:{len(text)} 字,一次最多检查 {MAX_TEXT} 字,请分段")
        engine = self._engine
        if not text:
            return Verdict(text, (), (), (), engine.rule_set.version, self._notes)
        candidates, promising = engine.candidates(text)
        flags: tuple[Flag, ...] = ()
        excused: tuple[Excused, ...] = ()
        if candidates:
            flags, excused = map(tuple, judge(engine, text, candidates))  # type: ignore[assignment]
        promises: tuple[Promise, ...] = find_promises(text) if promising else ()
        if self._paraphrases is not None and not any(f.severity > Severity.HINT for f in flags):
            flags += self._paraphrase(self._paraphrases, text, excused)
        return Verdict(text, flags, excused, promises, engine.rule_set.version, self._notes)

    def _paraphrase(
        self, model: Paraphrases, text: str, excused: tuple[Excused, ...]
    ) -> tuple[Flag, ...]:
        """Return the flag of stage (c), if the model is sure of a category."""
        if len(text) > MAX_PARAPHRASE_TEXT or not text.strip():
            return ()
        scores = model.score(text)
        pardoned = {item.rule_id.split(".")[0] for item in excused}
        sure = [
            (score, category)
            for category, score in scores.items()
            if category != "none"
            and category not in pardoned
            and score >= model.thresholds.get(category, 2.0)
        ]
        if not sure:
            return ()
        category = max(sure)[1]
        start, end = _likeliest(model, text, category)
        return (paraphrase_flag(text, start, end, category),)


def _likeliest(model: Paraphrases, text: str, category: str) -> tuple[int, int]:
    """Return the span of the sentence that scores highest for the category."""
    spans = [m.span() for m in _SENTENCE.finditer(text) if m.group().strip()]
    if len(spans) < 2:
        return spans[0] if spans else (0, len(text))
    return max(spans, key=lambda s: model.score(text[s[0] : s[1]]).get(category, 0.0))


def paraphrase_flag(text: str, start: int, end: int, category: str) -> Flag:
    """Return the flag for a wording the model, not a rule, finds wanting."""
    clause, reason, better = _BY_MEANING[category]
    return Flag(
        start, end, f"paraphrase.{category}", category, Severity.WARN, clause, reason, better,
        text[start:end],
    )  # fmt: skip


_BOOK = "物业客服手册 服务忌语"
_BY_MEANING: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "rude_opening": (f"{_BOOK}第1条及接听电话要求", "开口生硬,像盘问,客户觉得不受欢迎", ("您好,这里是{company}客服,请问有什么可以帮您?",)),
    "ignorance": (f"{_BOOK}第2条", "一句不知道就把问题推回给客户", ("这一点我需要核实,{deadline}前给您准确答复,好吗?",)),
    "refusal": (f"{_BOOK}第17、19条", "只有拒绝,没有理由和别的办法", ("这项暂时办不了,原因是{reason};我可以帮您{alternative}。",)),
    "buck_passing": (f"{_BOOK}第15、16条", "推给别人,违反首问责任", ("这件事由{department}处理,我来帮您联系,有结果告诉您。",)),
    "impatience": (f"{_BOOK}第4、5、9条", "流露不耐烦,会激化情绪", ("让您久等了,我马上为您处理,请稍等。",)),
    "condescension": (f"{_BOOK}第13、26条", "带着教训和轻视", ("是我没有说清楚,我换个说法再为您解释一遍。",)),
    "provocation": (f"{_BOOK}第11条", "激客户投诉或离开,会扩大矛盾", ("很抱歉让您不满意,我请主管{supervisor}与您沟通。",)),
    "off_duty": (f"{_BOOK}第7、24条", "以下班为由不管,客户无处求助", ("现在是下班时间,我先登记,{deadline}由专人联系您;急事请拨{hotline}。",)),
    "insult": (f"{_BOOK}第3条", "侮辱客户人格", ("非常理解您的心情,我们一起来解决这个问题。",)),
    "overpromise": ("广告法 第二十六条、第二十八条;凡事留有余地", "对结果打包票,办不到就是违约或虚假宣传", ("具体以{authority}的最终结果为准,我会尽力为您争取。",)),
    "absolute_claim": ("广告法 第九条第三项", "绝对化用语,无法证明", ("这套{feature}比较突出,您可以和同小区的几套对比看看。",)),
    "privacy_leak": ("个人信息保护法 第十条", "把他人的个人信息告诉了第三人", ("对方的信息不便透露,我可以代您转告或约时间见面。",)),
    "solicitation": ("门窗客服团队管理制度 职业道德第3条", "向客户索要或暗示好处、走私人账户", ("费用请按{payment_account}公司账户支付,会为您开具发票。",)),
}  # fmt: skip


def load_checker(packs_dir: Path | None = None, *, paraphrase: str | None = "auto") -> Checker:
    """Return a checker for the packs in a folder (default: those of the library).

    Args:
        packs_dir: folder of `*.yml` packs.
        paraphrase: "auto" uses the trained model if its file is there, None goes without.

    Raises:
        LexiconError: if a pack is broken.
    """
    rule_set = load_rule_set(packs_dir)
    model = _load_model() if paraphrase == "auto" else None
    notes = (NO_MODEL,) if paraphrase == "auto" and model is None else ()
    return Checker(rule_set, packs_dir=packs_dir, paraphrases=model, notes=notes)


def _load_model() -> Paraphrases | None:
    try:
        from scripts_library import paraphrase
    except ImportError:
        return None
    path = models_dir() / paraphrase.MODEL_FILE
    return paraphrase.ParaphraseModel.load(path) if path.exists() else None


@cache
def _default_checker() -> Checker:
    return load_checker()


def check(text: str) -> Verdict:
    """Check a text with the packs of the library; see `Checker.check`."""
    return _default_checker().check(text)
