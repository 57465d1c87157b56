"""What a server is asked, in which order, and what is seen to vary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from dockerslim.verify.observe.asking import Questioner, Request
from dockerslim.verify.observe.http_request import parse_probe
from dockerslim.verify.observe.observation import Answer
from dockerslim.verify.observe.probe_paths import HEALTH_PATHS
from dockerslim.verify.observe.probe_plan import ProbePlan
from dockerslim.verify.options import HttpProbe

PORT = 8080


class Server:
    """Answers from a table of `METHOD path` to status and body, and notes what it was asked."""

    def __init__(self, pages: dict[str, tuple[int, str | Callable[[], str]]], location: str = "", ports: int = PORT):
        self.pages = pages
        self.location = location
        self.ports = ports
        self.asked: list[str] = []
        self.waited = 0.0

    def ask(self, requests: Sequence[Request]) -> list[Answer]:
        return [self.answer(*request) for request in requests]

    def answer(self, probe: HttpProbe, port: int) -> Answer:
        request = f"{probe.method} {probe.path}"
        self.asked.append(request)
        status, body = self.pages.get(request, (404, "not found"))
        text = body if isinstance(body, str) else body()
        location = self.location if 300 <= status < 400 else ""
        return Answer(probe, port, status, "text/html; charset=utf-8", location, text.encode())

    def sleep(self, seconds: float) -> None:
        self.waited += seconds

    def questioner(self, normalise: Callable[[bytes], bytes] = bytes) -> Questioner:
        return Questioner(self.ask, normalise, sleep=self.sleep)


def shown(answers: tuple[Answer, ...]) -> list[str]:
    return [f"{answer.probe.method} {answer.probe.path} {answer.status}" for answer in answers]


def test_the_root_health_and_links() -> None:
    server = Server(
        {
            "GET /": (200, "<script src=/a.js></script><a href=/b>b</a><a href=/logout>x</a>"),
            "GET /a.js": (200, "1"),
            "GET /own": (200, "well"),
            "GET /ping": (200, "pong"),
        }
    )
    plan = ProbePlan((HttpProbe("GET", "/own", source="HEALTHCHECK"), HttpProbe("GET", "/other", port=1)))
    answers = server.questioner().ask_plan(plan, {PORT})
    assert shown(answers) == [
        "GET / 200",
        "GET /own 200",
        "GET /health 404",
        "GET /ping 200",
        "GET /a.js 200",
        "GET /b 404",
    ]
    assert all(answer.probe.port == PORT and answer.probe.source for answer in answers)
    assert answers[4].probe.source == "link of /"
    assert not any(answer.varies for answer in answers)


def test_a_redirect_is_followed_on_the_same_server() -> None:
    server = Server({"GET /": (302, ""), "GET /login/": (200, "<img src=x.png>")}, location="/login/#top")
    answers = server.questioner().ask_plan(ProbePlan(), {PORT})
    assert shown(answers)[:2] == ["GET / 302", "GET /login/ 200"]
    assert answers[1].probe.source == "redirect of /"
    assert "GET /login/x.png 404" in shown(answers)
    for location in ("https://example.com/", "http://localhost:80800/", "http://[x", "/a b", "/"):
        server = Server({"GET /": (302, "")}, location=location)
        assert shown(server.questioner().ask_plan(ProbePlan(), {PORT}))[:2] == ["GET / 302", "GET /health 404"]


def test_a_loop_of_redirects_ends() -> None:
    numbers = count()
    server = Server({})

    def ask(requests: Sequence[Request]) -> list[Answer]:
        return [Answer(probe, port, 302, location=f"/{next(numbers)}") for probe, port in requests]

    answers = Questioner(ask, bytes, sleep=server.sleep).ask_plan(ProbePlan(), {PORT})
    assert sum(answer.probe.source.startswith("redirect") for answer in answers) == 3


def test_a_port_without_http_is_asked_no_more() -> None:
    server = Server({"GET /": (0, "not HTTP")})
    plan = ProbePlan((HttpProbe("GET", "/own"),))
    assert shown(server.questioner().ask_plan(plan, {5432})) == ["GET / 0"]
    assert server.asked == ["GET /"]


def test_a_port_that_answers_late_is_asked_again() -> None:
    tries = iter([(0, "connection refused"), (0, "closed without an answer"), (200, "up"), (200, "up")])
    server = Server({})

    def answer(probe: HttpProbe, port: int) -> Answer:
        status, body = next(tries) if probe.path == "/" else (404, "")
        return Answer(probe, port, status, body=body.encode())

    def ask(requests: Sequence[Request]) -> list[Answer]:
        return [answer(*request) for request in requests]

    answers = Questioner(ask, bytes, sleep=server.sleep).ask_plan(ProbePlan(), {PORT})
    assert answers[0].status == 200
    assert server.waited == 2.0


def test_given_requests_keep_their_order() -> None:
    server = Server({"GET /": (200, "hello"), "GET /notes": (200, "[]"), "POST /notes": (201, "")})
    given = tuple(map(parse_probe, ("/notes", "POST /notes a=1", "/notes", "DELETE /notes/1", "HEAD /notes")))
    answers = server.questioner().ask_plan(ProbePlan(given=given), {PORT})
    assert shown(answers)[2:] == [
        "GET /notes 200",
        "POST /notes 201",
        "GET /notes 200",
        "DELETE /notes/1 404",
        "HEAD /notes 404",
    ]
    # What only reads is asked twice; all of it has been before the first request that changes something.
    assert server.asked[server.asked.index("POST /notes") :] == [
        "POST /notes",
        "GET /notes",
        "GET /notes",
        "DELETE /notes/1",
        "HEAD /notes",
        "HEAD /notes",
    ]
    assert server.asked.count("POST /notes") == 1


def test_given_requests_and_ports() -> None:
    server = Server({"GET /": (200, "x")})
    given = (parse_probe("/a"), parse_probe(":9999/b"), parse_probe("/"), parse_probe("POST /c"))
    answers = server.questioner().ask_plan(ProbePlan(given=given), {1, 2})
    assert [(answer.probe.path, answer.port) for answer in answers if answer.probe.source == "--probe"] == [
        ("/a", 1),
        ("/a", 2),
        ("/b", 9999),
        ("/c", 1),
        ("/c", 2),
        ("/c", 9999),
    ]


def test_what_varies() -> None:
    numbers = count()
    pages: dict[str, tuple[int, str | Callable[[], str]]] = {
        "GET /": (200, lambda: f"visit {next(numbers)}"),
        "GET /x": (200, "x"),
    }
    given = (parse_probe("/x"), parse_probe("POST /"), parse_probe("/"))
    answers = Server(pages).questioner().ask_plan(ProbePlan(given=given), {PORT})
    assert [(a.probe.shown, a.varies) for a in answers if a.status == 200] == [
        ("GET :8080/", True),
        ("GET :8080/x", False),
        ("GET :8080/", True),
    ]
    digitless = Server(pages).questioner(lambda body: body.rstrip(b"0123456789"))
    assert not any(answer.varies for answer in digitless.ask_plan(ProbePlan(given=given), {PORT}))


def test_the_same_requests_again() -> None:
    pages: dict[str, tuple[int, str | Callable[[], str]]] = {"GET /": (200, "<a href=/b>b</a>"), "GET /b": (200, "b")}
    given = (parse_probe("POST /c"), parse_probe("/b"))
    first = Server(pages).questioner().ask_plan(ProbePlan(given=given), {PORT})
    other = Server({"GET /": (200, "<a href=/z>z</a>")})
    second = other.questioner().ask_same(first)
    assert [answer.probe for answer in second] == [answer.probe for answer in first]
    assert other.asked.count("POST /c") == 1


def test_what_a_linked_page_can_not_do_without() -> None:
    server = Server(
        {"GET /": (200, "<a href=/about>x</a>"), "GET /about": (200, "<img src=/deep.png><a href=/further>x</a>")}
    )
    answers = shown(server.questioner().ask_plan(ProbePlan(), {PORT}))

    assert answers[-2:] == ["GET /about 200", "GET /deep.png 404"]
    assert "GET /further" not in server.asked


def test_a_page_for_any_path_is_told_once() -> None:
    pages = {f"GET {path}": (200, "<p>app</p>") for path in ("/", *HEALTH_PATHS)}
    pages["GET /ping"] = (200, "pong")
    answers = shown(Server(pages).questioner().ask_plan(ProbePlan(), {PORT}))  # type: ignore[arg-type]

    assert answers == ["GET / 200", "GET /health 200", "GET /ping 200"]


def test_what_can_be_asked_at_once_is() -> None:
    server, calls = Server({"GET /": (200, "<a href=/b>b</a>")}), list[int]()

    def ask(requests: Sequence[Request]) -> list[Answer]:
        calls.append(len(requests))
        return server.ask(requests)

    given = (parse_probe("POST /c"), parse_probe("/c"))
    first = Questioner(ask, bytes).ask_plan(ProbePlan(given=given), {PORT})
    assert len(calls) == 4  # the root; health paths and links; all again; what was given
    calls.clear()
    Questioner(ask, bytes).ask_same(first)
    assert len(calls) == 4
