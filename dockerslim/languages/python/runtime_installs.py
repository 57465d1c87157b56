"""Calls that install something when the program runs, such as `subprocess.run([sys.executable, "-m", "pip", …])`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

import libcst as cst

from dockerslim.languages.python.effect_tables import effect_tables
from dockerslim.languages.python.module import Module, keyword_argument, literal_text
from dockerslim.languages.python.syntax import children

_BETWEEN_WORDS = re.compile(r"[\s;&|()'\"]+")
_VERSION = re.compile(r"(?<=[a-z])[\d.]+$")
_MOST_NODES = 1000


def installs(module: Module, call: cst.Call) -> bool:
    """Is a call one of an installer, or does it start a program that installs?"""
    name = module.full_name(call.func) or ""
    tables = effect_tables()
    if name in tables.install or _is_told_to(call):
        return True
    if name not in tables.program:
        return False
    words = _words(module, call)
    return any(_are_in_order(command, words) for command in tables.install_commands)


def _is_told_to(call: cst.Call) -> bool:
    """Does a keyword make it, such as `share=True` of Gradio, which fetches a program beside its own modules?"""
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    keyword = effect_tables().install_keywords.get(method)
    value = keyword_argument(call, keyword) if keyword is not None else None
    return isinstance(value, cst.Name) and value.value == "True"


def _words(module: Module, call: cst.Call) -> list[str]:
    """The words of all texts that a call is given, with the names followed that are bound once."""
    words: list[str] = []
    pending: list[cst.CSTNode] = [argument.value for argument in reversed(call.args)]
    followed: set[str] = set()
    for _ in range(_MOST_NODES):
        if not pending:
            break
        node = pending.pop()
        if isinstance(node, cst.Name):
            value = module.value_of(node.value) if node.value not in followed else None
            followed.add(node.value)
            pending.extend([value] if value is not None else [])
            continue
        text = node.value if isinstance(node, cst.FormattedStringText) else None
        if isinstance(node, cst.SimpleString):
            text = literal_text(node)
        if text is not None:
            words.extend(_plain(word) for word in _BETWEEN_WORDS.split(text))
        pending.extend(reversed(list(children(node))))
    return words


def _plain(word: str) -> str:
    """`pip` of `/usr/local/bin/pip3.12`."""
    return _VERSION.sub("", posixpath.basename(word))


def _are_in_order(wanted: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(word in rest for word in wanted)
