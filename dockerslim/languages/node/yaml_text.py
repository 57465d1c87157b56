"""YAML of strangers: plain strings, lists and maps, or None."""

from __future__ import annotations


def parse_yaml(text: str) -> object:
    """The document with every scalar as a string; None where it can't be read.

    Strings only: constructing dates or numbers from a stranger's text can fail in ways of its own.
    """
    import yaml

    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        return None
