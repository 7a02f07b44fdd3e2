"""Spans from files and APIs: OTLP JSON, Jaeger and Tempo, as columns for the root-cause engine."""

from chimera.platform.traces.columns import RawSpan, columns
from chimera.platform.traces.jaeger import jaeger
from chimera.platform.traces.otlp import otlp
from chimera.platform.traces.read import read_spans

__all__ = ["RawSpan", "columns", "jaeger", "otlp", "read_spans"]
