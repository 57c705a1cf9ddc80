"""Traces by OpenTelemetry, where `VALIDATOR_TRACES_URL` says where they go; else nothing here does anything.

A span never holds a phone number, nor the text of an error, which may hold one.
"""

import contextlib
import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

Kind = Literal["internal", "server", "client", "consumer"]
Attributes = Mapping[str, str | int]

LIBRARIES = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
PACKAGES = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
EXPORT_S = 5.0
PARENT = "traceparent"

# What makes spans, in a process that does.
_tracer: Any = None


def checked_traces_url(url: str | None) -> str | None:
    """The URL, if traces can be sent there. Raises ValueError."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("expected a URL such as http://127.0.0.1:4318/v1/traces")
    if not all(is_installed(library) for library in LIBRARIES):
        raise ValueError(f"traces need more packages: pip install {PACKAGES}")
    return url


def is_installed(library: str) -> bool:
    """Whether a module can be imported."""
    try:
        return importlib.util.find_spec(library) is not None
    except ModuleNotFoundError:
        return False


@contextlib.contextmanager
def tracing(url: str | None) -> Iterator[None]:
    """Send traces there for as long as the block, at the latest at its end; None: none are made.

    The tracer of libraries stays as it is: their spans would hold what they are called with.
    """
    global _tracer  # noqa: PLW0603
    if url is None:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "validator-svc"}
    provider = TracerProvider(resource=Resource.create(name), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url, timeout=EXPORT_S)))
    _tracer = provider.get_tracer("validator_svc")
    try:
        yield
    finally:
        _tracer = None
        provider.shutdown()


def are_made() -> bool:
    """Whether this process makes traces."""
    return _tracer is not None


@contextlib.contextmanager
def span(name: str, kind: Kind, origins: Sequence[str], attributes: Attributes) -> Iterator[Any]:
    """A span for as long as the block, which what is done in it belongs to; None without traces.

    `origins`: what it is done for, as `here` has it. It belongs to a single one, and is linked to several.
    """
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import Link, SpanKind, StatusCode

    contexts = contexts_of(origins)
    with _tracer.start_as_current_span(
        name,
        context=within(contexts[0]) if len(contexts) == 1 else None,
        kind=SpanKind[kind.upper()],
        links=[Link(context) for context in contexts] if len(contexts) > 1 else None,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except BaseException as error:
            made.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def here() -> str:
    """The span that this is done in, as W3C Trace Context has it (`traceparent`); empty without one."""
    if _tracer is None:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(PARENT, "")


def contexts_of(origins: Sequence[str]) -> list[Any]:
    """The spans that some `traceparent` name; what names none is left out."""
    from opentelemetry.context import Context
    from opentelemetry.trace import get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    read = TraceContextTextMapPropagator().extract
    found = [
        get_current_span(read({PARENT: each}, Context())).get_span_context()
        for each in dict.fromkeys(origins)
        if each
    ]
    return [context for context in found if context.is_valid]


def within(context: Any) -> Any:
    """The surroundings of what belongs to a span."""
    from opentelemetry import trace

    return trace.set_span_in_context(trace.NonRecordingSpan(context))
