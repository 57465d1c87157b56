"""Reading compose files."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.compose import Build, Mount, Service, parse_compose
from dockerslim.context.interpolation import interpolate, resolve


def service(text: str) -> Service:
    """The one service with these lines."""
    body = "".join(f"    {line}\n" for line in text.split("\n"))
    file = parse_compose("services:\n  web:\n" + body)
    assert file.problem is None
    return file.services[0]


def test_a_whole_service() -> None:
    found = service(
        """\
build:
  context: ./api
  dockerfile: Dockerfile.dev
  target: dev
  args: {A: 1, B: }
command: npm run dev
entrypoint: ["tini", "--"]
user: "1000"
working_dir: /app
environment: [A=1, B]
healthcheck:
  test: ["CMD", "curl", "localhost"]
volumes:
  - .:/app
  - /app/node_modules
tmpfs: /run
develop:
  watch:
    - path: .
      action: rebuild"""
    )
    assert found == Service(
        name="web",
        line=2,
        build=Build("./api", "Dockerfile.dev", "dev", (("A", "1"), ("B", None))),
        command="npm run dev",
        entrypoint=("tini", "--"),
        volumes=(
            Mount(".", "/app", "bind", 16),
            Mount("", "/app/node_modules", "anonymous", 17),
            Mount("", "/run", "tmpfs", 18),
        ),
        user="1000",
        healthcheck=("CMD", "curl", "localhost"),
        environment=("A", "B"),
        working_dir="/app",
        develop_watch=True,
        environment_values=(("A", "1"), ("B", None)),
    )


def test_the_values_of_variables() -> None:
    found = service(
        """\
