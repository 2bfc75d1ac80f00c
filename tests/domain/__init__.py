"""The rules, without anything around them."""
