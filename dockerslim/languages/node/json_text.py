"""JSON of strangers: a value or a problem, never an exception."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

# A string that is never closed runs to the end of the text: each alternative matches as soon as it starts, so that
# the whole is linear.
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*+"?|//[^\n]*|/\*(?:.*?\*/|.*\Z)', re.DOTALL)
_STRING_OR_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+"?|,(?=\s*[}\]])', re.DOTALL)


def parse(text: str) -> tuple[object, str | None]:
    """The value and None, or None and what is wrong with the text."""
    try:
        return json.loads(text), None
    except RecursionError:
        return None, "nested too deep"
    except json.JSONDecodeError as error:
        return None, f"not JSON: {error.msg} in line {error.lineno}"
    except ValueError:
        return None, "not JSON: a number is too long"


def parse_with_comments(text: str) -> object:
    """A value from the JSON of tsconfig.json and bun.lock, with comments and trailing commas; None for bad input."""
    plain = _STRING_OR_COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else " ", text)
    plain = _STRING_OR_COMMA.sub(lambda match: match[0] if match[0].startswith('"') else "", plain)
    return parse(plain)[0]


def text_of(value: object) -> str | None:
    """The value if it is a string. Half a surrogate pair, which JSON allows and no encoding does, becomes `?`."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def texts_of(value: object) -> tuple[str, ...]:
    """The strings of a list; none of anything else."""
    return tuple(text for item in value if (text := text_of(item)) is not None) if isinstance(value, list) else ()


def object_of(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def text_map_of(value: object) -> dict[str, str]:
    """The members of an object whose values are strings."""
    return {text_of(key) or "": text for key, item in object_of(value).items() if (text := text_of(item)) is not None}
