"""What of an image's configuration may change, and what not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockerslim.verify.compare.configuration_differences import configuration_differences, is_root, stop_signal
from dockerslim.verify.engine.image_configuration import ImageConfiguration

BASE = ImageConfiguration(
    "sha256:1",
    1,
    (),
    environment={"PATH": "/go/bin:/usr/local/bin:/usr/bin", "LANG": "C.UTF-8", "GOPATH": "/go", "MODE": "release"},
    command=("node", "server.js"),
    working_folder="/app",
    ports=frozenset({"8080/tcp"}),
    volumes=frozenset({"/data"}),
    labels={"team": "shop"},
    stop_signal="SIGINT",
    healthcheck=("CMD", "curl", "localhost"),
)


def compared(
    *, changes: frozenset[str] = frozenset(), before: ImageConfiguration = BASE, **changed: Any
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sentences of differences, and the notes."""
    differences, notes = configuration_differences(
        before, replace(before, **changed), lost_with_base=frozenset({"GOPATH"}), changes=changes
    )
    return tuple(difference.sentence for difference in differences), notes


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in BASE.environment.items() if key != name}


def test_the_same_is_the_same() -> None:
    assert compared(id="sha256:2", size=5, layers=("x",)) == ((), ())


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"environment": without("LANG")}, "ENV LANG: C.UTF-8 before, not set after"),
        ({"environment": {**BASE.environment, "MODE": "debug"}}, "ENV MODE: release before, debug after"),
        ({"environment": without("PATH")}, "ENV PATH: /go/bin:/usr/local/bin:/usr/bin before, not set after"),
        ({"ports": frozenset[str]()}, "port 8080/tcp: declared before, not declared after"),
        ({"ports": frozenset({"8080/tcp", "80/tcp"})}, "port 80/tcp: not declared before, declared after"),
        ({"ports": frozenset({"8080/udp"})}, "port 8080/tcp: declared before, not declared after"),
        ({"volumes": frozenset[str]()}, "volume /data: declared before, not declared after"),
        ({"labels": {}}, "label team: shop before, not set after"),
        ({"labels": {"team": "x"}}, "label team: shop before, x after"),
        ({"stop_signal": ""}, "stop signal: SIGINT before, SIGTERM after"),
        ({"stop_seconds": 30}, "stop time: 10 seconds before, 30 seconds after"),
        ({"healthcheck": ()}, "health check: CMD curl localhost before, none after"),
        ({"working_folder": ""}, "working folder: /app before, / after"),
        ({"command": ("node", "other.js")}, "command: node server.js before, node other.js after"),
        ({"entrypoint": ("tini", "--")}, "command: node server.js before, tini -- node server.js after"),
        ({"command": ()}, "command: node server.js before, none after"),
    ],
)
def test_harm(changed: dict[str, Any], sentence: str) -> None:
    differences, _ = compared(**changed)

    assert sentence in differences


