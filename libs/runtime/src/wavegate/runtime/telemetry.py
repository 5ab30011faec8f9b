"""Logs and traces: structlog to standard output, OpenTelemetry spans to a file of JSON lines (architecture §9).

A commit has one trace, whose id comes from (repository, ref, seq). Every event is a span in it, its span id taken from the
event's id and its parent from the event that caused it, so that the trace is the causal chain itself.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator


class JsonLinesExporter(SpanExporter):
    """Appends each finished span as one JSON line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write spans."""
        for span in spans:
            self._stream.write(json.dumps(_as_json(span)) + "\n")
        self._stream.flush()
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Close the file."""
        self._stream.close()


def _as_json(span: ReadableSpan) -> dict[str, object]:
    context = span.get_span_context()
    return {
        "traceId": f"{context.trace_id:032x}" if context else "",
        "spanId": f"{context.span_id:016x}" if context else "",
        "parentSpanId": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "service": span.resource.attributes.get("service.name"),
        "startTimeUnixNano": span.start_time,
        "endTimeUnixNano": span.end_time,
        "attributes": dict(span.attributes or {}),
        "status": span.status.status_code.name,
    }


class Telemetry:
    """Makes spans; without a file it makes none."""

    def __init__(self, service: str, trace_file: Path | None = None) -> None:
        self._provider: TracerProvider | None = None
        if trace_file is not None:
            self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
            exporter = JsonLinesExporter(trace_file.open("a", encoding="utf-8"))
            self._provider.add_span_processor(SimpleSpanProcessor(exporter))
        self._tracer = (self._provider or trace.NoOpTracerProvider()).get_tracer("wavegate")

    @contextmanager
    def span(self, name: str, traceparent: str | None, attributes: Mapping[str, str]) -> Iterator[None]:
        """Time a piece of work of a commit; work without a commit's context makes no span."""
        if traceparent is None or self._provider is None:
            yield
            return
        context = TraceContextTextMapPropagator().extract({"traceparent": traceparent})
        with self._tracer.start_as_current_span(name, context=context, attributes=dict(attributes)):
            yield

    def close(self) -> None:
        """Write what is left."""
        if self._provider is not None:
            self._provider.shutdown()


def configure_logging(service: str, level: str) -> None:
    """Log JSON lines to standard output, each naming its service. Third parties' logs only from WARNING up."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
