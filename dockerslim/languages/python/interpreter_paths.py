"""Texts of a module that name the interpreter, pip or the folder of packages by an absolute path."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from dockerslim.languages.python.module import Module, literal_text

INTERPRETERS_OWN = re.compile(r"/usr/(?:local/)?bin/(?:python|pip)[\w.]*|/usr/local/lib/python[\d.]+")


def interpreter_paths(module: Module) -> Iterator[tuple[cst.CSTNode, str]]:
    """The expression and the path of each; what stands in a docstring is no use of it."""
    for node in module.expressions:
        if id(node) in module.documentation:
            continue
        for text in _texts(node):
            match = INTERPRETERS_OWN.search(text)
            if match is not None:
                yield node, match[0]


def _texts(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.SimpleString):
        yield literal_text(node) or ""
    elif isinstance(node, cst.FormattedString):
        yield from (part.value for part in node.parts if isinstance(part, cst.FormattedStringText))
