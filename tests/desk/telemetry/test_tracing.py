"""Traces: one trace from the desk to the action, without anything personal."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from desk.telemetry import tracing


@pytest.fixture
def spans(monkeypatch):
    """The spans recorded so far."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("kefu"))
    return exporter.get_finished_spans


def test_an_action_belongs_to_the_trace_of_its_turn(spans):
    with tracing.span("bot.turn"):
        metadata = {"source": "web", "is_traditional": False, **tracing.carried_context()}
    with tracing.span("action", parent=metadata, is_entry=True, action="action_answer"):
        pass
    turn, action = spans()
    assert action.context.trace_id == turn.context.trace_id
    assert action.parent.span_id == turn.context.span_id
    assert dict(action.attributes) == {"action": "action_answer"}


def test_a_failed_step_tells_the_type_and_not_the_message(spans):
    with pytest.raises(ValueError, match="13800138000"), tracing.span("action"):
        raise ValueError("13800138000")
    (failed,) = spans()
    assert failed.status.description == "ValueError"
    assert failed.events == ()
    assert "13800138000" not in failed.to_json()


def test_without_a_collector_nothing_is_recorded_or_carried():
    tracing.configure_tracing("", "kefu-desk")
    assert not isinstance(trace.get_tracer_provider(), TracerProvider)
    with tracing.span("bot.turn"):
        assert tracing.carried_context() == {}
