"""Builds candidates from a copy of the build context, and times their builds."""
