"""What a page of a server links to on the same server: the files that it can't do without, and a few pages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from dockerslim.verify.observe.probe_paths import FORBIDDEN_WORDS

PAGE_LIMIT = 500_000
"""Bytes of a page that are read."""

PATHS_LIMIT = 20
PAGES_LIMIT = 8
"""Of the paths, those that only `a` links to."""

PATH_LENGTH_LIMIT = 1_000

_PATH = re.compile(r"/[!-~]*")


def linked_paths(page: bytes, origin: str, path: str, *, assets_only: bool = False) -> tuple[str, ...]:
    """The paths that an HTML page at `path` links to, stylesheets, scripts and pictures first.

    `origin` is as in `http://localhost:8080`; a link that leads elsewhere is left out, and one of `a` that might
    change something (a logout). No fragments, none twice, not the page itself. With `assets_only` what `a` links to is
    left out.
    """
    reader = _LinkReader()
    # Never closed: closing reads what is left of an unclosed comment again and again.
    reader.feed(page[:PAGE_LIMIT].decode("utf-8", "replace"))
    base = urljoin(origin + path, reader.base) if reader.base else origin + path
    assets = _same_origin(reader.assets, base, origin)
    linked = [] if assets_only else _same_origin(reader.pages, base, origin)
    pages = [link for link in linked if not _may_change_something(link)]
    found = dict.fromkeys([*assets, *[link for link in pages if link not in assets][:PAGES_LIMIT]])
    found.pop(path, None)
    return tuple(found)[:PATHS_LIMIT]


class _LinkReader(HTMLParser):
    """Collects links as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.assets: list[str] = []
        self.pages: list[str] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        link = attributes.get("href" if tag in ("a", "link", "base") else "src")
        if not link:
            return
        if tag == "a":
            self.pages.append(link)
        elif tag in ("link", "script", "img", "source"):
            self.assets.append(link)
        elif tag == "base" and not self.base:
            self.base = link


def _same_origin(links: Iterable[str], base: str, origin: str) -> list[str]:
    """The paths, with their query, of the links that stay on the server; each once."""
    found: dict[str, None] = {}
    for link in links:
        if len(found) > PATHS_LIMIT:
            break
        try:
            parts = urlsplit(urljoin(base, link.strip()))
        except ValueError:  # brackets that are no address
            continue
        whole = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if f"{parts.scheme}://{parts.netloc}" == origin and len(whole) <= PATH_LENGTH_LIMIT and _PATH.fullmatch(whole):
            found[whole] = None
    return list(found)


def _may_change_something(path: str) -> bool:
    return any(word in path.lower() for word in FORBIDDEN_WORDS)
