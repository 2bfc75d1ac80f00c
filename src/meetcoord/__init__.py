"""meetcoord: secure video meetings between public bodies, with proof of who was admitted and what was decided."""

__version__ = "0.1.0"
