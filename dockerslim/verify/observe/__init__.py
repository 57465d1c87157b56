"""Runs an image, asks it, and says what was seen."""
