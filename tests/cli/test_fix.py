"""What `dockerslim fix` writes, prints and returns."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import AFTER, BEFORE, ONE, dockerslim, environment, process, put

PLAIN = b'FROM debian:12\nCMD ["serve"]\n'
"""Nothing to do, with `use-exec-form` alone."""
REFUSED = b"FROM debian:12\nCMD serve --port $PORT\n"


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# --- what is written


def test_write_says_what_it_did(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE, api__Dockerfile=PLAIN)

    done = dockerslim(tmp_path, "fix", *ONE, "--write")

    assert (done.code, done.out) == (0, b"")
    assert done.err == "rewrote Dockerfile\n1 file changed, 1 unchanged\n"
    assert tree(tmp_path) == {"Dockerfile": AFTER, "api/Dockerfile": PLAIN}


def test_write_leaves_a_file_alone_that_needs_nothing(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=PLAIN)
    before = (tmp_path / "Dockerfile").stat()

    assert dockerslim(tmp_path, "fix", *ONE, "--write").err == "0 files changed, 1 unchanged\n"

    after = (tmp_path / "Dockerfile").stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.skipif(os.name == "nt", reason="modes are others on Windows")
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_write_keeps_the_mode(tmp_path: Path, mode: int) -> None:
    put(tmp_path, Dockerfile=BEFORE)
    (tmp_path / "Dockerfile").chmod(mode)

    dockerslim(tmp_path, "fix", *ONE, "-w")

    assert stat.S_IMODE((tmp_path / "Dockerfile").stat().st_mode) == mode
    assert tree(tmp_path) == {"Dockerfile": AFTER}, "a temporary file is left"


def test_write_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    put(tmp_path, real__Dockerfile=BEFORE)
    (tmp_path / "Dockerfile").symlink_to("real/Dockerfile")

    done = dockerslim(tmp_path, "fix", *ONE, "--write", "Dockerfile", "real/Dockerfile", "./real/../Dockerfile")

    assert done.code == 0
    assert done.err == "rewrote real/Dockerfile\n1 file changed\n"
    assert (tmp_path / "Dockerfile").is_symlink()
    assert (tmp_path / "real" / "Dockerfile").read_bytes() == AFTER


def test_a_link_that_leads_out_of_the_folder_is_followed_only_if_named(tmp_path: Path) -> None:
    put(tmp_path, outside=BEFORE, repository__Dockerfile=PLAIN)
    (tmp_path / "repository" / "Dockerfile.other").symlink_to("../outside")

    assert dockerslim(tmp_path / "repository", "fix", *ONE, "--write").code == 0
    assert (tmp_path / "outside").read_bytes() == BEFORE
    assert dockerslim(tmp_path / "repository", "fix", *ONE, "--write", "Dockerfile.other").code == 0
    assert (tmp_path / "outside").read_bytes() == AFTER


def test_no_file_is_made_through_a_link(tmp_path: Path) -> None:
    """The context is a stranger's: its .dockerignore may lead anywhere."""
    put(
        tmp_path,
        r__Dockerfile=b'FROM node:20-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["node", "index.js"]\n',
        r__index__js=b"",
    )
    (tmp_path / "r" / "package.json").write_bytes(b"{}")
    (tmp_path / "r" / "node_modules").mkdir()
    (tmp_path / "r" / "node_modules" / "a.js").write_bytes(b"")
    (tmp_path / "r" / ".dockerignore").symlink_to("../made")

    dockerslim(tmp_path / "r", "fix", "--write")

    assert not (tmp_path / "made").exists()


# --- what is printed


def test_without_a_path_the_working_folder_is_searched(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE, b__Dockerfile=BEFORE, a__x__dockerfile=BEFORE, node_modules__Dockerfile=BEFORE)

    done = dockerslim(tmp_path, "fix", *ONE)

    headers = [line for line in done.out.splitlines() if line.startswith(b"+++")]
    assert headers == [b"+++ b/Dockerfile", b"+++ b/a/x/dockerfile", b"+++ b/b/Dockerfile"]
    assert done.err == "3 files would change\napply with --write\n"


def test_nothing_to_do(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=PLAIN)

    done = dockerslim(tmp_path, "fix", *ONE)

    assert (done.code, done.out, done.err) == (0, b"", "0 files would change, 1 unchanged\n")


