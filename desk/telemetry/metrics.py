"""What the process counts and times while it works, for Prometheus (`GET /metrics`).

What lies in the database (queue, deadlines, outbox) is read at each scrape: see `standing`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 5.0, 10.0, 30.0)

REQUESTS = Histogram(
    "kefu_request_seconds",
    "HTTP requests, and sockets from their opening to their end.",
    ("method", "route", "status"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
BOT_TURNS = Histogram(
    "kefu_bot_turn_seconds",
    "Questions to the Rasa server; `outcome` is ok or failed.",
    ("outcome",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
ACTIONS = Histogram(
    "kefu_action_seconds",
    "Actions that Rasa had the desk carry out.",
    ("action", "outcome"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
TRANSACTIONS = Histogram(
    "kefu_database_seconds",
    "Time in the database, waiting for locks included; `kind` is read or write.",
    ("kind", "outcome"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
JOB_RUNS = Histogram(
    "kefu_job_seconds",
    "Runs of the jobs that go on by themselves.",
    ("job", "outcome"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
BOT_UNREACHABLE = Counter(
    "kefu_bot_unreachable", "Rasa servers that could not be reached.", registry=REGISTRY
)


@contextmanager
def timed(histogram: Histogram, *labels: str, failure: str = "failed") -> Iterator[None]:
    """Time a block; the last label is `ok`, or `failure` when it raises."""
    began = time.perf_counter()
    outcome = failure
    try:
        yield
        outcome = "ok"
    finally:
        histogram.labels(*labels, outcome).observe(time.perf_counter() - began)
