"""Text of strangers made fit for a terminal: it moves no cursor, changes no colour and turns no line around."""

from __future__ import annotations

import unicodedata

TAB = "    "

_INVISIBLE = frozenset("\u061c\u200b\u200e\u200f\u2028\u2029\u2060\ufeff")


def visible(text: str) -> str:
    """The text with tabs as blanks, and control characters, bidirectional marks and undecodable bytes as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(visible_character(character) for character in text)


def visible_character(character: str) -> str:
    """What is printed for one character."""
    if character == "\t":
        return TAB
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8, as surrogateescape has it
        return f"\\x{code - 0xDC00:02x}"
    category = unicodedata.category(character)
    if category == "Cc":
        return {"\r": "\\r", "\n": "\\n"}.get(character, f"\\x{code:02x}")
    # "Cf" are format characters: besides the marks that turn text around, those that join emoji, which do no harm.
    is_bidirectional = category == "Cf" and unicodedata.bidirectional(character) in _BIDIRECTIONAL
    if character in _INVISIBLE or is_bidirectional or category == "Cs":
        return f"\\u{code:04x}"
    return character


def columns(text: str) -> int:
    """How many columns a terminal takes for visible text."""
    if text.isascii():
        return len(text)
    return sum(_character_columns(character) for character in text)


_BIDIRECTIONAL = frozenset({"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"})


def _character_columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
