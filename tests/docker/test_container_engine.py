"""What the engine is asked to do, with a real one."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dockerslim.verify.engine.container_engine import TIMED_OUT, ContainerEngine
from dockerslim.verify.engine.container_requests import BuildRequest, ContainerRequest, ContainerState, VolumeMount
from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.engine.verification_run import verification_run
from dockerslim.verify.errors import BuildFailed, VerifyError
from dockerslim.verify.options import Limits, VerifyOptions

pytestmark = pytest.mark.docker

IMAGE = "alpine:3"
SLEEP = ("sleep", "600")
SOON = 20.0


@pytest.fixture(scope="module")
def connected(why_no_engine: str | None) -> Iterator[tuple[ContainerEngine, RunIdentity]]:
    if why_no_engine is not None:
        pytest.skip(f"no images can be built here: {why_no_engine}")
    with verification_run() as (run, reaper):
        engine = ContainerEngine.connect(VerifyOptions(limits=Limits(log_bytes=1000)), run)
        reaper.watch_engine(engine.watched)
        engine.ensure_image(IMAGE)
        yield engine, run


@pytest.fixture
def engine(connected: tuple[ContainerEngine, RunIdentity]) -> ContainerEngine:
    return connected[0]


@pytest.fixture
def run(connected: tuple[ContainerEngine, RunIdentity]) -> RunIdentity:
    return connected[1]


@pytest.fixture
def name(run: RunIdentity, request: pytest.FixtureRequest) -> str:
    """A name that no other test uses."""
    return run.name(request.node.name.replace("[", "-").replace("]", ""))


def test_tells_which_engine_it_is(engine: ContainerEngine) -> None:
    assert engine.description.startswith(("Docker ", "Podman "))


# Builds


def test_builds_and_tells_each_line(engine: ContainerEngine, run: RunIdentity, tmp_path: Path) -> None:
    lines: list[str] = []
    request = _request(run, tmp_path, "ok", f"FROM {IMAGE}\nARG WORD\nRUN echo word=$WORD {run.id}\n")

    image = engine.build(replace(request, arguments={"WORD": "given"}), lines.append)

    assert image.startswith("sha256:")
    assert engine.configuration(request.tag).id == image
    assert any(f"word=given {run.id}" in line for line in lines)


def test_an_empty_build_argument_is_not_one_that_is_missing(
    engine: ContainerEngine, run: RunIdentity, tmp_path: Path
) -> None:
    request = _request(run, tmp_path, "empty", f"FROM {IMAGE}\nARG WORD=default\nENV WORD=$WORD\n")

    image = engine.build(replace(request, arguments={"WORD": ""}), _ignore)

    assert engine.configuration(image).environment["WORD"] == ""


def test_takes_the_ignore_file_beside_the_dockerfile(engine: ContainerEngine, run: RunIdentity, tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "kept").touch()
    (context / "left out").touch()
    request = _request(run, tmp_path, "ignore", f"FROM {IMAGE}\nCOPY . /context\nRUN ls /context; exit 3\n")
    request.dockerfile.with_name("Dockerfile.dockerignore").write_text("left out\n")

    with pytest.raises(BuildFailed) as failed:
        engine.build(replace(request, context=context), _ignore)

    assert failed.value.help == "its last words: kept"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"FROM {IMAGE}\nRUN echo a && \\\n    exit 4\n", "`RUN echo a && exit 4` (line 2) failed with exit code 4"),
        (
            f"FROM {IMAGE}\nRUN printf '\\377\\376'; exit 5\n",
            "`RUN printf '\\377\\376'; exit 5` (line 2) failed with exit code 5",
        ),
        (f"FROM {IMAGE}\nCOPY nope /\n", '`COPY nope /` (line 2) failed: "/nope": not found'),
        (f"FROM {IMAGE}\nFOO\n", "line 2: unknown instruction: FOO"),
    ],
    ids=["run", "no text", "copy", "parse"],
)
def test_an_instruction_that_fails_is_named(
    engine: ContainerEngine, run: RunIdentity, tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(BuildFailed) as failed:
        engine.build(_request(run, tmp_path, "fails", text), _ignore)

    assert failed.value.message.startswith(message)
    assert "ERROR" in failed.value.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("FROM localhost:1/dockerslim/nosuch:3\n", "localhost:1/dockerslim/nosuch:3"),
        (f"FROM {IMAGE}\nRUN --mount=type=secret,id=token,required=true true\n", "the build needs the secret `token`"),
    ],
    ids=["image", "secret"],
)
def test_what_lies_around_the_dockerfile_is_no_failed_build(
    engine: ContainerEngine, run: RunIdentity, tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(VerifyError) as failed:
        engine.build(_request(run, tmp_path, "around", text), _ignore)

    assert not isinstance(failed.value, BuildFailed)
    assert message in failed.value.message
    assert failed.value.help


def test_a_build_has_a_time_limit(engine: ContainerEngine, run: RunIdentity, tmp_path: Path) -> None:
    hasty = ContainerEngine.connect(VerifyOptions(limits=Limits(build_seconds=2)), run)
    begin = time.monotonic()

    with pytest.raises(VerifyError, match="the build was not done after 2 s"):
        hasty.build(_request(run, tmp_path, "slow", f"FROM {IMAGE}\nRUN sleep 60; echo {run.id}\n"), _ignore)

    assert time.monotonic() - begin < SOON


def test_the_labels_of_the_run_are_on_all_and_shown_on_none(
    engine: ContainerEngine, run: RunIdentity, name: str, tmp_path: Path
) -> None:
    image = engine.build(_request(run, tmp_path, "labels", f"FROM {IMAGE}\nLABEL a=b\n"), _ignore)
    network, volume = engine.create_network(name, outside=False), engine.create_volume(name)
    container = engine.create(ContainerRequest(image), name)

    assert engine.configuration(image).labels == {"a": "b"}
    for kind, thing in (("image", image), ("network", network), ("volume", volume), ("container", container)):
        assert _labels(kind, thing)[run.LABEL] == run.id
    engine.remove_container(container)
    engine.remove_network(name)
    engine.remove_volume(name)
    engine.remove_image(image)
    engine.remove_image(image)  # It is gone: nothing happens.


# Images


def test_reads_the_configuration(engine: ContainerEngine, run: RunIdentity, tmp_path: Path) -> None:
    text = (
        f'FROM {IMAGE}\nUSER 12:13\nENV A="b c=d"\nWORKDIR /w\nVOLUME /v\nEXPOSE 80 53/udp\nSTOPSIGNAL SIGQUIT\n'
        'HEALTHCHECK --interval=5s --retries=2 CMD true\nENTRYPOINT ["e"]\nCMD ["c"]\n'
    )
    found = engine.configuration(engine.build(_request(run, tmp_path, "config", text), _ignore))

    assert (found.user, found.working_folder, found.stop_signal) == ("12:13", "/w", "SIGQUIT")
    assert (found.entrypoint, found.command) == (("e",), ("c",))
    assert found.environment["A"] == "b c=d"
    assert found.ports == frozenset({"80/tcp", "53/udp"})
    assert found.volumes == frozenset({"/v"})
    assert found.healthcheck == ("CMD-SHELL", "true", "interval=5s", "retries=2")
    assert found.size > 0
    assert found.layers


def test_saves_an_image_as_a_stream(engine: ContainerEngine) -> None:
    with tarfile.open(fileobj=io.BytesIO(b"".join(engine.save(IMAGE)))) as archive:
        assert "manifest.json" in archive.getnames()


def test_an_image_that_is_not_there(engine: ContainerEngine) -> None:
    for ask in (engine.configuration, engine.ensure_image, lambda image: list(engine.save(image))):
        with pytest.raises(VerifyError):
            ask("localhost:1/dockerslim/nosuch:3")


# Containers


def test_a_container_from_its_start_to_its_end(engine: ContainerEngine, name: str) -> None:
    program = "echo out; echo err >&2; touch '/tmp/a b'; exit 3"
    container = engine.create(ContainerRequest(IMAGE, ("sh", "-c", program)), name)
    assert engine.state(container) == ContainerState(running=False, exit_code=None)

    assert engine.start(container) == ""

    state = _wait_for_end(engine, container)
    assert (state.exit_code, state.out_of_memory, state.health) == (3, False, "")
    assert sorted(engine.logs(container).split()) == ["err", "out"]
    changed = engine.changed_paths(container)
    assert (changed["/tmp/a b"], changed["/tmp"]) == ("A", "C")
    engine.remove_container(container)
    with pytest.raises(VerifyError, match="is not there"):
        engine.state(container)


def test_a_program_that_is_not_there_is_told(engine: ContainerEngine, name: str) -> None:
    container = engine.create(ContainerRequest(IMAGE, ("/nosuch",)), name)

    assert "/nosuch" in engine.start(container)
    assert engine.state(container).exit_code is None


def test_of_a_long_log_the_end_is_kept(engine: ContainerEngine, name: str) -> None:
    container = engine.create(ContainerRequest(IMAGE, ("sh", "-c", "seq 100000")), name)
    engine.start(container)
    _wait_for_end(engine, container)

    log = engine.logs(container)

    assert len(log) == 1000
    assert log.endswith("\n99999\n100000\n")


def test_a_command_inside_a_container(engine: ContainerEngine, name: str) -> None:
    container = engine.create(ContainerRequest(IMAGE, SLEEP), name)
    engine.start(container)

    fed = engine.execute(container, ["cat"], b"a\0b\n", timeout=SOON)
    failing = engine.execute(container, ["sh", "-c", "echo out; echo err >&2; exit 7"])
    begin = time.monotonic()
    slow = engine.execute(container, ["sh", "-c", "echo begun; sleep 60"], timeout=1)

    assert (fed.exit_code, fed.output) == (0, b"a\0b\n")
    assert (failing.exit_code, failing.output, failing.error) == (7, b"out\n", "err\n")
    assert (slow.exit_code, slow.output) == (TIMED_OUT, b"begun\n")
    assert time.monotonic() - begin < SOON


def test_the_main_process_and_its_user(engine: ContainerEngine, name: str) -> None:
    container = engine.create(ContainerRequest(IMAGE, ("sh", "-c", "sleep 600; true"), user="1234:0"), name)
    assert engine.uid_of_process(container) is None

    engine.start(container)

    assert engine.uid_of_process(container) in (1234, None)


def test_health_is_told(engine: ContainerEngine, name: str) -> None:
    container = engine.create(ContainerRequest(IMAGE, SLEEP, health_command="true"), name)
    engine.start(container)

    assert engine.state(container).health in ("starting", "healthy")


def test_limits_are_in_force(engine: ContainerEngine, name: str) -> None:
    container = engine.create(ContainerRequest(IMAGE, SLEEP), name)

    settings = _inspect("container", container)["HostConfig"]

    assert (settings["Memory"], settings["PidsLimit"], settings["NanoCpus"]) == (2 << 30, 1000, 2 * 10**9)
    assert not settings["Privileged"]
    assert not settings["PortBindings"]


def test_volumes_of_ours_and_of_the_image(engine: ContainerEngine, run: RunIdentity, name: str, tmp_path: Path) -> None:
    image = engine.build(_request(run, tmp_path, "volumes", f"FROM {IMAGE}\nVOLUME /anonymous\n"), _ignore)
    volume = engine.create_volume(name)

    container = engine.create(ContainerRequest(image, SLEEP, mounts=(VolumeMount(volume, "/our,s"),)), name)

    found = engine.volumes_of(container)
    assert found["/our,s"] == volume == name
    engine.remove_container(container)
    assert _exists("volume", volume)
    assert not _exists("volume", found["/anonymous"])


def test_copies_into_a_container(engine: ContainerEngine, name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    container = engine.create(ContainerRequest(IMAGE, ("cat", "/tmp/copied")), name)

    engine.copy_into(container, tmp_path / "file", "/tmp/copied")

    engine.start(container)
    _wait_for_end(engine, container)
    assert engine.logs(container) == "content"


def test_an_internal_network_has_no_outside(engine: ContainerEngine, name: str) -> None:
    engine.create_network(name, outside=False)
    container = engine.create(ContainerRequest(IMAGE, SLEEP, network=name, hostname="app"), name)
    engine.start(container)
    beside = engine.create(
        ContainerRequest(IMAGE, ("cat", "/proc/net/route"), network=f"container:{container}"), f"{name}-b"
    )
    engine.start(beside)
    _wait_for_end(engine, beside)

    routes = [line.split() for line in engine.logs(beside).splitlines()[1:]]

    assert routes, "it has an address in the network"
    assert all(route[1] != "00000000" for route in routes), "a default route leads outside"
    assert engine.execute(container, ["hostname"]).output == b"app\n"


def test_removing_what_is_not_there_raises_nothing(engine: ContainerEngine, name: str) -> None:
    engine.remove_container(name)
    engine.remove_network(name)
    engine.remove_volume(name)
    engine.remove_image(f"{name}:none")


def _request(run: RunIdentity, folder: Path, name: str, text: str) -> BuildRequest:
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(text, encoding="utf-8")
    return BuildRequest(folder, dockerfile, run.tag(name))


def _ignore(line: str) -> None:
    """A build's progress that nobody looks at."""


def _wait_for_end(engine: ContainerEngine, container: str) -> ContainerState:
    end = time.monotonic() + SOON
    while (state := engine.state(container)).running:
        assert time.monotonic() < end
        time.sleep(0.05)
    return state


def _inspect(kind: str, name: str) -> dict[str, dict[str, object]]:
    done = subprocess.run(["docker", kind, "inspect", name], capture_output=True, check=True)
    found: dict[str, dict[str, object]] = json.loads(done.stdout)[0]
    return found


def _exists(kind: str, name: str) -> bool:
    return subprocess.run(["docker", kind, "inspect", name], capture_output=True, check=False).returncode == 0


def _labels(kind: str, name: str) -> dict[str, object]:
    found = _inspect(kind, name)
    labels = found["Config"]["Labels"] if kind in ("image", "container") else found["Labels"]
    assert isinstance(labels, dict)
    return labels
