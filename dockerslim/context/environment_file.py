"""Environment files, as compose reads them."""

from __future__ import annotations

import re

_SETTING = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(?P<value>.*)")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read_environment(text: str) -> dict[str, str]:
    """The settings of a file: `NAME=value`, maybe quoted, `#` before a comment.

    What is more than that (a value over several lines, a variable in a value) is left as it is written.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        match = _SETTING.fullmatch(line)
        if match is None:
            continue
        value = match["value"]
        quote = value[:1]
        end = value.find(quote, 1) if quote in ("'", '"') and quote else -1
        found[match["name"]] = value[1:end] if end > 0 else _COMMENT.sub("", value).rstrip()
    return found
