"""Requests as text and as bytes, and the answers to them."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.verify.observe.http_request import CLOSED, NOT_HTTP, parse_answer, parse_probe, request_bytes
from dockerslim.verify.options import HttpProbe

GET = HttpProbe("GET", "/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /x", HttpProbe("GET", "/x")),
        ("/x", HttpProbe("GET", "/x")),
        (" /x?a=1&b=2 ", HttpProbe("GET", "/x?a=1&b=2")),
        ("get /x", HttpProbe("GET", "/x")),
        ("HEAD /", HttpProbe("HEAD", "/")),
        ("POST /notes name=Grace", HttpProbe("POST", "/notes", "name=Grace")),
        ("POST /notes", HttpProbe("POST", "/notes")),
        ("GET :9090/metrics", HttpProbe("GET", "/metrics", port=9090)),
        (":9090/metrics", HttpProbe("GET", "/metrics", port=9090)),
        ('POST :8080/api {"a": 1}', HttpProbe("POST", "/api", '{"a": 1}', 8080)),
        ("DELETE /notes/1", HttpProbe("DELETE", "/notes/1")),
        ("/a:1", HttpProbe("GET", "/a:1")),
    ],
)
def test_a_probe(text: str, expected: HttpProbe) -> None:
    assert parse_probe(text, source="") == expected
    assert parse_probe(text).source == "--probe"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "written as"),
        ("GET", "begins with"),
        ("GET x", "begins with"),
        ("http://localhost/x", "begins with"),
        ("GET :80", "no path"),
        ("GET :0/", "not a port"),
        ("GET :70000/", "not a port"),
        ("GET :x/", "not a port"),
        ("GET :\u0663/", "not a port"),
        ("BREW /coffee", "not one of GET"),
        ("CONNECT /", "not one of GET"),
        ("GET /a b", "%20"),
        ("GET /\r\nHost: x", "control characters"),
        ("POST / a\x00b", "control characters"),
        ("/" + "a" * 5000, "at most"),
        ("POST / " + "a" * 200_000, "at most"),
    ],
)
def test_what_is_no_probe(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_probe(text)


@given(st.text(max_size=30))
def test_a_request_is_one_request(text: str) -> None:
    try:
        probe = parse_probe(text)
    except ValueError:
        return
    head, end, _ = request_bytes(probe, 80).partition(b"\r\n\r\n")
    assert end
    assert head.startswith(f"{probe.method} /".encode())
    assert len(head.split(b"\r\n")[0].split(b" ")) == 3


def test_the_bytes() -> None:
    assert request_bytes(HttpProbe("GET", "/a?b=c%20d"), 8080) == (
        b"GET /a?b=c%20d HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: dockerslim\r\nAccept: */*\r\n"
        b"Connection: close\r\n\r\n"
    )
    form = request_bytes(HttpProbe("POST", "/", "a=\u00e9"), 80)
    assert b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 4\r\n" in form
    assert form.endswith(b"\r\n\r\na=\xc3\xa9")
    assert b"Content-Type: application/json" in request_bytes(HttpProbe("PUT", "/", ' {"a": 1}'), 80)
    assert b"Content-Length: 0" in request_bytes(HttpProbe("POST", "/"), 80)
    assert b"GET /%C3%A9 HTTP" in request_bytes(HttpProbe("GET", "/\u00e9"), 80)


def test_an_answer() -> None:
    raw = b"HTTP/1.1 302 Found\r\nContent-Type: text/html; charset=utf-8\r\nLocation: /b\r\nContent-Length: 2\r\n\r\nok"
    answer = parse_answer(raw, GET, 80)
    assert (answer.status, answer.content_type, answer.location, answer.body, answer.port) == (
        302,
        "text/html; charset=utf-8",
        "/b",
        b"ok",
        80,
    )


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n9\r\nc", b"ab"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", b"ab"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.1 200 OK\nContent-Length: 1\n\na", b"a"),
    ],
)
def test_bodies(raw: bytes, body: bytes) -> None:
    answer = parse_answer(raw, GET, 80)
    assert (answer.status, answer.body.startswith(body)) == (200, True)


def test_a_head_has_no_body() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
    assert parse_answer(raw, HttpProbe("HEAD", "/"), 80).body == b""


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", CLOSED),
        (b"-ERR unknown command\r\n", NOT_HTTP),
        (b"SSH-2.0-x\r\n", NOT_HTTP),
        (b"\x15\x03\x01\x00\x02\x02\x16", NOT_HTTP),
        (b"\x00" * 100_000, NOT_HTTP),
        (b"HTTP/1.1 abc\r\n\r\n", NOT_HTTP),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500, NOT_HTTP),
    ],
)
def test_no_answer(raw: bytes, reason: str) -> None:
    answer = parse_answer(raw, GET, 80)
    assert (answer.status, answer.body) == (0, reason.encode())


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_an_answer(raw: bytes, is_http: bool) -> None:
    parse_answer((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" if is_http else b"") + raw, GET, 80)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_is_unpacked(encoding: str) -> None:
    body = gzip.compress(b"hello") if encoding == "gzip" else zlib.compress(b"hello")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {{}}\r\n\r\n"

    for sent, expected in ((body, b"hello"), (b"no gzip", b"no gzip")):
        raw = head.format(len(sent)).encode() + sent
        assert parse_answer(raw, HttpProbe("GET", "/"), 80).body == expected
