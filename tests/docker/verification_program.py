"""A program to be killed: it makes all kinds of things in the engine and on the disk until it is ended.

Prints the id of its run first. Started by test_reaper.py as a process of its own.
"""

from __future__ import annotations

from dockerslim.verify.engine.container_engine import ContainerEngine
from dockerslim.verify.engine.container_requests import BuildRequest, ContainerRequest, VolumeMount
from dockerslim.verify.engine.verification_run import verification_run
from dockerslim.verify.options import VerifyOptions

_DOCKERFILE = """\
FROM alpine:3
RUN --mount=type=cache,target=/cache echo {round} > /cache/file
RUN dd if=/dev/urandom of=/large bs=1M count=15
RUN echo {run} {round}; sleep 0.3
VOLUME /anonymous
CMD ["sleep", "600"]
"""


def main() -> None:
    with verification_run() as (run, reaper):
        print(run.id, flush=True)
        engine = ContainerEngine.connect(VerifyOptions(), run)
        reaper.watch_engine(engine.watched)
        folder = run.temporary_folder("workspace")
        reaper.watch_folder(folder)
        folder.mkdir()
        locked = folder / "locked"
        locked.mkdir()
        (locked / "file").touch()
        locked.chmod(0o500)
        dockerfile = folder / "Dockerfile"
        for round_number in range(1000):
            name = str(round_number)
            dockerfile.write_text(_DOCKERFILE.format(run=run.id, round=round_number), encoding="utf-8")
            engine.create_network(run.name(f"network-{name}"), outside=False)
            volume = engine.create_volume(run.name(f"volume-{name}"))
            request = BuildRequest(
                folder, dockerfile, run.tag(name), arguments={"BUILDKIT_CACHE_MOUNT_NS": run.cache_namespace}
            )
            image = engine.build(request, lambda line: None)
            container = ContainerRequest(
                image, network=run.name(f"network-{name}"), mounts=(VolumeMount(volume, "/data"),)
            )
            engine.start(engine.create(container, run.name(name)))


if __name__ == "__main__":
    main()
