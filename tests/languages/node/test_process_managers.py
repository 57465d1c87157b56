"""pm2 and forever: what they run, in which folder, and what they write."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.command import Command
from dockerslim.languages.node.scripts import resolve_command
from tests.languages.node.projects import project


def command(*argv: str, **files: str) -> Command:
    named = {name.replace("_config_js", ".config.js"): text for name, text in files.items()}
    return resolve_command(project({"server.js": "", "api/server.js": "", **named}), argv)


def listed(members: str) -> Command:
    text = f"module.exports = {{apps: [{{name: 'a', script: 'server.js', {members}}}]}}"
    return command("pm2-runtime", "ecosystem.config.js", ecosystem_config_js=text)


@pytest.mark.parametrize(
    ("members", "logs"),
    [
        (
            "out_file: 'logs/a.log', error_file: '/var/log/e.log'",
            [("logs/a.log", "file"), ("/var/log/e.log", "absolute")],
        ),
        ("output: './a.log', merge_logs: true, watch: true", [("a.log", "file")]),
        ("log_file: 'NULL', pid_file: '', log: true, error: null", []),
        ("cwd: 'api', out_file: 'a.log'", [("api/a.log", "file")]),
    ],
)
def test_logs(members: str, logs: list[tuple[str, str]]) -> None:
    found = listed(members)

    assert sorted((use.path, use.kind) for use in found.logs) == sorted(logs)
    assert found.unknown_logs == ()
    assert found.kind == "server"


def test_a_log_that_is_computed() -> None:
    assert listed("out_file: process.env.LOG").unknown_logs


def test_logs_of_lists_that_are_data() -> None:
    found = command(
        "pm2-runtime",
        "start",
        "apps.json",
        **{"apps.json": '{"apps": [{"script": "server.js", "out_file": "o.log", "log_file": ["x"]}]}'},
    )

    assert [use.path for use in found.logs] == ["o.log"]
    assert found.unknown_logs


@pytest.mark.parametrize(
    "argv",
    [
        ("pm2-runtime", "-o", "o.log", "server.js"),
        ("pm2", "start", "--output=o.log", "server.js", "--no-daemon"),
        ("pm2-runtime", "server.js", "-o", "o.log"),
        ("forever", "-l", "o.log", "server.js"),
    ],
)
def test_logs_on_the_command_line(argv: tuple[str, ...]) -> None:
    found = command(*argv)

    assert [use.path for use in found.logs] == ["o.log"]
    assert found.entry_files == ("server.js",)


@pytest.mark.parametrize(
    ("members", "entry", "folder"),
    [
        ("cwd: 'api'", "api/server.js", "api"),
        ("cwd: './'", "server.js", ""),
        ("cwd: __dirname", "server.js", ""),
        ("", "server.js", ""),
    ],
)
def test_the_work_folder(members: str, entry: str, folder: str) -> None:
    found = listed(members)

    assert found.entry_files == (entry,)
    assert found.folders == (folder,)


@pytest.mark.parametrize("members", ["cwd: '/srv'", "cwd: process.env.DIR", "cwd: '../..'"])
def test_a_work_folder_that_is_not_known(members: str) -> None:
    assert listed(members).kind == "unknown"


@pytest.mark.parametrize("script", ["null", "undefined", "true", "false", "1", "process.env.MAIN"])
def test_a_program_that_is_not_known(script: str) -> None:
    for apps in (f"{{script: {script}}}", f"[{{script: 'server.js'}}, {{\"script\": {script}}}]"):
        found = command("pm2-runtime", "ecosystem.config.js", ecosystem_config_js=f"module.exports = {{apps: {apps}}}")
        assert found.kind == "unknown"


def test_options_of_node() -> None:
    found = listed("node_args: '--use-openssl-ca', args: 'a b'")

    assert ("node", "--use-openssl-ca", "server.js", "a", "b") in found.programs
