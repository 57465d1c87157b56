"""`fix --verify`: its options."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.cli import run_fix
from dockerslim.cli.fix_request import FixRequest
from dockerslim.verify.options import VerifyOptions
from tests.cli.command import BEFORE, ONE, dockerslim, put
from tests.test_architecture import RUN, loaded_by


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[FixRequest]:
    """What the command line asked for; nothing is done."""
    seen: list[FixRequest] = []

    def fix_paths(named: list[str], request: FixRequest) -> int:
        seen.append(request)
        return 0

    monkeypatch.setattr(run_fix, "fix_paths", fix_paths)
    return seen


def test_without_it_nothing_is_verified(tmp_path: Path, requests: list[FixRequest]) -> None:
    assert dockerslim(tmp_path, "fix").code == 0
    assert requests[0].verify is None


def test_with_it_alone(tmp_path: Path, requests: list[FixRequest]) -> None:
    assert dockerslim(tmp_path, "fix", "--verify", "--write").code == 0
    assert (requests[0].verify, requests[0].write) == (VerifyOptions(), True)


def test_options_are_handed_over(tmp_path: Path, requests: list[FixRequest]) -> None:
    given = "--verify --builder remote --build-arg A=1 --env B=2 --platform linux/amd64 --allow-network --engine podman"
    done = dockerslim(tmp_path, "fix", *given.split(), "--probe", "GET /x", "--probe-run", "app --help")

    assert done.code == 0, done.err
    verify = requests[0].verify
    assert verify is not None
    assert (verify.builder, verify.engine, verify.allow_network) == ("remote", "podman", True)
    assert (verify.build_arguments, verify.environment) == ((("A", "1"),), (("B", "2"),))
    assert [probe.path for probe in verify.probes] == ["/x"]
    assert verify.probe_runs == (("app", "--help"),)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--builder", "x"],
        ["--build-arg", "A=1"],
        ["--secret", "id=x"],
        ["--ssh", "default"],
        ["--env", "A=1"],
        ["--env-file", "x"],
        ["--platform", "linux/amd64"],
        ["--probe", "GET /"],
        ["--probe-run", "x"],
        ["--allow-network"],
        ["--engine", "docker"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_its_options_need_it(tmp_path: Path, requests: list[FixRequest], arguments: list[str]) -> None:
    done = dockerslim(tmp_path, "fix", *arguments)

    assert (done.code, requests) == (2, [])
    assert done.err.startswith(f"error: {arguments[0]} needs --verify\n   = help: ")


def test_standard_input_has_no_context(tmp_path: Path) -> None:
    done = dockerslim(tmp_path, "fix", "--verify", "-", stdin=BEFORE)

    assert (done.code, done.out) == (2, b"")
    assert "standard input can't be verified" in done.err


def test_a_fix_without_it_loads_nothing_of_it(tmp_path: Path) -> None:
    put(tmp_path, Dockerfile=BEFORE)
    arguments = ", ".join(f'"{argument}"' for argument in ("fix", *ONE))

    assert loaded_by(RUN.format(arguments=arguments), tmp_path) & {"rich", "python_on_whales", "psutil"} == set()
    assert "dockerslim.verify" not in loaded_by(RUN.format(arguments=arguments), tmp_path, depth=2)
