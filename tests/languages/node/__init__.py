"""Tests of what is read from Node projects."""
