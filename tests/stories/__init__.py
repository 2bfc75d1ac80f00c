"""Whole stories, played through the real service from outside."""
