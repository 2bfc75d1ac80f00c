"""Storage on SQLite (embedded) and PostgreSQL."""
