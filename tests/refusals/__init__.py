"""What is refused, row by row: table.py lists the rows, docs/threats.md is written from it."""
