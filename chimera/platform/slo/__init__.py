"""Service levels: burn rates, error budgets, and the Prometheus rules that watch them."""

from chimera.platform.slo.budget import Budget, read_budget
from chimera.platform.slo.burn import Burn, burns
from chimera.platform.slo.rules import slo_rules

__all__ = ["Budget", "Burn", "burns", "read_budget", "slo_rules"]
