"""How a customer calls themselves: 「我姓王」「我叫李建国」「王女士」「免贵姓陈」."""

import re
from collections.abc import Callable

from scripts_library.reading.found import Found

# The 300 most frequent surnames of the 2020 name report of the Ministry of Public Security, and
# the double surnames in use.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫段雷龙史陶黎贺顾毛郝龚"
    "邵万覃武钱戴严莫孔向常汤康易乔赖文施洪辛柯庄温牛樊葛邢安齐伍庞颜倪聂章鲁岳翟殷詹申欧耿关兰"
    "焦俞左柳甘祝包宁尚符舒阮纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游靳辛管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤时穆农司古吉车项褚连卓窦边景戚卫丛卞沙郎简佟党阎"
)
DOUBLE = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "司徒",
    "东方",
    "夏侯",
    "皇甫",
    "尉迟",
    "令狐",
    "慕容",
    "端木",
)
_TITLE = "先生|女士|小姐|太太"
_MORE_TITLES = f"{_TITLE}|老师|师傅|阿姨|叔叔|大爷|大妈|经理"
_GIVEN = "一-龥"
_SURNAME = rf"(?:{'|'.join(DOUBLE)}|[{SURNAMES}])"
_WHOLE = rf"{_SURNAME}[{_GIVEN}]{{1,2}}"
_FOREIGN = rf"[{_GIVEN}]{{1,8}}·[{_GIVEN}]{{1,8}}"
_END = r"(?=$|[\s,。!?;:、\d(]|电话|手机|联系|号码|住|是)"

_SURNAME_SAID = re.compile(
    rf"(?:我姓|免贵姓|本人姓|敝姓|小姓|(?:^|[,。\s])姓)\s?({_SURNAME})(?!名)"
    rf"(?:{_END}|(?={_MORE_TITLES})|(?=[叫的呢哈啊吧]))"
)
_FULL_SAID = re.compile(
    rf"(?:我叫|名字叫|名字是|姓名[是:\s]|叫我|称呼我|联系人[是:\s]?|本人)\s?({_FOREIGN}|{_WHOLE})"
    rf"(?:{_END}|(?=就[行好]|[吧哈啊呢]))"
)
_SELF_SAID = re.compile(rf"(?:我是|这里是)\s?({_WHOLE}){_END}")
_TITLED = re.compile(
    rf"(?:(?<![{_GIVEN}])|(?<=业主)|(?<=住户))(?:我是|叫我|我叫|联系人是?)?({_SURNAME}(?:{_TITLE}))"
)
_BARE = re.compile(
    rf"^\s*({_FOREIGN}|{_WHOLE})\s*[,。.、:]?\s*(?:(?:电话|手机|联系电话|tel)[是:\s]*)?(?=$|\ue000)"
)

_NO_GIVEN = re.compile(
    r"[的了吗呢么吧是我你他她它们这那不没就都也还很太什怎哪几多少楼层价钱元块室厅套买卖租区街窗费税证号栋幢座位点]"
)
_NO_NAME = re.compile(
    r"安全|时候|时间|文明|高层|成天|何时|关于|解决|尚未|易|连|单元|安装|管理|房[间子屋]|路[上灯]|水|漏|电|谢谢|方便"
)
_NOT_NAMES = frozenset(
    """
    谢谢 多谢 马上 高兴 方便 安全 安静 安装 时间 时候 成交 程序 温度 向阳
    金属 金额 文明 关于 任何 何时 何处 解决 解释 房东 房子 房产 房间 包括
    包含 单元 单独 单价 简单 边户 连续 管理 管道 车位 车库 石材 白色 黑色
    高层 高级 高价 常见 平时 华人 游客 古典 路过 路边 项目 司机 沙发 农村
    卫生 易碎 严重 严格 庄重 康复 宁愿 尚未 左右 左边 季度 童话 顾客 万一
    万科 武汉 江边 江景 河边 于是 余款 金融 钱包 温馨 史上 水电 施工 申请
    申诉 毕竟 盛大 成功 成熟 景观 严肃 莫非 范围 包邮 于心 程度 章程 安排
    安心 乔迁 路灯 房型 常规 关门 向南 连接 包装 宁静 时尚 万能 龙头 石头
    白天 夏天 江南 房号 单号 单子 路口 边上 解答 时光 辛苦 任务 管家 管用
    段落 付款 付费 付清 马桶 马路
    """.split()  # noqa: SIM905
)


