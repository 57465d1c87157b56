"""Python projects: how they are installed, what they need of the system, what their programs read and write."""
