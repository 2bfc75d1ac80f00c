"""The HTTP API and the pages, asked as a client asks."""
