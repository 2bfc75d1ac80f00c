"""Who may come in: join links."""