def test_a_file_that_is_named_twice_counts_once(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE)

    done = dockerslim(tmp_path, "fix", *ONE, "Dockerfile", ".", str(tmp_path / "Dockerfile"), "./Dockerfile")

    assert done.out.count(b"+++") == 1


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, build=BEFORE)
    (tmp_path / ".gitignore").write_text("build\n")

    assert dockerslim(tmp_path, "fix", *ONE, "build").out.count(b"+++") == 1


def test_refusals_are_told(tmp_path: Path) -> None:
    put(tmp_path, api__Dockerfile=REFUSED)

    done = dockerslim(tmp_path, "fix", *ONE)

    assert (done.code, done.out) == (0, b"")
    assert done.err.startswith("skipped[use-exec-form]: the command needs a shell\n  --> api/Dockerfile:2:1\n")
    assert done.err.endswith("0 files would change, 1 skipped, 1 unchanged\n")


def test_quiet(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=REFUSED, b__Dockerfile=BEFORE)

    done = dockerslim(tmp_path, "fix", *ONE, "--quiet", "no-such-file", ".")

    assert done.err == "error: no-such-file does not exist\n   = help: check the path\n"
    assert b"+++ b/b/Dockerfile" in done.out
    assert dockerslim(tmp_path, "fix", *ONE, "-q", "--write").err == ""


def test_verbose_says_why(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE)

    assert "Dockerfile: use-exec-form: the program is process 1" in dockerslim(tmp_path, "fix", *ONE, "-v").err


def test_left_alone_files_are_told_and_are_no_error(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=b"FROM {{ base }}\nRUN a\n")

    done = dockerslim(tmp_path, "fix")

    assert (done.code, done.out) == (0, b"")
    assert done.err.startswith("skipped: Dockerfile:1: a template")
    assert "1 skipped, 1 unchanged" in done.err


def test_escapes_in_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    evil = b"\x1b]0;owned\x07\x1b[31m"
    put(
        tmp_path,
        a__Dockerfile=b"FROM debian:12\nCMD serve " + evil + b" $PORT\n",
        b__Dockerfile=b"FROM debian:12\n" + evil + b" x\n",
        c__Dockerfile=b"FROM debian:12\nCMD serve \xe2\x80\xae\xc2\x9b31m $PORT\n",
    )

    done = dockerslim(tmp_path, "fix", "--verbose")

    assert not set(done.err) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert r"\x1b" in done.err


@pytest.mark.skipif(os.name == "nt", reason="no such names on Windows")
@pytest.mark.parametrize("mode", [["--check"], ["--write"], ["--verbose"]])
def test_escapes_in_a_name_do_not_reach_the_terminal(tmp_path: Path, mode: list[str]) -> None:
    name = "Dockerfile.\x1b[31m"
    (tmp_path / name).write_bytes(BEFORE)
    (tmp_path / os.fsdecode(b"Dockerfile.\xff")).write_bytes(BEFORE)

    done = process(tmp_path, "fix", *ONE, *mode)

    assert done.code == (1 if mode == ["--check"] else 0)
    assert "\x1b" not in done.err
    assert b"\x1b" not in done.out


def test_output_whatever_the_encoding_is(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile="FROM debian:12\n# ü\nCMD sérve $PORT\n".encode())

    done = process(tmp_path, "fix", *ONE, PYTHONIOENCODING="ascii")

    assert done.code == 0
    assert "skipped[use-exec-form]" in done.err
    assert process(tmp_path, "explain", "add-user", PYTHONIOENCODING="ascii").code == 0


def test_colors_only_where_asked_for(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=REFUSED)

    assert "\x1b" not in dockerslim(tmp_path, "fix", *ONE).err
    assert "\x1b[" in dockerslim(tmp_path, "fix", *ONE, FORCE_COLOR="1").err


# --- exit codes


def test_check(tmp_path: Path) -> None:
    put(tmp_path, a__Dockerfile=BEFORE, b__Dockerfile=PLAIN)

    done = dockerslim(tmp_path, "fix", *ONE, "--check")

    assert (done.code, done.out) == (1, b"would change a/Dockerfile\n".replace(b"\n", os.linesep.encode()))
    assert (tmp_path / "a" / "Dockerfile").read_bytes() == BEFORE
    assert dockerslim(tmp_path, "fix", *ONE, "--check", "b").code == 0
    assert dockerslim(tmp_path, "fix", *ONE, "--check", "a", "none").code == 2


