"""Surveys that make the package's machine-made tables; none runs with the tests, and none asks a network."""