def find_names(text: str, *, is_word: Callable[[str], bool]) -> list[Found]:
    """Find the names that the text gives as someone's; details `role`: `said` or `bare`.

    A bare name is a message that is nothing but a name, or a name before the phone number (which
    the extractor has marked): it counts where the name was asked for.

    Args:
        text: folded text; spans already taken are marked with U+E000.
        is_word: tells whether the dictionary has it as a word of its own.
    """
    found: list[Found] = []
    for pattern in (_SURNAME_SAID, _FULL_SAID, _TITLED):
        found += [_named(m) for m in pattern.finditer(text) if _is_name(m.group(1))]
    found += [
        _named(m)
        for m in _SELF_SAID.finditer(text)
        if _is_name(m.group(1)) and not _is_common(m.group(1), is_word)
    ]
    bare = _BARE.search(text)
    if not found and bare and _is_name(bare.group(1)) and not _is_common(bare.group(1), is_word):
        found.append(_named(bare, "bare"))
    return found


_BORDERS = re.compile(r"[\s,，。;；、:：!！~]+|\d[\d\s-]*")
_BEFORE = re.compile(r"^(?:我是|我叫|叫我|称呼我|我|叫|姓)")
_AFTER = re.compile(r"(?:就行|就可以|就好|可以了|好了|吧|哈|啊|的)$")
_FAMILIAR = re.compile(rf"[小老阿]?(?P<name>.+?)(?:{_MORE_TITLES})?")
_WITH_PHONE = re.compile(
    rf"\s*(?P<name>[{_GIVEN}]{{1,6}})[\s,，。;；、:：]*"
    r"(?:(?:我的)?(?:联系)?(?:电话|手机|号码)(?:号码?)?[是:：\s]*)?\+?\d[\d\s-]{6,}\d[。.!！]?\s*"
)


def read_name(text: str, *, is_asked: bool = False) -> str | None:
    """Return the name or form of address in a half-width Simplified text, or None.

    Args:
        text: what the customer wrote.
        is_asked: a name was asked for, so a bare name, a surname or 「小李」 counts as one.
    """
    said = [item.value for item in find_names(text, is_word=lambda _: True)]
    if said:
        return said[0]
    if not is_asked:
        # Nothing but a name and a number is a contact, whatever was asked.
        contact = _WITH_PHONE.fullmatch(text)
        name = _BEFORE.sub("", contact.group("name")) if contact else ""
        return name if name and _is_address(name) else None
    parts = (_AFTER.sub("", _BEFORE.sub("", part)) for part in _BORDERS.split(text))
    return next((part for part in parts if part and _is_address(part)), None)


def _is_address(part: str) -> bool:
    """Tell whether a short answer is a name: 「张」「小李」「王建国」「陈师傅」."""
    familiar = _FAMILIAR.fullmatch(part)
    name = familiar.group("name") if familiar else part
    if re.fullmatch(_FOREIGN, name):
        return True
    is_one = bool(re.fullmatch(rf"{_SURNAME}[{_GIVEN}]{{0,2}}", name))
    return is_one and _is_name(name) and not _NO_NAME.search(part)


def _named(match: re.Match[str], role: str = "said") -> Found:
    return Found("name", match.start(1), match.end(1), match.group(1), {"role": role})


def _is_name(name: str) -> bool:
    return name not in _NOT_NAMES and name[:2] not in _NOT_NAMES and not _NO_GIVEN.search(name[1:])


def _is_common(name: str, is_word: Callable[[str], bool]) -> bool:
    """Two letters that are a word, or a word with a tail (「安装费」), are no bare name."""
    if name.startswith(DOUBLE) or "·" in name:
        return False
    return is_word(name[:2]) if len(name) <= 3 else False
