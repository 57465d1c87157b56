"""Answers of two servers to the same requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dockerslim.verify.compare.compare_answers import answer_findings, are_failures
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.options import HttpProbe

PAGE = Answer(HttpProbe("GET", "/"), 80, 200, "text/html; charset=utf-8", body=b"<h1>Shop</h1>\n<p>open</p>\n")
PORTS = frozenset({80})


def compared(before: Answer, after: Answer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = answer_findings([before], [after], PORTS)
    return tuple(difference.sentence for difference in found.differences), found.notes


def test_the_same_answer() -> None:
    found = answer_findings([PAGE], [PAGE], PORTS)

    assert (found.differences, found.notes, found.checks) == ((), (), ("GET :80/ 200",))
    assert found.is_proof


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"status": 404, "content_type": "text/plain", "body": b"not found"},
            "GET :80/: 200 text/html; charset=utf-8 before, 404 text/plain after",
        ),
        ({"content_type": ""}, "GET :80/: 200 text/html; charset=utf-8 before, 200 after"),
        (
            {"content_type": "text/html; charset=latin-1"},
            "GET :80/: 200 text/html; charset=utf-8 before, 200 text/html; charset=latin-1 after",
        ),
        ({"body": b""}, "GET :80/: 200, 26 bytes before, 200, 0 bytes after"),
        ({"status": 0, "body": b"closed without an answer"}, None),
        ({"status": 302, "location": "/login"}, None),
    ],
)
def test_harm(changed: dict[str, object], sentence: str | None) -> None:
    differences, _ = compared(PAGE, replace(PAGE, **changed))  # type: ignore[arg-type]

    assert len(differences) == 1
    assert sentence in (None, *differences)


def test_a_difference_of_bodies_is_a_diff() -> None:
    (difference,) = answer_findings([PAGE], [replace(PAGE, body=b"<h1>Shop</h1>\n<p>closed</p>\n")], PORTS).differences

    assert difference.detail == " <h1>Shop</h1>\n-<p>open</p>\n+<p>closed</p>\n "


def test_what_a_server_says_instead() -> None:
    after = replace(PAGE, status=500, body=b"panic: open index.html: no such file")

    assert answer_findings([PAGE], [after], PORTS).differences[0].detail == "panic: open index.html: no such file"


@pytest.mark.parametrize(
    "after",
    [
        replace(PAGE, content_type='Text/HTML;charset="UTF-8"'),
        replace(PAGE, varies=True, body=b"something else"),
        replace(PAGE, body=PAGE.body),
    ],
)
def test_what_does_no_harm(after: Answer) -> None:
    assert compared(PAGE, after)[0] == ()


def test_a_body_that_varies_is_told() -> None:
    assert compared(replace(PAGE, varies=True), replace(PAGE, body=b"x"))[1] == (
        "GET :80/: the body differs from one request to the next, so only status and type were compared",
    )


def test_what_was_normalised_is_shown() -> None:
    before, after = replace(PAGE, body=b"<p>11:33:45</p>"), replace(PAGE, body=b"<p>12:01:02</p>")

    assert compared(before, after) == (
        (),
        (
            "GET :80/: only dates, ids, addresses and the like differ,"
            " as in `<p>11:33:45</p>` before, `<p>12:01:02</p>` after",
        ),
    )


def test_redirects_are_compared_without_what_is_drawn_by_lot() -> None:
    before = replace(PAGE, status=302, location="/login?token=abcdefghijklmnop1", body=b"")

    assert compared(before, replace(before, location="/login?token=qrstuvwxyzabcdef2")) == ((), ())
    assert len(compared(before, replace(before, location="/elsewhere"))[0]) == 1


def test_binary_bodies_by_their_hash() -> None:
    image = replace(PAGE, content_type="image/png", body=b"\x89PNG\0" * 9)
    (difference,) = answer_findings([image], [replace(image, body=b"\x89PNG\0" * 8)], PORTS).differences

    assert "sha256" in difference.detail


def test_another_page_about_an_error_is_a_note() -> None:
    error = replace(PAGE, status=500, body=b"at /usr/local/lib")

    assert compared(error, replace(error, body=b"at /opt/venv/lib"))[0] == ()


def test_the_same_request_twice_is_compared_in_its_order() -> None:
    one, two = replace(PAGE, body=b"0"), replace(PAGE, body=b"1")

    assert answer_findings([one, two], [one, two], PORTS).differences == ()
    assert len(answer_findings([one, two], [two, one], PORTS).differences) == 2


def test_ports_that_are_not_open_in_both_are_told_elsewhere() -> None:
    assert answer_findings([PAGE], [], frozenset()).differences == ()


def test_what_was_asked_of_one_alone_is_told() -> None:
    assert answer_findings([PAGE], [], PORTS).notes == ("GET :80/: asked of the original alone",)


def test_no_http_at_all_is_weak() -> None:
    raw = replace(PAGE, status=0, content_type="", body=b"not HTTP")
    found = answer_findings([raw], [raw], PORTS)

    assert found.checks == ("GET :80/: not HTTP",)
    assert found.notes == ("nothing answered over HTTP, so only that the ports are open was compared",)


def test_no_content_is_weak() -> None:
    missing = replace(PAGE, status=404)

    assert compared(missing, missing) == ((), ("no request found anything: give --probe 'GET /path'",))


def test_a_note_that_many_requests_share_is_told_once() -> None:
    answers = [replace(PAGE, probe=HttpProbe("GET", f"/{name}"), varies=True) for name in "abcde"]
    (note,) = answer_findings(answers, [replace(answer, body=b"x") for answer in answers], PORTS).notes

    assert note.startswith("GET :80/a, GET :80/b, GET :80/c and 2 more: the body differs from one request")


def test_what_a_second_run_of_the_original_answers_otherwise_is_chance() -> None:
    page, other = (replace(PAGE, body=body) for body in (b"<p>alpha</p>", b"<p>omega</p>"))
    found = answer_findings([page], [other], PORTS, [replace(PAGE, body=b"<p>beta</p>")])

    assert (found.differences, found.checks, found.is_proof) == ((), ("GET :80/ 200",), True)
    assert "from one run of the original to the next" in found.notes[0]
    assert answer_findings([page], [other], PORTS, [page]).differences


def test_a_status_that_is_another_each_time_proves_nothing() -> None:
    found = answer_findings([PAGE], [replace(PAGE, status=404)], PORTS, [replace(PAGE, status=503)])

    assert (found.differences, found.is_proof) == ((), False)
    assert "not the same each time" in found.notes[0]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [((500,), True), ((500, 404), True), ((404,), False), ((500, 200), False), ((500, 401), False), ((0,), False)],
)
def test_a_server_that_answers_with_errors_alone(statuses: tuple[int, ...], expected: bool) -> None:
    assert are_failures([replace(PAGE, status=status) for status in statuses]) == expected
