"""Anger and danger in a message, by words; a hint for the dialogue, never a judgement."""

import re

_ANGER = re.compile(
    r"(?:真|太|就是|都是|一群|一帮|什么|你们是?)垃圾(?![站桶房箱袋车堆间费分清满没不处])|垃圾(?:物业|公司|服务|系统|平台|客服|开发商|管理|东西|售后|产品)|"
    r"骗子|骗人|滚(?:蛋|开|出去)|给我滚|气死|气炸|太过分|过分了|忍无可忍|什么破|破(?:物业|公司|服务|系统|机器人)|到底(?:管不管|有没有人|想怎样|要怎样)|"
    r"受够了|烦死|恶心|混蛋|王八|傻[逼b]|他妈|妈的|操你|狗屁|废物|吃干饭|有病|神经病|黑心|无耻|不要脸|"
    r"欺人太甚|拿.{0,6}当.{0,3}(?:傻子|猴)|别(?:再)?(?:废话|啰嗦|磨叽)|少废话|"
    r"问(?:这么|那么)多|问来问去|有完没完|没完没了|烦不烦|真(?:的)?很?生气|很生气|非常生气|愤怒|火大|怒了|投诉到底|曝光你们|[!！]{3,}"
)
_DANGER = re.compile(
    r"着火|起火|失火|冒烟|燃气泄漏|煤气泄漏|天然气泄漏|燃气漏|煤气漏|漏煤气|漏燃气|煤气味|燃气味|触电|漏电|爆炸|被困|困在电梯|困在里面|"
    r"电梯(?:坠落|坠了|下坠)|坠楼|坠落|砸伤|砸到人|受伤|流血|晕倒|昏迷|骨折|持刀|打人|被打|轻生|跳楼|塌了|坍塌|溺水|救命"
)
_NO_DANGER = re.compile(
    r"(?:没有?|未|幸好没|差点|险些|怕|担心|会不会|容易|可能|万一|以免|防止).{0,8}$"
)


def is_angry(text: str) -> bool:
    """Tell whether the message shows anger."""
    return bool(_ANGER.search(text))


def is_dangerous(text: str) -> bool:
    """Tell whether people are in danger now (R-B3: personal safety); feared danger is not."""
    return any(not _NO_DANGER.search(text[: m.start()]) for m in _DANGER.finditer(text))
