"""Proof of who is asking: API keys and join links."""
