"""Requests as a person writes them, as bytes, and what came back for them.

The bytes travel through the helper container, so there is no socket here; http.client reads the answer.
"""

from __future__ import annotations

import io
import re
import zlib
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.options import HttpProbe

if TYPE_CHECKING:
    from socket import socket

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
READING_METHODS = frozenset({"GET", "HEAD"})
"""They change nothing on a server, so that they can be sent again, and before others."""

BODY_LIMIT = 100_000
"""Bytes of a request's body."""

PATH_LIMIT = 4_000
"""Characters of a path; most servers refuse longer ones."""

UNPACKED_LIMIT = 10_000_000
"""Bytes of a body that came compressed."""

_GZIP_OR_ZLIB = 47
"""For zlib: take either head, whatever the window."""

CONNECTION_REFUSED = "connection refused"
CLOSED = "closed without an answer"
NOT_HTTP = "not HTTP"

_PROBE = re.compile(r"(?:(?P<method>[A-Za-z]+)\s+)?(?P<target>\S+)(?:\s+(?P<body>\S.*))?", re.DOTALL)
_PORT = re.compile(r":(?P<port>[^/]*)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SENT_AS_IT_IS = "/?%:@!$&'()*+,;=-._~[]|"


def parse_probe(text: str, source: str = "--probe") -> HttpProbe:
    """The request in `[METHOD] [:PORT]/path [BODY]`; GET where no method is said.

    Raises ValueError, with a sentence that says what is wrong.
    """
    text = text.strip()
    if _CONTROL.search(text):
        raise ValueError("a request has no control characters and no line breaks in it")
    match = _PROBE.fullmatch(text)
    if match is None:
        raise ValueError("a request is written as `GET /path`")
    method, target, body = (match["method"] or "GET").upper(), match["target"], match["body"] or ""
    if method not in METHODS:
        raise ValueError(f"the method `{method}` is not one of {', '.join(METHODS)}")
    port = _PORT.match(target)
    path = target[port.end() :] if port else target
    if not path.startswith("/"):
        raise ValueError(f"the path of a request begins with `/`: `{path}`" if path else "the request has no path")
    if len(path) > PATH_LIMIT:
        raise ValueError(f"a path has at most {PATH_LIMIT} characters")
    if body and method in READING_METHODS:
        raise ValueError(f"a {method} sends no body; a space in a path is written as `%20`")
    if len(body.encode("utf-8", "replace")) > BODY_LIMIT:
        raise ValueError(f"a body has at most {BODY_LIMIT} bytes")
    return HttpProbe(method, path, body, _port_number(port["port"]) if port else None, source)


def _port_number(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 5 else 0
    if not 0 < number < 65536:
        raise ValueError(f"`{text}` is not a port")
    return number


def request_bytes(probe: HttpProbe, port: int) -> bytes:
    """The request as HTTP/1.1 sends it."""
    headers = [
        f"{probe.method} {quote(probe.path, safe=_SENT_AS_IT_IS)} HTTP/1.1",
        f"Host: localhost:{port}",
        "User-Agent: dockerslim",
        "Accept: */*",
        "Connection: close",
    ]
    body = probe.body.encode("utf-8", "replace")
    if body:
        is_json = body.lstrip()[:1] in (b"{", b"[")
        headers.append(f"Content-Type: {'application/json' if is_json else 'application/x-www-form-urlencoded'}")
    if body or probe.method not in READING_METHODS:
        headers.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*headers, "", ""]).encode("ascii") + body


def parse_answer(raw: bytes, probe: HttpProbe, port: int) -> Answer:
    """What a server sent on the whole connection; what is missing at the end of a body is left out."""
    if not raw:
        return no_answer(probe, port, CLOSED)
    response = HTTPResponse(cast("socket", _Received(raw)), method=probe.method)
    try:
        response.begin()
        content_type = response.getheader("Content-Type") or ""
        location = response.getheader("Location") or ""
        body = _unpacked(_body(response), response.getheader("Content-Encoding") or "")
    except (HTTPException, ValueError, OSError):
        return no_answer(probe, port, NOT_HTTP)
    return Answer(probe, port, response.status, content_type, location, body)


def no_answer(probe: HttpProbe, port: int, reason: str) -> Answer:
    """The answer that stands for none."""
    return Answer(probe, port, 0, body=reason.encode())


def _body(response: HTTPResponse) -> bytes:
    try:
        return response.read()
    except IncompleteRead as error:
        return error.partial


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The body without the compression that some servers use unasked; as it is where it can't be taken off.

    The same text compressed twice need not be the same bytes: gzip has the time in its head.
    """
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    try:
        return zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, UNPACKED_LIMIT)
    except zlib.error:
        return body


class _Received:
    """What http.client takes for a socket: all bytes are there already."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.raw)
