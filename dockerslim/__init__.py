"""A codemod for Dockerfiles: reads one with its build context and rewrites it in small explained steps."""

__version__ = "0.1.0"
