"""How a customer wants to be called: 「我姓王」「李女士」「欧阳娜娜」."""

import re

# The surnames of the 2020 name report of the Ministry of Public Security and the double surnames of
# the Hundred Family Surnames, as far as they are in use; enough to tell a name from any other word.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾萧肖田董潘袁蔡蒋余于杜叶程魏"
    "苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付傅方邹熊白孟秦邱侯江尹薛闫雷龙史陶黎贺顾毛郝龚邵万"
    "覃武钱戴严莫孔向常汤康易乔赖文施洪辛柯庄温牛樊葛邢安齐伍庞颜倪聂章鲁岳翟殷詹申欧耿关兰焦俞左"
    "柳甘祝包宁尚符舒阮纪梅童凌毕单季裴霍涂成苗谷曲盛冉翁蓝路游靳辛管柴蒙鲍华喻祁蒲房滕屈饶解牟艾"
    "尤时穆农司古吉车项褚连卓窦边景戚卫丛卞沙郎简佟党阎"
)
_DOUBLE = (
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
_TITLE = r"(?:先生|女士|小姐|太太|老师|师傅|阿姨|叔叔|大爷|大妈|经理)"
_GIVEN = re.compile(
    r"(?:我叫|我的名字是|名字(?:叫|是)|姓名(?:是|[:：])|叫我|称呼我|联系人是?|本人叫?)\s*[:：]?\s*([一-龥·]{1,6})"
)
_SURNAME = re.compile(
    rf"(?:我姓|免贵姓|本人姓|姓)\s*([一-龥]{{1,2}})(?:[,，。!\s]|{_TITLE}|$|电话|手机|是|住|\d)"
)
_TITLED = re.compile(rf"(?:^|我是|叫我|业主|住户|[,，。\s])([一-龥]{{1,3}}{_TITLE})")
_NOT_A_NAME = re.compile(
    r"业主|住户|客户|房东|租客|本人|自己|你们|我们|什么|怎么|可以|不用|不是|谢谢|知道|同意|跳过|没有|不想|随便|方便|需要|投诉|"
    r"安全|时候|时间|文明|高层|成天|何时|关于|解决|尚未|易|连|单元|安装|管理|房间|房子|房屋|路上|路灯|水|漏|电"
)


def read_name(text: str, *, is_asked: bool = False) -> str | None:
    """Return the name or form of address in a half-width text, or None.

    Args:
        text: what the customer wrote.
        is_asked: a name was asked for, so a bare name or surname counts as one.
    """
    for pattern in (_SURNAME, _TITLED, _GIVEN):
        for found in pattern.finditer(text):
            if name := _checked(found.group(1)):
                return name
    if not is_asked:
        return None
    for part in re.split(r"[\s,，。;；、:：!！~]+|\d[\d\s-]*", text):
        bare = re.sub(r"^(?:我是|我叫|叫我|我)|(?:就行|吧|就好|就可以|哈|啊|的)$", "", part)
        if name := _checked(bare):
            return name
    return None


def _checked(candidate: str) -> str | None:
    candidate = re.split(r"电话|手机|住在|住|是|，|,", candidate)[0].strip()
    candidate = re.sub(r"(?:就行|就好|就可以|好了|吧|哈|啊)$", "", candidate)
    bare = re.sub(rf"^[小老](?=.$)|{_TITLE}$", "", candidate)
    if not bare or _NOT_A_NAME.search(bare):
        return None
    longest = 4 if bare.startswith(_DOUBLE) else 3
    if "·" in bare:
        longest = 8
    is_surnamed = bare.startswith(_DOUBLE) or bare[0] in _SURNAMES or "·" in bare
    return candidate if is_surnamed and len(bare) <= longest else None
