"""OpenTelemetry traces, if a collector is set (`KEFU_OTLP_URL`); otherwise nothing is recorded.

A trace goes desk → Rasa → action: its context travels in the message's metadata, as the request
id does. Spans carry names of routes and actions, never texts, names, numbers or ids of people.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode

FIELD = "traceparent"
_tracer: trace.Tracer | None = None
"""None as long as no collector is set: each turn has three spans, and empty ones cost time too."""


def configure_tracing(otlp_url: str, service: str) -> None:
    """Send this process's spans to a collector, e.g. `http://127.0.0.1:4318/v1/traces`.

    Without an address nothing happens. Call it once a process.
    """
    global _tracer
    if not otlp_url:
        return
    from opentelemetry.exporter.otlp.json.http import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_url)))
    trace.set_tracer_provider(provider)
    _tracer = trace.get_tracer("kefu")


@contextmanager
def span(
    name: str, *, parent: Mapping[str, Any] | None = None, is_entry: bool = False, **facts: str
) -> Iterator[None]:
    """Record a step; an exception marks it as failed, by type only.

    Args:
        name: what is done, e.g. `bot.turn`.
        parent: headers or metadata that carry a trace's context; None for the current one.
        is_entry: the step answers a call from outside this process.
        facts: attributes of the span.
    """
    if _tracer is None:
        yield
        return
    context = propagate.extract(_strings(parent)) if parent is not None else None
    with _tracer.start_as_current_span(
        name,
        context=context,
        kind=SpanKind.SERVER if is_entry else SpanKind.INTERNAL,
        attributes=facts,
        # An exception's message may quote what a customer wrote.
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def carried_context() -> dict[str, str]:
    """Return the current trace's context to put into headers or metadata; empty without one."""
    if _tracer is None:
        return {}
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return {name: value for name, value in carrier.items() if name == FIELD}


def _strings(parent: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in parent.items() if isinstance(value, str)}
