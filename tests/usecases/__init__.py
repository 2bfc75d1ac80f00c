"""What can be asked for, on real storage with real keys."""
