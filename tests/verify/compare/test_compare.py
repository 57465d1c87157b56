"""The verdict on two images: each harm is seen, and what does no harm is not taken for one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockerslim.verify.compare.compare import compare, may_be_chance, outcome
from dockerslim.verify.engine.image_configuration import ImageConfiguration
from dockerslim.verify.image.writable import Unwritable
from dockerslim.verify.observe.observation import Answer, CommandRun, Observation
from dockerslim.verify.options import HttpProbe
from dockerslim.verify.verification import Comparison

CONFIGURATION = ImageConfiguration(
    "sha256:1",
    900,
    ("a", "b"),
    environment={"PATH": "/usr/local/go/bin:/usr/bin", "GOPATH": "/go", "LANG": "C.UTF-8"},
    command=("./app",),
    working_folder="/app",
    ports=frozenset({"8080/tcp"}),
    labels={"team": "shop"},
)
PAGE = Answer(HttpProbe("GET", "/"), 8080, 200, "text/html", body=b"<p>at 11:33:45</p>")
ASSET = Answer(HttpProbe("GET", "/app.css"), 8080, 200, "text/css", body=b"p {}")
SERVER = Observation(
    CONFIGURATION,
    "serving",
    CommandRun((), None, "2026/11/24 11:33:45 listening on :8080\n"),
    ports=frozenset({8080}),
    answers=(PAGE, ASSET),
    health="healthy",
    uid=0,
)
WORKER = Observation(CONFIGURATION, "running", CommandRun((), None, "waiting for jobs\n"), uid=0)
TASK = Observation(CONFIGURATION, "exited", CommandRun((), 0, "3 rows\n"))
FAILING = Observation(CONFIGURATION, "exited", CommandRun((), 1, "connecting\nKeyError: 'DATABASE_URL'\n"))
HELP = CommandRun(("app", "--help"), 0, "usage: app\n")


def configured(observation: Observation, **changed: Any) -> Observation:
    return replace(observation, configuration=replace(observation.configuration, **changed))


def ended(exit_code: int | None, output: str = "", failure: str = "") -> Observation:
    state: Any = "not started" if failure else "exited"
    return Observation(CONFIGURATION, state, CommandRun((), exit_code, output, failure))


def printed(observation: Observation, output: str) -> Observation:
    return replace(observation, own_run=replace(observation.own_run, output=output))


def compared(before: Observation, after: Observation, **options: Any) -> Comparison:
    return compare(before, after, lost_with_base=frozenset({"GOPATH"}), changes=frozenset({"USER"}), **options)


HARM: dict[str, tuple[Observation, Observation, str]] = {
    "an asset is lost": (
        SERVER,
        replace(SERVER, answers=(PAGE, replace(ASSET, status=404, content_type="text/plain", body=b"404"))),
        "GET :8080/app.css: 200 text/css before, 404 text/plain after",
    ),
    "a template is lost": (
        SERVER,
        replace(SERVER, answers=(replace(PAGE, status=500), ASSET)),
        "GET :8080/: 200 text/html before, 500 text/html after",
    ),
    "media types are lost": (
        SERVER,
        replace(SERVER, answers=(PAGE, replace(ASSET, content_type="text/plain"))),
        "GET :8080/app.css: 200 text/css before, 200 text/plain after",
    ),
    "content is lost": (
        SERVER,
        replace(SERVER, answers=(replace(PAGE, body=b"<p></p>"), ASSET)),
        "GET :8080/: 200, 18 bytes before, 200, 7 bytes after",
    ),
    "the port moved": (
        SERVER,
        replace(SERVER, ports=frozenset({3000}), answers=()),
        "port 8080: open before, closed after",
    ),
    "a port more": (
        SERVER,
        replace(SERVER, ports=frozenset({8080, 9229})),
        "port 9229: closed before, open after",
    ),
    "a variable is lost": (
        SERVER,
        configured(SERVER, environment={"PATH": "/usr/bin"}),
        "ENV LANG: C.UTF-8 before, not set after",
    ),
    "a label is lost": (SERVER, configured(SERVER, labels={}), "label team: shop before, not set after"),
    "a declared port is lost": (
        SERVER,
        configured(SERVER, ports=frozenset()),
        "port 8080/tcp: declared before, not declared after",
    ),
    "it is no longer healthy": (
        SERVER,
        replace(SERVER, health="unhealthy"),
        "health check: healthy before, unhealthy after",
    ),
    "it never gets healthy": (
        SERVER,
        replace(SERVER, health="starting"),
        "health check: healthy before, starting after",
    ),
    "it can't be started": (
        SERVER,
        ended(None, failure="exec: ./app: no such file or directory"),
        "start: serves on 8080 before, can't be started after",
    ),
    "it crashes at the start": (
        SERVER,
        ended(127, "error while loading shared libraries"),
        "start: serves on 8080 before, exit code 127 after",
    ),
    "it ends at once": (SERVER, TASK, "start: serves on 8080 before, exit code 0 after"),
    "it opens no port": (SERVER, WORKER, "start: serves on 8080 before, keeps running after"),
    "it crashes when it is asked": (
        SERVER,
        replace(SERVER, stopped_by_itself=True, own_run=CommandRun((), 139, "Segmentation fault\n")),
        "after start: keeps running before, exit code 139 after",
    ),
    "it is killed for its memory": (
        SERVER,
        replace(SERVER, out_of_memory=True),
        "memory: enough before, out of memory after",
    ),
    "it became root": (
        replace(SERVER, uid=1000),
        SERVER,
        "user of the process: 1000 before, root after",
    ),
    "a server may not write": (
        SERVER,
        printed(SERVER, SERVER.own_run.output + "EACCES: permission denied, open '/app/log.txt'\n"),
        "log: no such line before, EACCES: permission denied, open '/app/log.txt' after",
    ),
    "a worker stops": (WORKER, ended(1, "boom"), "start: keeps running before, exit code 1 after"),
    "a worker stops later": (
        WORKER,
        replace(WORKER, stopped_by_itself=True, own_run=CommandRun((), 1, "boom")),
        "start: keeps running before, exit code 1 after",
    ),
    "a worker has a trace": (
        WORKER,
        printed(WORKER, "waiting for jobs\nTraceback (most recent call last):\n"),
        "log: no such line before, Traceback (most recent call last): after",
    ),
    "a task says something else": (
        TASK,
        ended(0, "4 rows\n"),
        "command: 1 line of output before, 1 other line of output after",
    ),
    "a task fails": (TASK, ended(1, "boom\n"), "start: exit code 0 before, exit code 1 after"),
    "another failure": (
        FAILING,
        ended(1, "ModuleNotFoundError: No module named 'app'\n"),
        "start: exit code 1: KeyError: 'DATABASE_URL' before,"
        " exit code 1: ModuleNotFoundError: No module named 'app' after",
    ),
    "another exit code": (FAILING, ended(2, FAILING.own_run.output), "start: exit code 1 before, exit code 2 after"),
    "it fails the same way but has lost a label": (
        FAILING,
        configured(FAILING, labels={}),
        "label team: shop before, not set after",
    ),
    "a command of the image is gone": (
        replace(FAILING, runs=(HELP,)),
        replace(FAILING, runs=(CommandRun(HELP.command, None, "", "no such file"),)),
        "`app --help`: exit code 0 before, can't be started after",
    ),
}


@pytest.mark.parametrize(("before", "after", "sentence"), HARM.values(), ids=HARM.keys())
def test_harm_is_seen(before: Observation, after: Observation, sentence: str) -> None:
    comparison = compared(before, after)

    assert comparison.verdict == "differs"
    assert sentence in [difference.sentence for difference in comparison.differences]


def test_what_the_new_user_cannot_write() -> None:
    refused = (
        Unwritable("/app/data", "root owns it and only its owner may write", ("/app/data/a", "/app/data/b")),
        Unwritable("/app/log", "root owns it", ("/app/log",)),
    )
    comparison = compared(SERVER, replace(SERVER, uid=1000), unwritable=refused, written=("/app/data/a",))

    assert comparison.verdict == "differs"
    assert [(d.sentence, d.detail) for d in comparison.differences] == [
        (
            "/app/data: written before, root owns it and only its owner may write after",
            "/app/data/a\n/app/data/b",
        ),
        ("/app/log: written before, root owns it after", ""),
    ]
    assert "1 path written" not in comparison.checks


NO_HARM: dict[str, tuple[Observation, Observation]] = {
    "nothing changed": (SERVER, SERVER),
    "the size changed": (SERVER, configured(SERVER, id="sha256:2", size=9, layers=("c",))),
    "a time in a page": (SERVER, replace(SERVER, answers=(replace(PAGE, body=b"<p>at 12:00:01</p>"), ASSET))),
    "a toolchain's variable": (
        SERVER,
        configured(SERVER, environment={"PATH": "/usr/bin", "LANG": "C.UTF-8", "SSL_CERT_FILE": "/etc/ssl/a"}),
    ),
    "another user": (SERVER, configured(replace(SERVER, uid=65532), user="65532:65532")),
    "a shell was taken off": (
        configured(SERVER, command=("/bin/sh", "-c", "./app -v")),
        configured(SERVER, command=("./app", "-v")),
    ),
    "a date in the log": (SERVER, printed(SERVER, "2026/11/24 12:00:01 listening on :8080\n")),
    "the same error in the log": (printed(SERVER, "ENOENT: x.txt 1\n"), printed(SERVER, "ENOENT: x.txt 2\n")),
    "a log that npm can't write": (
        SERVER,
        printed(SERVER, SERVER.own_run.output + "EACCES: permission denied, mkdir '/root/.npm/_logs'\n"),
    ),
    "it is healthier": (replace(SERVER, health="unhealthy"), SERVER),
    "it stays up": (replace(SERVER, stopped_by_itself=True, own_run=CommandRun((), 1, "")), SERVER),
    "it is no longer killed": (replace(SERVER, out_of_memory=True), SERVER),
    "a port that Linux chose": (
        replace(SERVER, ports=frozenset({8080, 40123})),
        replace(SERVER, ports=frozenset({8080, 51234})),
    ),
    "a worker": (WORKER, replace(WORKER, uid=1000)),
    "a task": (TASK, TASK),
    "a task that ended late": (replace(TASK, state="running", stopped_by_itself=True), TASK),
    "a command, where the image's own fails alike": (replace(FAILING, runs=(HELP,)), replace(FAILING, runs=(HELP,))),
}


@pytest.mark.parametrize(("before", "after"), NO_HARM.values(), ids=NO_HARM.keys())
def test_what_does_no_harm_is_the_same(before: Observation, after: Observation) -> None:
    comparison = compared(before, after)

    assert comparison.differences == ()
    assert comparison.verdict == "same"
    assert comparison.checks


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (FAILING, FAILING, "start: exit code 1, before as after: KeyError: 'DATABASE_URL'"),
        (
            ended(None, failure="exec: no such file"),
            ended(None, failure="exec: no such file"),
            "start: can't be started, before as after: exec: no such file",
        ),
        (
            FAILING,
            ended(1, "connecting again\nKeyError: 'DATABASE_URL'\n"),
            "start: exit code 1, before as after: KeyError: 'DATABASE_URL'",
        ),
    ],
)
def test_failing_the_same_way_is_no_pass(before: Observation, after: Observation, note: str) -> None:
    comparison = compared(before, after)

    assert comparison.verdict == "fails the same way"
    assert note in comparison.notes


def test_an_original_that_does_not_come_up_tells_nothing() -> None:
    comparison = compared(FAILING, SERVER)

    assert comparison.verdict == "could not tell"
    assert comparison.notes[:2] == (
        "the original doesn't come up (exit code 1) and the rewritten image does (serves on 8080)",
        "the original says: KeyError: 'DATABASE_URL'",
    )


def test_commands_that_fail_alike_prove_nothing() -> None:
    before = replace(FAILING, runs=(replace(HELP, exit_code=2),))

    assert compared(before, before).verdict == "fails the same way"


def test_what_was_compared() -> None:
    after = configured(replace(SERVER, uid=65532), user="65532:65532")

    assert compared(SERVER, after, written=("/app/a", "/app/b")).checks == (
        "port 8080 open",
        "GET :8080/ 200",
        "GET :8080/app.css 200",
        "runs as 65532 instead of root",
        "health check: healthy",
        "no new errors in the log",
        "2 paths written",
        "configuration of the image",
    )


def test_how_weak_a_worker_is() -> None:
    after = printed(WORKER, "started\nsome error occurred\n")

    assert compared(WORKER, after).notes == (
        "no port was open, so all that was compared is that the program keeps running and logs no new errors;"
        " if it opens one later, name it: --probe 'GET :8080/'",
        "new in the log: some error occurred",
        "no longer in the log: waiting for jobs",
    )


def test_the_last_words_of_what_does_not_come_up() -> None:
    (difference, *_) = compared(SERVER, ended(1, "a\nb\n", "")).differences

    assert difference.detail == "a\nb"


def test_a_declared_port_may_be_high() -> None:
    before = configured(replace(SERVER, ports=frozenset({50051}), answers=()), ports=frozenset({"50051/tcp"}))
    after = replace(before, ports=frozenset({50052}))

    assert compared(before, after).verdict == "differs"


def test_an_open_port_alone_is_weak() -> None:
    silent = replace(SERVER, answers=(replace(PAGE, status=0, body=b"not HTTP"),))
    comparison = compared(silent, silent)

    assert comparison.verdict == "same"
    assert "nothing answered over HTTP, so only that the ports are open was compared" in comparison.notes


@pytest.mark.parametrize(
    ("observation", "expected"),
    [(SERVER, "serves"), (WORKER, "runs"), (TASK, "ends"), (FAILING, "fails"), (ended(None, failure="x"), "fails")],
)
def test_outcomes(observation: Observation, expected: str) -> None:
    assert outcome(observation) == expected


def test_chance_is_no_difference() -> None:
    other = replace(SERVER, answers=(replace(PAGE, body=b"<p>b</p>"), ASSET))
    again = replace(SERVER, answers=(replace(PAGE, body=b"<p>c</p>"), ASSET))

    assert may_be_chance(SERVER, other)
    assert not may_be_chance(SERVER, SERVER)
    assert compared(SERVER, other, again=SERVER).verdict == "differs"
    assert compared(SERVER, other, again=again).verdict == "same"


def test_an_original_that_fares_another_way_each_time_proves_nothing() -> None:
    comparison = compared(SERVER, ended(1), again=ended(1))

    assert comparison.verdict == "could not tell"
    assert comparison.notes[0] == "the original fares another way each time: serves on 8080, then exit code 1"


def test_a_port_that_the_original_draws_by_lot() -> None:
    before, after, again = (replace(SERVER, ports=frozenset({8080, port})) for port in (9001, 9002, 9003))

    assert compared(before, after, again=before).verdict == "differs"
    assert compared(before, after, again=again).verdict == "same"


def test_a_port_that_nobody_outside_reaches_any_more() -> None:
    inside = replace(SERVER, inner_ports=frozenset({8080}))

    assert [d.sentence for d in compared(SERVER, inside).differences] == [
        "port 8080: open before, open on loopback alone after"
    ]
    assert compared(inside, inside).verdict == "same"


def test_what_one_run_of_the_original_shows_by_chance() -> None:
    asleep = replace(SERVER, health="starting")
    stopped = replace(SERVER, stopped_by_itself=True, own_run=CommandRun((), 3, ""))
    noisy = printed(SERVER, SERVER.own_run.output + "open x: no such file or directory\n")

    for after in (asleep, stopped, noisy):
        assert compared(SERVER, after, again=SERVER).verdict == "differs"
        assert compared(SERVER, after, again=after).verdict == "same"


def test_a_server_that_answers_with_errors_alone_proves_nothing() -> None:
    failing = replace(SERVER, answers=(replace(PAGE, status=500), replace(ASSET, status=404)))
    closing = replace(SERVER, answers=(replace(PAGE, status=0, content_type="", body=b"closed without an answer"),))

    assert compared(failing, failing).verdict == "fails the same way"
    assert compared(replace(failing, runs=(HELP,)), replace(failing, runs=(HELP,))).verdict == "same"
    assert compared(closing, closing).verdict == "same"
    crashing = printed(closing, "FileNotFoundError: data/x\n")
    assert compared(crashing, crashing).verdict == "fails the same way"


def test_out_of_memory_in_both_is_one_failure() -> None:
    before, after = (replace(ended(137, output), out_of_memory=True) for output in ("Killed\n", ""))

    comparison = compared(before, after)
    assert (comparison.verdict, comparison.differences) == ("fails the same way", ())
