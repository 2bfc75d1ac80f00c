"""Sealing minutes, drafts at rest, signed notes and evidence files."""
