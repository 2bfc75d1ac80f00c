"""Witnesses over HTTP (C2SP tlog-witness): one's own memory and door, and the way to those of others."""
