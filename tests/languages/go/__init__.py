"""Tests of what is known about Go projects."""
