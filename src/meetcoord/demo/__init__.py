"""The three stories, played against the real service on this machine."""