@pytest.mark.parametrize(
    "changed",
    [
        {"ports": frozenset[str]()},
        {"volumes": frozenset[str]()},
        {"labels": {}},
        {"stop_signal": ""},
        {"healthcheck": ()},
        {"working_folder": "/"},
    ],
)
def test_no_transform_may_change_these(changed: dict[str, Any]) -> None:
    every = frozenset({"EXPOSE", "VOLUME", "LABEL", "LABEL team", "STOPSIGNAL", "HEALTHCHECK", "WORKDIR"})

    differences, _ = compared(changes=every, **changed)

    assert len(differences) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"stop_signal": ""}, {"stop_signal": "15"}),
        ({"stop_signal": "sigquit"}, {"stop_signal": "3"}),
        ({"stop_seconds": None}, {"stop_seconds": 10}),
        ({"working_folder": ""}, {"working_folder": "/"}),
        ({"working_folder": "/app/"}, {"working_folder": "/app"}),
        ({"ports": frozenset({"8080"})}, {"ports": frozenset({"8080/tcp"})}),
        ({"volumes": frozenset({"/data/"})}, {"volumes": frozenset({"/data"})}),
        ({"healthcheck": ()}, {"healthcheck": ("NONE",)}),
        ({"command": ("/bin/sh", "-c", "node server.js")}, {"command": ("node", "server.js")}),
        ({"command": ("/bin/sh", "-c", "exec node server.js")}, {"command": ("node", "server.js")}),
        ({"entrypoint": ("/bin/sh", "-c", "./a"), "command": ("x",)}, {"entrypoint": ("./a",), "command": ()}),
        ({"user": ""}, {"user": "root"}),
        ({"user": "0:0"}, {"user": ""}),
    ],
)
def test_defaults_and_forms_are_no_difference(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert compared(before=replace(BASE, **before), **after) == ((), ())


def test_a_variable_of_the_toolchain_goes_with_the_base() -> None:
    assert compared(environment=without("GOPATH")) == ((), ("no longer set: GOPATH",))


def test_a_variable_that_a_transform_may_change() -> None:
    assert compared(changes=frozenset({"ENV MODE"}), environment=without("MODE")) == ((), ("no longer set: MODE",))
    changed = {**BASE.environment, "MODE": "debug"}

    assert compared(changes=frozenset({"ENV MODE"}), environment=changed) == (
        (),
        ("ENV MODE: release before, debug after",),
    )


def test_entries_of_the_search_path_may_go() -> None:
    path = {**BASE.environment, "PATH": "/opt/venv/bin:/usr/bin:/usr/local/bin"}

    assert compared(environment=path) == (
        (),
        (
            "ENV PATH has lost /go/bin",
            "ENV PATH is in another order: /opt/venv/bin:/usr/bin:/usr/local/bin",
        ),
    )


def test_what_is_new_is_a_note() -> None:
    assert compared(
        environment={**BASE.environment, "PORT": "1", "A": "x"}, labels={**BASE.labels, "version": "1"}
    ) == ((), ("newly set: A=x, PORT=1", "new labels: version"))


def test_a_command_that_a_transform_may_change_is_told() -> None:
    assert compared(changes=frozenset({"CMD"}), command=("node", "dist/server.js")) == (
        (),
        ("the command: node server.js before, node dist/server.js after",),
    )


def test_the_same_command_split_anew_is_told() -> None:
    differences, notes = compared(entrypoint=("node",), command=("server.js",))

    assert differences == ()
    assert notes == (
        "arguments given to `docker run` replace another part of the command: ENTRYPOINT and CMD are split anew",
    )


def test_users() -> None:
    as_node = replace(BASE, user="node")

    assert compared(changes=frozenset({"USER"}), user="1000:1000") == ((), ())
    assert compared(user="1000") == ((), ("the user: root before, 1000 after",))
    assert compared(before=as_node, user="") == (("user: node before, root after",), ())
    assert compared(before=as_node, changes=frozenset({"USER"}), user="0") == (("user: node before, 0 after",), ())
    assert compared(before=as_node, user="1000") == ((), ("the user: node before, 1000 after",))


def test_values_are_fit_for_a_report() -> None:
    differences, _ = compared(environment={**BASE.environment, "MODE": "\x1b[31m" + "x" * 500})

    assert "\\x1b[31m" in differences[0]
    assert len(differences[0]) < 200


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "SIGTERM"),
        ("15", "SIGTERM"),
        ("term", "SIGTERM"),
        ("SIGUSR1", "SIGUSR1"),
        ("10", "SIGUSR1"),
        ("99", "SIG99"),
    ],
)
def test_signals(text: str, name: str) -> None:
    assert stop_signal(text) == name


def test_root_by_any_name() -> None:
    assert all(map(is_root, ["", "root", "0", "0:0", "root:root", ":0"]))
    assert not any(map(is_root, ["node", "1000", "1000:0"]))


def test_folders_of_a_toolchain_leave_the_search_path_with_it() -> None:
    rest = {name: value for name, value in BASE.environment.items() if name != "GOPATH"}

    assert compared(environment={**rest, "PATH": "/usr/local/bin:/usr/bin"}) == ((), ("no longer set: GOPATH",))
