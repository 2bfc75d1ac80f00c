"""The tree, the notes, the leaves and the evidence."""