def test_a_diff_is_no_failure(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE)

    assert dockerslim(tmp_path, "fix", *ONE).code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--select", "use-exec-from"],
            "no transform is called `use-exec-from`\n   = help: did you mean `use-exec-form`?",
        ),
        (["--ignore", "ad-user"], "did you mean `add-user`?"),
        (["--ignore", ""], "no transform is called ``"),
        (["--write", "--check"], "--write and --check exclude each other"),
        (["--quiet", "--verbose"], "--quiet and --verbose exclude each other"),
        (["--context", "nowhere"], "the build context `nowhere` is not a folder"),
        (["--context", "Dockerfile"], "the build context `Dockerfile` is not a folder"),
        (["--runtime", "Not An Image"], "`Not An Image` names no image"),
        (["--no-such-option"], "No such option: --no-such-option"),
        (["-", "Dockerfile"], "- can't be combined with other paths"),
        ([""], "a path is empty"),
        (["--select"], "--select"),
    ],
)
def test_usage(tmp_path: Path, arguments: list[str], message: str) -> None:
    put(tmp_path, Dockerfile=BEFORE)

    done = dockerslim(tmp_path, "fix", *arguments)

    assert (done.code, done.out) == (2, b"")
    assert message in done.err
    assert (tmp_path / "Dockerfile").read_bytes() == BEFORE


# --- options


def test_select_and_ignore(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=b"FROM debian:12\nRUN --mount=type=cache,target=/x a\nCMD serve\n")

    both = dockerslim(tmp_path, "fix", "--select", "use-exec-form", "--select", "add-syntax-directive").out
    assert (b"+CMD" in both, b"+# syntax" in both) == (True, True)
    assert dockerslim(tmp_path, "fix", "--select", "use-exec-form,add-syntax-directive").out == both
    one = dockerslim(tmp_path, "fix", "--select", "use-exec-form").out
    assert (b"+CMD" in one, b"+# syntax" in one) == (True, False)
    other = dockerslim(tmp_path, "fix", "--ignore", "use-exec-form").out
    assert (b"+CMD" in other, b"+# syntax" in other) == (False, True)


def test_unsafe(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=b'FROM python:3.11-slim\nVOLUME /data\nCMD ["sleep", "9"]\n')

    held_back = dockerslim(tmp_path, "fix", "--select", "add-user")
    applied = dockerslim(tmp_path, "fix", "--select", "add-user", "--unsafe")

    assert held_back.out == b""
    assert "--unsafe" in held_back.err
    assert b"+USER " in applied.out


GO = b'FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\nCMD ["./app"]\n'


