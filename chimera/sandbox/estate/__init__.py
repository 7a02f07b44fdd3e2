"""Panther Retail: a small company of real processes, for practice."""