environment:
  A: 1
  EMPTY: ""
  FROM_HOST:
  ALSO_FROM_HOST: ${X}
  DEFAULT: a${X:-b}c
  DOLLAR: a$$b
  BARE: $X
  REQUIRED: ${X:?say it}"""
    )
    assert found.environment == tuple(name for name, _ in found.environment_values)
    assert dict(found.environment_values) == {
        "A": "1",
        "EMPTY": "",
        "FROM_HOST": None,
        "ALSO_FROM_HOST": None,
        "DEFAULT": "abc",
        "DOLLAR": "a$b",
        "BARE": None,
        "REQUIRED": None,
    }
    assert service("environment: ['A=b=c', B, 'C=', 'D=${X}', 'E=${X-e}', '=x']").environment_values == (
        ("A", "b=c"),
        ("B", None),
        ("C", ""),
        ("D", None),
        ("E", "e"),
    )
    assert service("environment: 1").environment_values == ()


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (".env", (".env",)),
        ("[a.env, 'b/${X:-c}.env', '${X}.env', '']", ("a.env", "b/c.env")),
        ("[{path: a.env, required: false}, {required: true}, []]", ("a.env",)),
        ("{path: a}", ()),
        ("", ()),
    ],
)
def test_files_of_variables(text: str, files: tuple[str, ...]) -> None:
    assert service(f"env_file: {text}").environment_files == files


@pytest.mark.parametrize(
    ("text", "source", "target", "kind"),
    [
        ("./a:/app", "./a", "/app", "bind"),
        ("..:/app/:ro", "..", "/app", "bind"),
        ("~/x:/app", "~/x", "/app", "bind"),
        ("${PWD}:/app", "${PWD}", "/app", "bind"),
        ("${SRC:-./src}:/app:cached", "./src", "/app", "bind"),
        ("${SRC:?say it}:/app", "${SRC:?say it}", "/app", "bind"),
        ("C:\\src:/app", "C:\\src", "/app", "bind"),
        ("c:/src:/app:ro", "c:/src", "/app", "bind"),
        ("data:/var/lib/data", "data", "/var/lib/data", "volume"),
        ("${NAME:-data}:/data", "data", "/data", "volume"),
        ("//data/x", "", "/data/x", "anonymous"),
        ("{type: bind, source: ., target: /app}", ".", "/app", "bind"),
        ("{type: volume, source: d, target: /app}", "d", "/app", "volume"),
        ("{type: volume, target: /app}", "", "/app", "anonymous"),
        ("{type: tmpfs, target: /app}", "", "/app", "tmpfs"),
    ],
)
def test_mounts(text: str, source: str, target: str, kind: str) -> None:
    item = text if text.startswith("{") else f"'{text}'"
    (mount,) = service(f"volumes:\n  - {item}").volumes
    assert (mount.source, mount.target, mount.kind, mount.line) == (source, target, kind, 4)


def test_commands() -> None:
    assert service("command: []").command == ()
    assert service("command:").command is None
    assert service("command: [a, 1, true]").command == ("a", "1", "true")
    assert service("command: >\n  sh -c\n  'x'").command == "sh -c 'x'\n"
    assert service("command: echo $$HOME ${X:-y} $Z").command == "echo $HOME y $Z"
    assert service("healthcheck: {disable: true}").healthcheck == ("NONE",)
    assert service("healthcheck: {test: curl x}").healthcheck == "curl x"


def test_builds() -> None:
    assert service("build: .").build == Build(".")
    assert service("build: {dockerfile: D}").build == Build(None, "D")
    inline = service("build: {context: ., dockerfile_inline: FROM a}").build
    assert inline is not None and inline.is_inline
    assert service("image: x").build is None
    assert service("build: {context: ., args: [A=1, B]}").build == Build(".", arguments=(("A", "1"), ("B", None)))


def test_anchors_are_resolved() -> None:
    file = parse_compose(
        "x-base: &base\n  build: .\n  user: app\nservices:\n  a: {<<: *base, user: root}\n  b: *base\n"
    )
    assert [(s.name, s.build, s.user) for s in file.services] == [("a", Build("."), "root"), ("b", Build("."), "app")]


@pytest.mark.parametrize("text", ["", "services:", "services: []", "services: {a: , b: 1, c: []}", "version: '3'"])
def test_empty_files(text: str) -> None:
    file = parse_compose(text)
    assert file.problem is None
    assert all(found.build is None for found in file.services)


def test_tells_what_is_wrong() -> None:
    file = parse_compose("services:\n  a: [\n")
    assert file.problem
    assert file.problem_line > 0
    assert parse_compose("- a").problem == "not a mapping"


def test_an_alias_bomb_is_cut() -> None:
    volumes = ", ".join(["./a:/a"] * 10_000)
    services = "\n".join(f"  s{number}: {{volumes: *v}}" for number in range(5_000))
    start = time.perf_counter()
    file = parse_compose(f"x-v: &v [{volumes}]\nservices:\n{services}\n")
    assert file.services
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A:-b}", "b"),
        ("${A-b}c", "bc"),
        ("${A:-}", ""),
        ("${A:-${B:-c}}", "c"),
        ("${A:-${B}}", "${B}"),
        ("${A}", "${A}"),
        ("$A", "$A"),
        ("${A:?x}", "${A:?x}"),
        ("${A:+x}", "${A:+x}"),
        ("$$A", "$A"),
        ("$${A:-b}", "${A:-b}"),
        ("${A:-b", "${A:-b"),
        ("}${", "}${"),
    ],
)
def test_interpolation(text: str, expected: str) -> None:
    assert interpolate(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${A:-${B-c}}d", "cd"),
        ("${A:-${B}}", None),
        ("$A", None),
        ("a$", None),
        ("$$A $${B}", "$A ${B}"),
        ("${A:-b", None),
        ("${A:-" * 20 + "}" * 20, None),
    ],
)
def test_resolving(text: str, expected: str | None) -> None:
    assert resolve(text) == expected


def test_interpolation_is_linear() -> None:
    start = time.perf_counter()
    resolve("$$" * 100_000 + "${" * 100_000)
    interpolate("${" * 100_000)
    interpolate("${A:-" * 2_000 + "}" * 2_000)
    service("volumes: ['" + "${" * 100_000 + ":/x']")
    assert time.perf_counter() - start < 5


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.text(max_size=8),
        lambda s: (
            st.lists(s, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["services", "build", "context", "args", "volumes", "type", "target", "source", "command", "test"]
                ),
                s,
                max_size=4,
            )
        ),
        max_leaves=20,
    )
)
def test_never_raises(data: object) -> None:
    import json

    parse_compose(json.dumps({"services": {"a": data, "b": {"build": data, "volumes": data, "healthcheck": data}}}))
    parse_compose(json.dumps(data))
