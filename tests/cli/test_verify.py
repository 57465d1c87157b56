"""`dockerslim verify`: what it prints where, and how it ends. No engine is needed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from typer.main import get_command

from dockerslim.cli.app import app
from dockerslim.verify.options import HttpProbe, VerifyOptions
from dockerslim.verify.report.json_report import render_json
from dockerslim.verify.report.markdown import render_markdown
from dockerslim.verify.report.screen import Screen
from dockerslim.verify.report.table import render_text
from dockerslim.verify.verification import Verification
from tests.cli.command import BEFORE, ROOT, dockerslim, put
from tests.cli.fake_verification import NO_ENGINE, put_in_place
from tests.test_architecture import RUN, SLOW, loaded_by
from tests.verify.report.made_up import DIFFERS, FAILS, IDLE, LEFT_OUT, SAME, UNKNOWN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, Dockerfile=BEFORE, web__Dockerfile=BEFORE)
    return tmp_path


def test_the_report_is_printed_and_progress_is_talk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = put_in_place(monkeypatch, (SAME, IDLE))
    done = dockerslim(folder, "verify")

    assert (done.code, done.out.decode()) == (0, render_text((SAME, IDLE), Screen()))
    assert re.sub(r"\d+\.\d s", "N s", done.err) == (
        "api/Dockerfile: building before ... N s\ndone/Dockerfile: building before ... N s\n"
    )
    assert fake.paths == (Path("Dockerfile"), Path("web/Dockerfile"))
    assert fake.verify == VerifyOptions()
    assert fake.is_closed


def test_one_file_has_no_summary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, (SAME,))
    done = dockerslim(folder, "verify", "--quiet", "Dockerfile")

    assert (done.out.decode(), done.err) == (render_text((SAME,), Screen()), "")


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ((SAME,), 0),
        ((IDLE,), 0),
        ((IDLE, SAME), 0),
        ((SAME, DIFFERS, UNKNOWN), 1),
        ((LEFT_OUT,), 1),
        ((SAME, UNKNOWN), 2),
        ((FAILS,), 2),
        ((), 2),
        ((replace(IDLE, verdict="differs"),), 0),
    ],
)
def test_exit_code(folder: Path, monkeypatch: pytest.MonkeyPatch, results: tuple[Verification, ...], code: int) -> None:
    put_in_place(monkeypatch, results)

    assert dockerslim(folder, "verify").code == code


def test_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, (SAME, DIFFERS))
    done = dockerslim(folder, "verify", "--output-format", "json")

    assert done.code == 1
    assert done.out.decode() == render_json((SAME, DIFFERS))


def test_markdown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, (SAME, DIFFERS))

    assert dockerslim(folder, "verify", "--output-format", "markdown").out.decode() == render_markdown((SAME, DIFFERS))


def test_an_error_is_one_line_and_what_was_done_is_printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch, (SAME,), NO_ENGINE)
    done = dockerslim(folder, "verify", "--quiet", "--output-format", "json")

    assert done.code == 2
    assert done.err == "error: no engine answers\n   = help: start Docker\n   = log: /logs/engine.log\n"
    assert [file["path"] for file in json.loads(done.out)["files"]] == ["api/Dockerfile"]


def test_our_own_fault_is_no_difference(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = put_in_place(monkeypatch, (SAME,), KeyError("x"))
    done = dockerslim(folder, "verify", "--quiet")

    assert (done.code, done.out.decode()) == (2, render_text((SAME,), Screen()))
    assert done.err == (
        "internal error in `verify`: KeyError: 'x'\n"
        "   = help: report it with the file; --verbose shows where it happened\n"
    )
    assert fake.is_closed
    assert "Traceback" in dockerslim(folder, "verify", "--verbose").err


def test_an_interrupt_ends_with_130_and_closes_what_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = put_in_place(monkeypatch, (SAME,), KeyboardInterrupt())

    assert dockerslim(folder, "verify").code == 130
    assert fake.is_closed


def test_what_runs_is_closed_where_the_report_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BrokenPipeError

    fake = put_in_place(monkeypatch, (SAME, SAME))
    monkeypatch.setattr("dockerslim.cli.run_verify.render_file", fail)
    with pytest.raises(BrokenPipeError):
        dockerslim(folder, "verify")

    assert fake.is_closed


def test_a_folder_without_a_dockerfile_needs_no_engine(tmp_path: Path) -> None:
    done = dockerslim(tmp_path, "verify")

    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("error: no Dockerfile in `.`\n")


def test_options_are_handed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, values=b"A=1\n", key=b"x")
    fake = put_in_place(monkeypatch, (SAME,))
    monkeypatch.setenv("TOKEN", "t")
    given = (
        "--unsafe --runtime slim --context web --engine podman --builder remote --build-arg A=b=c --build-arg TOKEN"
        " --secret id=key,src=key --ssh default --env E= --env TOKEN --env-file values --platform linux/arm64/v8"
        " --target app --allow-network --no-times --probe-image busybox:1 --memory 512M --cpus 0.5"
        " --build-timeout 1h30m --start-timeout 90 --log-dir logs"
    )
    probes = ("--probe", "POST :8080/items {}", "--probe", "/a", "--probe-run", 'app --name "a b"')
    done = dockerslim(folder, "verify", *given.split(), *probes)

    assert done.code == 0, done.err
    assert (fake.options.unsafe, fake.options.runtime, fake.context) == (True, "slim", Path("web"))
    verify = fake.verify
    assert (verify.engine, verify.builder, verify.ssh, verify.target) == ("podman", "remote", "default", "app")
    assert verify.build_arguments == (("A", "b=c"), ("TOKEN", "t"))
    assert verify.environment == (("E", ""), ("TOKEN", "t"))
    assert (verify.secrets, verify.environment_files) == (("id=key,src=key",), (Path("values"),))
    assert (verify.platform, verify.allow_network, verify.measure) == ("linux/arm64/v8", True, False)
    assert (verify.probe_image, verify.log_folder) == ("busybox:1", Path("logs"))
    assert (verify.limits.memory, verify.limits.cpus) == ("512m", 0.5)
    assert (verify.limits.build_seconds, verify.limits.start_seconds) == (5400.0, 90.0)
    assert [(p.method, p.path, p.body, p.port) for p in verify.probes] == [
        ("POST", "/items", "{}", 8080),
        ("GET", "/a", "", None),
    ]
    assert verify.probe_runs == (("app", "--name", "a b"),)
    assert all(isinstance(probe, HttpProbe) for probe in verify.probes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--build-arg", "=x"], "--build-arg `=x` names no variable"),
        (["--build-arg", "NOT_SET"], "--build-arg `NOT_SET`: the environment has no `NOT_SET`"),
        (["--env", ""], "--env `` names no variable"),
        (["--env", "NOT_SET"], "--env `NOT_SET`: the environment has no `NOT_SET`"),
        (["--env-file", "nowhere"], "--env-file `nowhere`: there is no such file"),
        (["--secret", "src=x"], "--secret `src=x` has no id"),
        (["--secret", "id=x,src=nowhere"], "--secret `id=x,src=nowhere`: there is no file `nowhere`"),
        (["--platform", "linux amd64"], "--platform `linux amd64` is no platform"),
        (["--probe", "GET"], "--probe `GET`: "),
        (["--probe-run", 'app "'], '--probe-run `app "`: no closing quotation'),
        (["--probe-run", " "], "--probe-run is empty"),
        (["--probe-image", "A B"], "--probe-image `A B` names no image"),
        (["--memory", "much"], "--memory `much` is no size"),
        (["--memory", "0g"], "--memory `0g` is no size"),
        (["--cpus", "0"], "--cpus `0` is no number above 0"),
        (["--cpus", "nan"], "--cpus `nan` is no number above 0"),
        (["--build-timeout", "-1"], "--build-timeout `-1` is no time above 0"),
        (["--build-timeout", "-1m"], "--build-timeout `-1m` is no time above 0"),
        (["--start-timeout", "soon"], "--start-timeout `soon` is no time above 0"),
        (["--log-dir", "Dockerfile"], "--log-dir `Dockerfile` is not a folder"),
        (["--builder", ""], "the value of --builder is empty"),
        (["--output-format", "xml"], "no output format is called `xml`\n   = help: give --output-format one of text, "),
        (["--quiet", "--verbose"], "--quiet and --verbose exclude each other"),
        (["--context", "nowhere"], "the build context `nowhere` is not a folder"),
        (["--select", "use-exec-from"], "did you mean `use-exec-form`?"),
        (["--runtime", "Not An Image"], "`Not An Image` names no image"),
        (["-"], "standard input can't be verified"),
        ([""], "a path is empty"),
        (["--no-such-option"], "No such option: --no-such-option"),
    ],
)
def test_usage(folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str) -> None:
    fake = put_in_place(monkeypatch, (SAME,))
    done = dockerslim(folder, "verify", *arguments)

    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert done.err.count("error: ") <= 1
    assert fake.paths == ()


def test_help_says_that_the_code_is_run(tmp_path: Path) -> None:
    text = " ".join(dockerslim(tmp_path, "verify", "--help").out.decode().split())

    assert (
        "This builds the Dockerfile and runs its image: the project's code is run, in containers without extra"
        " privileges and without outside network unless --allow-network" in text
    )


def test_the_readme_has_every_option() -> None:
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## Prove it\n")[2].partition("\n## ")[0]
    command = get_command(app).commands["verify"]  # type: ignore[attr-defined]
    options = [parameter.opts[0] for parameter in command.params if parameter.opts[0].startswith("--")]

    assert [option for option in options if f"`{option}" not in section and option != "--help"] == []


def test_it_starts_without_what_is_slow(tmp_path: Path) -> None:
    slow = SLOW | {"python_on_whales", "psutil"}

    assert loaded_by(RUN.format(arguments='"verify", "--help"'), tmp_path) & slow == set()
