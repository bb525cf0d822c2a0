"""The guide's example for receivers of webhooks does what it says."""

import re
import time

from desk.outbox.senders.webhook import sign
from desk.settings import PROJECT_DIR

GUIDE = PROJECT_DIR / "docs" / "guide" / "channels.md"


def test_the_example_accepts_what_we_sign_and_nothing_else():
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    names = {}
    exec(example, names)
    is_genuine, body, now = names["is_genuine"], '{"event": "单"}'.encode(), int(time.time())
    assert is_genuine("secret", sign("secret", body, now), body)
    assert not is_genuine("other", sign("secret", body, now), body)
    assert not is_genuine("secret", sign("secret", body, now), body + b" ")
    assert not is_genuine("secret", sign("secret", body, now - 301), body)
    moved = sign("secret", body, now - 301).replace(f"t={now - 301}", f"t={now}")
    assert not is_genuine("secret", moved, body)
