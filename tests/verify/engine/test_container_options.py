"""What containers are created with."""

from __future__ import annotations

from pathlib import Path

from dockerslim.verify.engine.container_options import container_options
from dockerslim.verify.engine.container_requests import ContainerRequest, VolumeMount
from dockerslim.verify.options import Limits


def test_is_limited_and_cut_off_by_default() -> None:
    options = container_options(ContainerRequest("image"), Limits(memory="1g", cpus=1.5, processes=9))

    assert options["networks"] == ["none"]
    assert (options["memory"], options["memory_swap"], options["cpus"], options["pids_limit"]) == ("1g", "1g", 1.5, 9)
    assert options["pull"] == "never"
    assert {"publish", "privileged", "cap_add", "devices"}.isdisjoint(options)


def test_has_no_limits_where_none_are_wanted() -> None:
    options = container_options(ContainerRequest("image", is_limited=False), Limits())

    assert {"memory", "cpus", "pids_limit"}.isdisjoint(options)


def test_has_no_host_name_of_its_own_in_the_network_of_another() -> None:
    request = ContainerRequest("image", network="container:abc", hostname="app")

    assert container_options(request, Limits())["hostname"] is None
    assert container_options(request, Limits(), is_podman=True)["hostname"] == "app"


def test_is_removed_by_podman_without_waiting() -> None:
    assert "stop_timeout" not in container_options(ContainerRequest("image"), Limits())
    assert container_options(ContainerRequest("image"), Limits(), is_podman=True)["stop_timeout"] == 0


def test_paths_of_volumes_may_have_commas_and_quotes() -> None:
    mounts = (VolumeMount("v", "/data"), VolumeMount("v", '/a,"b"', read_only=True))

    options = container_options(ContainerRequest("image", mounts=mounts), Limits())

    assert options["mounts"] == [
        ["type=volume", "source=v", "target=/data"],
        ["type=volume", "source=v", '"target=/a,""b"""', "readonly"],
    ]


def test_passes_on_environment_and_files(tmp_path: Path) -> None:
    request = ContainerRequest("image", environment={"A": ""}, environment_files=(tmp_path,), has_health_check=False)

    options = container_options(request, Limits())

    assert (options["envs"], options["env_files"], options["healthcheck"]) == ({"A": ""}, [str(tmp_path)], False)
