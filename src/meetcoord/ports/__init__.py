"""The doors: what the inside asks of the world, one protocol per file."""
