"""Questions in the two languages of the estate, PromQL and SQL, checked before they are run."""

from chimera.platform.access.datasets import Column, Datasets, Rows
from chimera.platform.access.metric_names import MetricNames
from chimera.platform.access.promql import Selector, checked_promql, selectors_in
from chimera.platform.access.similar import near, or_near
from chimera.platform.access.sql import checked_sql

__all__ = [
    "Column",
    "Datasets",
    "MetricNames",
    "Rows",
    "Selector",
    "checked_promql",
    "checked_sql",
    "near",
    "or_near",
    "selectors_in",
]
