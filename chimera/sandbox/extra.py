"""The extra `sandbox`: packages that the practice estate needs and Chimera itself does not."""

from __future__ import annotations

from importlib.util import find_spec

MODULES = {"duckdb": "duckdb", "sklearn": "scikit-learn"}
"""What is imported, and the package it comes with."""

REMEDY = "pip install 'chimera-aiops[sandbox]' (or `uv sync --all-extras` in a clone)"


def lacking() -> str:
    """Why the practice estate cannot run here, in one line without a remedy; empty if it can."""
    absent = [package for module, package in MODULES.items() if find_spec(module) is None]
    if not absent:
        return ""
    verb = "is" if len(absent) == 1 else "are"
    return f"the practice estate cannot run: {', '.join(absent)} {verb} not installed"
