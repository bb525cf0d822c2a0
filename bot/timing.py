"""How fast the Rasa server understands: `python -m bot.timing MODEL`, one message a line.

Loads the model as the server does, understands each line of the standard input once and prints one
JSON object: `load_s`, `times_ms` in order, `peak_mib` (largest resident memory).
"""

import asyncio
import json
import resource
import sys
import time
from collections.abc import Sequence
from typing import Any

WARM_UP = 5


async def measure(model: str, texts: Sequence[str]) -> dict[str, Any]:
    """Return loading time in seconds, the time of each message in ms and the peak in MiB."""
    begin = time.perf_counter()
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    loaded = time.perf_counter() - begin
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    times_ms = []
    for text in texts:
        begin = time.perf_counter()
        await agent.parse_message(text)
        times_ms.append((time.perf_counter() - begin) * 1000)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"load_s": loaded, "times_ms": times_ms, "peak_mib": peak_kib / 1024}


if __name__ == "__main__":
    lines = [line.strip() for line in sys.stdin if line.strip()]
    json.dump(asyncio.run(measure(sys.argv[1], lines)), sys.stdout)
