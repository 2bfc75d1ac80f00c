"""Witnesses: one alone, three as processes, and the way the service speaks to them."""
