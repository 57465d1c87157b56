"""Values of path expressions, as far as the source tells them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import Literal

Base = Literal["text", "file", "home", "temporary"]

_DATABASE = re.compile(r"sqlite(?:\+\w+)?:(?:///|//(?=[^/:]))")
"""SQLAlchemy's three slashes, or Tortoise's two."""


@dataclass(frozen=True, slots=True)
class Value:
    """A text or path that an expression gives.

    Its base: `text` as written (relative to the working folder where it is relative), `file` relative to the root of
    the context because it derives from `__file__`, `home` relative to the home folder, `temporary` none that stays.
    """

    text: str
    base: Base = "text"
    scheme: str = ""
    """`sqlite:///` where the text is the path of such an address."""
    is_open: bool = False
    """More follows that is not known: the text is a beginning."""
    is_default: bool = False
    """The environment may give another."""

    @property
    def folder(self) -> str:
        """The part up to the last `/`."""
        return self.text[: self.text.rfind("/") + 1]


TEMPORARY = Value("", "temporary")


def database_path(value: Value) -> Value | None:
    """The file of an SQLite address; None where it is no such address, or one in memory."""
    if value.scheme:
        return value
    match = _DATABASE.match(value.text)
    if match is None or value.base != "text":
        return None
    path = value.text[match.end() :].partition("?")[0]
    path = path.removeprefix("file:")
    if not path and value.is_open:
        return None
    return replace(value, text=path, scheme=match[0]) if path and not path.startswith(":memory:") else None


def is_database(text: str) -> bool:
    """Does a text begin as the address of an SQLite file?"""
    return _DATABASE.match(text) is not None


def concatenate(left: Value | None, right: Value | None) -> Value | None:
    """`left + right`, None being what isn't known."""
    if left is None or left.is_open or left.base == "temporary":
        return left
    if right is None:
        return replace(left, is_open=True)
    is_default = left.is_default or right.is_default
    if right.base != "text":
        scheme = _DATABASE.fullmatch(left.text)
        if left.base == "text" and (not left.text or scheme):
            return replace(right, scheme=left.text, is_default=is_default)
        return replace(left, is_open=True)
    text = left.text + right.text
    if left.base == "file":
        text = text.lstrip("/")
    return replace(left, text=text, is_open=right.is_open, is_default=is_default)


def join_paths(left: Value | None, right: Value | None) -> Value | None:
    """`os.path.join(left, right)` and `left / right`."""
    if left is None or left.is_open or left.base == "temporary":
        return left
    if right is None:
        return replace(left, text=posixpath.join(left.text, ""), is_open=True)
    if right.base != "text" or right.text.startswith("/"):
        return right
    is_default = left.is_default or right.is_default
    return replace(left, text=posixpath.join(left.text, right.text), is_open=right.is_open, is_default=is_default)


def parent_of(value: Value | None) -> Value | None:
    """`os.path.dirname(value)` and `value.parent`."""
    if value is None or value.is_open or value.base == "temporary":
        return value
    text = posixpath.normpath(value.text) if value.text else ""
    if value.base == "file" and text in ("", "."):
        return None  # above the context: where that is in the image is not known
    return replace(value, text=posixpath.dirname(text))
