"""OpenTelemetry traces, sent over OTLP when an endpoint is configured and nowhere otherwise."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from chimera.platform.settings import Telemetry

if TYPE_CHECKING:
    from fastapi import FastAPI

DISTRIBUTION = "chimera-aiops"


def configure_traces(settings: Telemetry, service: str) -> TracerProvider:
    """Make and install the process's provider. Call its `shutdown()` last, to send what is left.

    Without an endpoint spans still get ids, which the logs name, but are sent nowhere.
    """
    resource = Resource.create(
        {"service.name": f"chimera-{service}", "service.version": version(DISTRIBUTION)}
    )
    provider = TracerProvider(resource=resource)
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        endpoint = settings.otlp_endpoint.rstrip("/")
        if not endpoint.endswith("/v1/traces"):
            endpoint += "/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    return provider


def instrument(app: FastAPI) -> None:
    """A span for each request, but for the ones that probes and scrapes make all day."""
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

    FastAPIInstrumentor.instrument_app(app, excluded_urls="/-/healthy,/-/ready,/metrics")
