"""Short answers that steer a form: skip, stop, yes, no, edit, a refusal, a correction."""

import re

_END = r"[\s,，。.!！~～吧了啊呀哦的哈呢]*$"
_SKIP = re.compile(
    r"^(?:跳过|略过|先?不填|不(?:方便|想|愿意?)(?:说|留|透露|提供|给|告诉你?们?)?|没有?(?:要求|特别)?|无|不记得|忘了|记不清|"
    r"说不清|想不起来|不用了?|都?(?:可以|行)|随便|随时|看着办|下一[个项步]|pass|skip|保密|不留|没有特别(?:的)?要求|没什么要求)"
    r"(?:电话|名字|姓名|号码|手机号?|联系方式|具体时间|时间)?" + _END,
    re.IGNORECASE,
)
_REFUSE = re.compile(
    r"(?:不|别)(?:方便|想|愿意?|能|用|要|肯|会)?(?:再)?(?:留|给|说|提供|透露|告诉|打|要|问)(?:你们?|我)?.{0,4}(?:电话|手机|号码|联系方式|姓名|名字|隐私|个人信息)|"
    r"(?:电话|手机号?|号码|联系方式|姓名|名字).{0,6}(?:不(?:方便|想|愿|用|要|留|给|提供)|算了|保密|免了)|为什么要(?:留|给)?(?:电话|手机|姓名)"
)
_STOP = re.compile(
    r"^(?:那|[^,，]{0,8}[,，])?(?:算了|取消(?:登记|投诉|报修|预约)?|停止?|别登记了?|退出|"
    r"不(?:投诉|报修|登记|办|弄|填|约|预约|看|反映|查|改|提交|修)了|"
    r"不(?:想|要)(?:再)?(?:投诉|登记|填|弄|办|说|预约|约)了?|"
    r"(?:不用|不必|不需要)(?:修|来|投诉|登记|报修|上门)了?|"
    r"先?不(?:投诉|报修|登记|预约|看房)了?吧?)" + _END
)
_YES = re.compile(
    r"^(?:是的?|对的?|好的?|可以|同意|没错|没问题|嗯+|恩+|行|确认(?:提交)?|提交|正确|ok|okay|yes|愿意|要的?|需要|就这样|都对|无误|没有问题|没毛病|好呀?|当然)"
    + _END,
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(?:不|不是|不对|不同意|不可以|不行|不用了?|不要|不需要|没有|no|错了?|有误|有错|匿名|不愿意|不想|拒绝)"
    + _END,
    re.IGNORECASE,
)
_EDIT = re.compile(
    r"^(?:我要|要|需要|想)?(?:修改|改一下|更改|改改|改|有误|有错|不对|错了|重填)(?:一下|下)?" + _END
)
_CORRECTION = re.compile(
    r"不对|错了|写错|打错|说错|填错|更正|纠正|应该是|改成|改为|换成|不是.{1,12}(?:是|,|，)|搞错|弄错|说反|记错|哦不|重新说"
)
_ANONYMOUS = re.compile(
    r"匿名|不同意|不想留|不留(?:姓名|信息|个人)|不登记(?:姓名|个人)|别(?:留|存|记)我的"
)
_URGE = re.compile(
    r"催|抓紧|快点|快一点|尽快|怎么还(?:没|不)|还没(?:人|来|处理|解决|修|回)|都.{1,6}天了|等了|多久了|拖"
)

FIELDS = {
    "case_matter": ("事情", "经过", "内容", "情况", "问题", "故障", "描述"),
    "case_place": ("地址", "位置", "地点", "楼栋", "房号", "楼号", "单元", "楼层", "小区"),
    "case_time": ("时间", "日期"),
    "case_wish": ("要求", "诉求", "希望", "处理"),
    "case_name": ("称呼", "姓名", "名字"),
    "case_reply": ("答复方式", "回复方式", "怎么回复", "怎么答复"),
    "case_phone": ("电话", "手机", "号码", "联系方式"),
}


def is_skip(text: str) -> bool:
    """Tell whether the whole message says: leave this one out."""
    return bool(_SKIP.match(text))


def is_refusal(text: str) -> bool:
    """Tell whether the message refuses to give a phone or a name."""
    return bool(_REFUSE.search(text))


def is_stop(text: str) -> bool:
    """Tell whether the whole message says: stop taking this down."""
    return bool(_STOP.match(text))


def is_yes(text: str) -> bool:
    """Tell whether the whole message is a yes."""
    return bool(_YES.match(text))


def is_no(text: str) -> bool:
    """Tell whether the whole message is a no."""
    return bool(_NO.match(text))


def is_edit(text: str) -> bool:
    """Tell whether the whole message asks to change something."""
    return bool(_EDIT.match(text))


def is_correction(text: str) -> bool:
    """Tell whether the message corrects something said before."""
    return bool(_CORRECTION.search(text))


def is_anonymous(text: str) -> bool:
    """Tell whether the message asks to stay anonymous."""
    return bool(_ANONYMOUS.search(text))


def is_urging(text: str) -> bool:
    """Tell whether the message presses for an answer (催办)."""
    return bool(_URGE.search(text))


def named_field(text: str) -> str | None:
    """Return the slot a message like 「电话错了」 names, or None."""
    for slot, words in FIELDS.items():
        if any(word in text for word in words):
            return slot
    return None
