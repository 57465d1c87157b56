"""Python projects, distributions and programs."""
