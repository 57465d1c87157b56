"""The links of a page."""

from __future__ import annotations

import time

import pytest

from dockerslim.verify.observe.linked_paths import PAGES_LIMIT, PATHS_LIMIT, linked_paths

ORIGIN = "http://localhost:8080"


def links(page: str, path: str = "/") -> tuple[str, ...]:
    return linked_paths(page.encode(), ORIGIN, path)


def test_files_come_before_pages() -> None:
    page = """<!doctype html><a href="about">About</a><LINK rel=stylesheet href='/style.css?v=1'>
        <script src="js/app.js"></script><img src=logo.png><source src="/v.mp4"><form action="/send"></form>"""
    assert links(page) == ("/style.css?v=1", "/js/app.js", "/logo.png", "/v.mp4", "/about")


@pytest.mark.parametrize(
    ("link", "path", "expected"),
    [
        ("b", "/a/", "/a/b"),
        ("b", "/a", "/b"),
        ("../b", "/a/c/", "/a/b"),
        ("/b#top", "/", "/b"),
        ("?page=2", "/a", "/a?page=2"),
        ("http://localhost:8080/b", "/", "/b"),
        ("//localhost:8080/b", "/", "/b"),
        (" /b ", "/", "/b"),
        ("/b&amp;c", "/", "/b&c"),
    ],
)
def test_a_link_is_resolved(link: str, path: str, expected: str) -> None:
    assert links(f'<a href="{link}">x</a>', path) == (expected,)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "#top",
        "/",
        "http://localhost:9090/x",
        "https://localhost:8080/x",
        "https://example.com/x",
        "//example.com/x",
        "mailto:a@example.com",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "http://[x",
        "/a b",
        "/\u00e9",
        "/users/logout",
        "/notes/1/Delete",
        "/remove?id=1",
        "/sign-out",
        "/" + "a" * 2000,
    ],
)
def test_a_link_that_is_not_followed(link: str) -> None:
    assert links(f'<a href="{link}">x</a>') == ()


def test_a_script_may_be_called_anything() -> None:
    assert links('<script src="/delete.js"></script>') == ("/delete.js",)


def test_a_base() -> None:
    assert links('<base href="/app/"><script src="x.js"></script>') == ("/app/x.js",)
    assert links('<base href="https://example.com/"><script src="x.js"></script>') == ()


def test_limits() -> None:
    assert len(links("".join(f"<a href=/{number}>" for number in range(100)))) == PAGES_LIMIT
    assert len(links("".join(f"<img src=/{number}><a href=/p{number}>" for number in range(100)))) == PATHS_LIMIT
    assert links('<img src="/a"><img src="/a"><a href="/a">') == ("/a",)


@pytest.mark.parametrize(
    "part", ["<!--", "<a ", "<!", "<a href='", "<?", "</a", "<![CDATA[", "&#", "<script>", "<" * 9]
)
def test_a_hostile_page_takes_no_time(part: str) -> None:
    start = time.perf_counter()
    linked_paths(part.encode() * (2_000_000 // len(part)), ORIGIN, "/")
    assert time.perf_counter() - start < 5


def test_without_pages() -> None:
    page = b"<a href=/about>x</a><img src=/logo.png>"
    assert linked_paths(page, ORIGIN, "/", assets_only=True) == ("/logo.png",)
