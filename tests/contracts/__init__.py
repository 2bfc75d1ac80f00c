"""One suite per door: every adapter and every fake of that door passes it."""
