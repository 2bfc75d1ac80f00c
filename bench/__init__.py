"""`make bench`: what meetcoord costs, each time beside the bare mechanism it cannot do without. Asserts nothing."""
