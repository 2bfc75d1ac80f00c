"""How meetcoord touches the world: one folder per technology."""