def go_project(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go.mod").write_bytes(b"module example.com/app\n\ngo 1.23\n")
    (folder / "main.go").write_bytes(b"package main\n\nfunc main() {}\n")


def test_context(tmp_path: Path) -> None:
    go_project(tmp_path / "server")
    put(tmp_path, docker__Dockerfile=GO)

    there = dockerslim(tmp_path, "fix", "--context", "server", "docker/Dockerfile")
    nowhere = dockerslim(tmp_path, "fix", "docker/Dockerfile")

    assert there.out.count(b"\n+FROM ") == 2
    assert nowhere.out.count(b"\n+FROM ") < 2


def test_runtime(tmp_path: Path) -> None:
    go_project(tmp_path)
    put(tmp_path, Dockerfile=GO)

    def last_base(*arguments: str) -> bytes:
        diff = dockerslim(tmp_path, "fix", *arguments).out
        return [line for line in diff.splitlines() if line.startswith(b"+FROM")][-1]

    assert b"distroless" in last_base()
    assert b"distroless" in last_base("--runtime", "distroless")
    assert b"slim" in last_base("--runtime", "slim")
    assert last_base("--runtime", "example.com/base:1") == b"+FROM example.com/base:1"


# --- standard input


def test_stdin_gives_a_diff(tmp_path: Path) -> None:
    done = process(tmp_path, "fix", *ONE, "-", stdin=BEFORE)

    assert done.code == 0
    assert done.out.startswith(b"--- a/Dockerfile\n+++ b/Dockerfile\n@@")
    assert done.err == ""
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("data", [BEFORE, PLAIN, BEFORE.replace(b"\n", b"\r\n"), BEFORE[:-1]])
def test_stdin_gives_the_whole_text_with_write(tmp_path: Path, data: bytes) -> None:
    done = dockerslim(tmp_path, "fix", *ONE, "--write", "-", stdin=data)

    assert done.out.replace(b"\r\n", b"\n").rstrip(b"\n") == (AFTER if data != PLAIN else PLAIN).rstrip(b"\n")
    assert done.out.count(b"\r\n") == data.count(b"\r\n")
    assert done.out.endswith(b"\n") == data.endswith(b"\n")
    assert tree(tmp_path) == {}


def test_stdin_check(tmp_path: Path) -> None:
    assert dockerslim(tmp_path, "fix", *ONE, "--check", "-", stdin=BEFORE).code == 1
    assert dockerslim(tmp_path, "fix", *ONE, "--check", "-", stdin=PLAIN).code == 0


def test_stdin_has_the_working_folder_as_context_and_makes_no_other_file(tmp_path: Path) -> None:
    go_project(tmp_path)
    before = tree(tmp_path)

    done = dockerslim(tmp_path, "fix", "-", stdin=GO)

    assert b"+FROM gcr.io/distroless" in done.out
    assert b".dockerignore" not in done.out
    assert tree(tmp_path) == before
    assert dockerslim(tmp_path / "..", "fix", "-", "--context", str(tmp_path), stdin=GO).out == done.out


def test_stdin_that_is_no_dockerfile(tmp_path: Path) -> None:
    done = dockerslim(tmp_path, "fix", "-", stdin=b"hello\n")

    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("error: <stdin>:1: not a Dockerfile that BuildKit accepts: ")
    assert dockerslim(tmp_path, "fix", "-").code == 2
    kept = dockerslim(tmp_path, "fix", "-", "--write", stdin=b"hello\n")
    assert (kept.code, kept.out) == (2, b"hello\n"), "a filter must not empty what it can't read"


def test_stdin_refusals_name_it(tmp_path: Path) -> None:
    assert " --> <stdin>:2:1\n" in dockerslim(tmp_path, "fix", *ONE, "-", stdin=REFUSED).err


# --- the process


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise on Windows")
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    for number in range(200):
        put(tmp_path, **{f"d{number}__Dockerfile": b"# " + b"x" * 900 + b"\n" + BEFORE})
    for command in (["fix", *ONE], ["explain", "add-user"], ["fix", *ONE, "--check"]):
        running = subprocess.Popen(
            [sys.executable, "-P", "-m", "dockerslim", *command],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        talk = running.stderr.read().decode()
        running.stderr.close()
        running.wait(60)

        assert "Traceback" not in talk
        assert "BrokenPipe" not in talk
        assert "Exception ignored" not in talk


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others on Windows")
def test_an_interrupt_leaves_whole_files(tmp_path: Path) -> None:
    names = [tmp_path / f"d{number}" / "Dockerfile" for number in range(300)]
    for name in names:
        name.parent.mkdir()
        name.write_bytes(BEFORE)
    running = subprocess.Popen(
        [sys.executable, "-P", "-m", "dockerslim", "fix", *ONE, "--write"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert running.stderr is not None
    first = running.stderr.readline()
    running.send_signal(signal.SIGINT)
    talk = (first + running.stderr.read()).decode()
    running.stderr.close()
    code = running.wait(60)

    texts = [name.read_bytes() for name in names]
    assert code == 130
    assert set(texts) == {BEFORE, AFTER}
    assert "Traceback" not in talk
    assert [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "Dockerfile"] == []


def test_as_a_module_and_as_a_script(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE)
    script = Path(sys.executable).with_name("dockerslim.exe" if os.name == "nt" else "dockerslim")

    as_module = process(tmp_path, "fix", *ONE)
    assert as_module.code == 0
    if script.exists():
        done = subprocess.run([script, "fix", *ONE], cwd=tmp_path, capture_output=True, check=True, env=environment())
        assert (done.stdout, done.stderr.decode()) == (as_module.out, as_module.err)


def test_what_a_person_should_know_of_a_fix_is_told(tmp_path: Path) -> None:
    text = b'FROM python:3.12-slim\nWORKDIR /app\nCOPY app.py .\nEXPOSE 80\nCMD ["python", "app.py"]\n'
    put(tmp_path, Dockerfile=text)
    (tmp_path / "app.py").write_text("print(1)\n")

    done = dockerslim(tmp_path, "fix", "--select", "add-user")

    assert b"+USER 1000:1000\n" in done.out
    assert done.err.startswith("note[add-user]: Dockerfile: Docker lets every user open port 80, Kubernetes may need")
    assert "port 80" not in dockerslim(tmp_path, "fix", "--select", "add-user", "--quiet").err
