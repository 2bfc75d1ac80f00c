"""What can be asked for: one verb per file."""
