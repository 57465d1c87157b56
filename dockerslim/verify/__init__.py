"""Builds and runs a Dockerfile before and after its rewrite with the user's own engine, and compares the two."""
