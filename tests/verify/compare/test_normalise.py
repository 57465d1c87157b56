"""What differs between two runs of one program is taken out, what means something stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.verify.compare.normalise import is_binary, normalise, normalise_text
from dockerslim.verify.compare.volatile_text import is_random

NOW = 1_795_520_000.0

VOLATILE = {
    "ISO with fraction and zone": ("2026-11-24T11:33:45.123456Z", "«date»T«time»Z"),
    "ISO with offset": ("at 2026-11-24T11:33:45+02:00,", "at «date»T«time»+02:00,"),
    "ISO to the minute": ("2026-11-24T11:33", "«date»T«time»"),
    "ISO without separators": ("20261124T113345Z", "«date»T«time»Z"),
    "Python's log": ("2026-11-24 11:33:45,123 INFO", "«date» «time» INFO"),
    "Go's time": ("2026-11-24 11:33:45.12 +0000 UTC m=+0.000123", "«date» «time» +0000 UTC m=«duration»"),
    "Go's log": ("2026/11/24 11:33:45 listening", "«date» «time» listening"),
    "RFC 1123": ("Tue, 24 Nov 2026 11:33:45 GMT", "«date» «time» GMT"),
    "C library": ("Tue Nov 24 11:33:45 2026", "«date»"),
    "date command": ("Tue Nov 24 11:33:45 UTC 2026", "«date»"),
    "JavaScript": ("Tue Nov 24 2026 11:33:45 GMT+0000 (UTC)", "«date» «time» GMT+0000 (UTC)"),
    "common log format": ("[24/Nov/2026:11:33:45 +0000]", "[«date»:«time» +0000]"),
    "werkzeug": ('- - [24/Nov/2026 11:33:45] "GET / HTTP/1.1" 200 -', '- - [«date» «time»] "GET / HTTP/1.1" 200 -'),
    "named month": ("Nov 24, 2026", "«date»"),
    "whole month": ("November 24th, 2026 - 11:33:45", "«date» - «time»"),
    "day first": ("24 November 2026", "«date»"),
    "American, noon clock": ("11/24/2026, 11:33:45 AM", "«date», «time»"),
    "German": ("24.11.2026", "«date»"),
    "syslog": ("Nov 24 11:33:45 app[7]: up", "«date» app[«pid»]: up"),
    "glog": ("W1124 11:33:45.123456 1 server.go:12] x", "W«date» «time» 1 server.go:12] x"),
    "clock": ("it is 11:33 pm", "it is «time»"),
    "milliseconds": ("GET / 200 12.3 ms - 12", "GET / 200 «duration» - 12"),
    "Ready in": ("Ready in 2s", "Ready in «duration»"),
    "seconds": ("took 1.234567 seconds", "took «duration»"),
    "Go duration": ("1m2.3s", "«duration»"),
    "microseconds": ("12µs 3us", "«duration» «duration»"),
    "uptime of JSON": ('{"uptime":12.3,"x":3}', '{"uptime":«duration»,"x":3}'),
    "UUID": ("0f8fad5b-d9cb-469f-a165-70867728950e", "«uuid»"),
    "container id": ("host 3f2a9c81b0d4", "host «id»"),
    "hash": ("a" * 32 + "1" * 32, "«id»"),
    "address with a client's port": ("172.18.0.2:53211 - GET", "«address»:«port» - GET"),
    "client on loopback": ("127.0.0.1:54321 - GET", "127.0.0.1:«port» - GET"),
    "IPv6": ("from fe80::42:acff:fe11:2", "from «address»"),
    "mapped": ("::ffff:172.18.0.2", "::ffff:«address»"),
    "network card": ("02:42:ac:11:00:02", "«address»"),
    "gunicorn": ("[2026-11-24 11:33:45 +0000] [7] [INFO] x", "[«date» «time» +0000] [«pid»] [INFO] x"),
    "gunicorn's worker": ("Booting worker with pid: 8", "Booting worker with pid: «pid»"),
    "uvicorn": ("Started server process [7]", "Started server process [«pid»]"),
    "pid of a key": ('pid=7 "pid": 12', 'pid=«pid» "pid": «pid»'),
    "node": ("(node:7) Warning", "(node:«pid») Warning"),
    "Nest": ("[Nest] 7  - LOG", "[Nest] «pid»  - LOG"),
    "build of SvelteKit": ("kit.init(__sveltekit_116uyus)", "kit.init(__sveltekit_«token»)"),
    "build of SvelteKit without digits": ("__sveltekit_xqoert = {", "__sveltekit_«token» = {"),
    "build of Next in a stream": (r"\"b\":\"ZPZGPzf-DviklyUmGMa-i\"}", r"\"b\":\"«token»\"}"),
    "build of Next in its data": ('"buildId":"ZPZGPzf-DviklyUmGMa-i",', '"buildId":"«token»",'),
    "build of Next in a path": ("/_next/static/ZPZGPzf-DviklyUmGMa-i/_ssg.js", "/_next/static/«token»/_ssg.js"),
    "error of gRPC": (
        'x {created_time:"2026-11-24T19:20:21.123456789+00:00", grpc_status:14}',
        "x {grpc_status:14}",
    ),
    "error of gRPC in another order": (
        'x {grpc_status:14, created_time:"2026-11-24T19:20:21.123456789+00:00"}',
        "x {grpc_status:14}",
    ),
    "nginx": ("[notice] 1#1: start", "[notice] «pid»#«pid»: start"),
    "Python object": ("<App at 0x7f12ab34cd50>", "<App at «memory»>"),
    "epoch seconds": ("1795520001 and 1795520001.25", "«epoch» and «epoch»"),
    "epoch milliseconds": ('{"t":1795520001123}', '{"t":«epoch»}'),
    "field of a form": (
        '<input type="hidden" name="csrf_token" value="abcdefghijklmnop1">',
        '<input type="hidden" name="csrf_token" value="«token»">',
    ),
    "meta": (
        '<meta name="csrf-token" content="IjFhYmNkZWZnaGlq.Zx1">',
        '<meta name="csrf-token" content="«token»">',
    ),
    "nonce": ("script-src 'nonce-abcdefghijABCDEFGHIJ=='", "script-src 'nonce-«token»'"),
    "request id": ("request_id=abcdefgh-ijklmnop-12", "request_id=«token»"),
    "JSON web token": ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", "«token».«token»"),
    "base64": ("key Zm9vYmFyMTIzNDU2Nzg5MA==", "key «token»"),
}

MEANT = [
    "1.2.3 v20.11.1 3.12 1.2.3.4 Chrome/120.0.0.0",
    "$12.34, 1,234 items, 42 %, 12 kg, 5s, 30 seconds",
    "#ff0000 #a1b2c3d4 0xff 0xff0000",
    '{"ids": [7], "count": 12, "ok": true}',
    "listening on 0.0.0.0:8080, http://127.0.0.1:3000, [::]:8080, ::1 and :9090",
    "8.8.8.8 999.1.1.1",
    "getElementsByClassName application_controller_name Content-Security-Policy",
    "my-post-about-node-20-and-react-18 internationalization text-decoration-color",
    "index-BxK3f9aQ.js main.0a1b2c3d.css",
    "123456789012 1234567890 4111111111111111",
    "std::string a::b ::before a:hover {color:red}",
    "address already in use :::8080",
    "+0000 UTC Z May I",
    "Dec 2024 to Jan 2025, 11:33",
    "9 processes in process 3",
    "<script src='/static/js/main.js'></script>",
    "__sveltekit_dev = {}",
    "session: disabled",
    "panic: runtime error: index out of range [5] with length 3",
]


@pytest.mark.parametrize(("text", "expected"), VOLATILE.values(), ids=VOLATILE.keys())
def test_what_differs_between_runs_is_replaced(text: str, expected: str) -> None:
    assert normalise_text(text, NOW) == expected
    assert normalise_text(expected, NOW) == expected


@pytest.mark.parametrize("text", MEANT)
def test_what_means_something_stays(text: str) -> None:
    assert normalise_text(text, NOW) == text


def test_an_epoch_long_ago_is_a_number() -> None:
    assert normalise_text("1000000000 2000000000 1000000000000", NOW) == "1000000000 2000000000 1000000000000"


def test_now_is_near_now() -> None:
    assert normalise_text(f"{int(time.time())}") == "«epoch»"


PIECES = st.sampled_from(
    [text for text, _ in VOLATILE.values()]
    + MEANT
    + [*"0aZ9:.-_/=+ \n\"'[](),T«»", "1234567890", "pid", "token", "«date»"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_second_time_changes_nothing(text: str) -> None:
    once = normalise_text(text, NOW)

    assert normalise_text(once, NOW) == once


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(body: bytes) -> None:
    once = normalise(body, NOW)

    assert normalise(once, NOW) == once


def test_a_binary_body_stays_as_it_is() -> None:
    image = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR 2026-11-24"

    assert normalise(image) == image
    assert is_binary(bytes(range(128, 256)))


def test_a_page_in_latin_1_is_text() -> None:
    page = "Größe geändert am 24.11.2026, ganz am Ende der Seite".encode("latin-1")

    assert normalise(page) == page.replace(b"24.11.2026", "«date»".encode())


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "1", "a1", "1:", "1.", "a-1", "Ab3+/", "token=1", "sha256-", "aaaaaaaaaaaaaaaa=", "csrf-", "Monday, "),
        *("2026-11-24T11:33:4", "pid ", "1h1m1.1", "took 1 ", "uptime_", " ", "ab:cd:", "sid: ", "nonce=nonce"),
    ],
)
def test_time_grows_with_the_length_alone(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.perf_counter()

    normalise_text(text)

    assert time.perf_counter() - start < 5, "a body of two megabytes would take minutes"


@pytest.mark.parametrize("token", ["dQw4w9WgXcQ8aB2k", "cjld2cjxh0000qzrmn831i7rn", "a8f5f167f44f4964e6c998de"])
def test_what_is_drawn_by_lot_looks_so(token: str) -> None:
    assert is_random(token)


@pytest.mark.parametrize(
    "token", ["abcdefghijklmnop", "ContentSecurityPolicy2", "utf8mb4_unicode_ci", "1234567890123456"]
)
def test_what_somebody_named_does_not(token: str) -> None:
    assert not is_random(token)
