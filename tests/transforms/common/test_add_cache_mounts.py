"""apt's caches in stages that are thrown away."""

from __future__ import annotations

import pytest

from dockerslim.context.usage import Usage
from tests.transforms.rewriting import rewrite, service

HEAD = "FROM debian:bookworm AS build\n"
END = "\nFROM debian:bookworm-slim\nCOPY --from=build /a.out /\n"
INSTALL = "RUN apt-get update && apt-get install -y gcc\n"
CACHE = "--mount=type=cache,target=/var/cache/apt,sharing=locked"
LISTS = "--mount=type=cache,target=/var/lib/apt,sharing=locked"
MOUNTS = f"RUN {CACHE} \\\n    {LISTS} \\\n    "
KEEP = "rm -f /etc/apt/apt.conf.d/docker-clean && "
EMPTIES_MORE = "the command empties apt's folders together with other things"
LATER = "this installs from the package lists of a RUN above, which a cache mount would keep out of the image"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("RUN apt-get update && apt-get install -y gcc\n", f"{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc\n"),
        (
            "RUN apt-get update && apt-get install -y gcc && rm -rf /var/lib/apt/lists/*\n",
            f"{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc\n",
        ),
        (
            "RUN apt-get update; apt-get install -y gcc; rm -rf /var/lib/apt/lists/*\n",
            f"{MOUNTS}{KEEP}apt-get update; apt-get install -y gcc\n",
        ),
        (
            "RUN apt-get update && apt-get install -y gcc && apt-get clean && rm -rf /var/lib/apt/lists/* && make\n",
            f"{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc && make\n",
        ),
        (
            "RUN rm -rf /var/lib/apt/lists/* && apt-get update && apt-get install -y gcc\n",
            f"{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc\n",
        ),
        (
            "RUN set -eux; apt-get update; apt-get install -y gcc; rm -rf /var/lib/apt/lists/*\n",
            f"{MOUNTS}{KEEP}set -eux; apt-get update; apt-get install -y gcc\n",
        ),
        (
            "RUN sudo apt-get update && sudo apt-get install -y gcc # c\n",
            f"{MOUNTS}{KEEP}sudo apt-get update && sudo apt-get install -y gcc # c\n",
        ),
        (
            "RUN rm -f /etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y gcc\n",
            f"{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc\n",
        ),
        (
            "RUN rm -f /etc/apt/apt.conf.d/docker-clean\n" + INSTALL,
            f"RUN rm -f /etc/apt/apt.conf.d/docker-clean\n{MOUNTS}apt-get update && apt-get install -y gcc\n",
        ),
        (
            "RUN --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y gcc\n",
            f"RUN --mount=type=cache,target=/var/cache/apt \\\n    {LISTS} \\\n    "
            f"{KEEP}apt-get update && apt-get install -y gcc\n",
        ),
        (
            'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\n' + INSTALL,
            f'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\n{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc\n',
        ),
        (INSTALL + "USER app\n", f"{MOUNTS}{KEEP}apt-get update && apt-get install -y gcc\nUSER app\n"),
    ],
)
def test_mounts_both_and_takes_out_what_empties_them(run: str, expected: str) -> None:
    assert rewrite("add-cache-mounts", HEAD + run + END).text == HEAD + expected + END


def test_a_list_of_packages_keeps_its_lines_and_comments() -> None:
    run = (
        "# compilers\nRUN apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n"
        "    # for the program\n    gcc \\\n\n    make \\\n    && rm -rf /var/lib/apt/lists/*\n"
    )

    got = rewrite("add-cache-mounts", HEAD + run + END)

    assert (
        got.text
        == HEAD
        + (
            f"# compilers\n{MOUNTS}{KEEP}apt-get update \\\n    && apt-get install -y --no-install-recommends \\\n"
            "    # for the program\n    gcc \\\n\n    make\n"
        )
        + END
    )


@pytest.mark.parametrize("indent", ["  ", "\t", "        "])
def test_takes_the_file_s_indentation(indent: str) -> None:
    run = f"RUN apt-get update && \\\n{indent}apt-get install -y gcc && \\\n{indent}apt-get clean\n"

    got = rewrite("add-cache-mounts", HEAD + run + END)

    assert (
        got.text
        == HEAD
        + (f"RUN {CACHE} \\\n{indent}{LISTS} \\\n{indent}{KEEP}apt-get update && \\\n{indent}apt-get install -y gcc\n")
        + END
    )


def test_crlf_and_lower_case_without_a_last_newline() -> None:
    text = (
        "from debian:12 as build\nrun apt-get update && apt-get install -y gcc\n\nfrom scratch\ncopy --from=build /a /"
    )

    got = rewrite("add-cache-mounts", text.replace("\n", "\r\n"))

    assert got.text.replace("\r\n", "\n") == text.replace("run ", MOUNTS.replace("RUN", "run") + KEEP)


@pytest.mark.parametrize(
    "run",
    [
        "RUN apt-get update\nRUN apt-get install -y gcc\n",
        'RUN ["apt-get", "update"]\nRUN ["apt-get", "install", "-y", "gcc"]\n',
        "RUN <<EOF\napt-get update\napt-get install -y gcc\nEOF\n",
        "RUN apt-get update && apt-get install -y gcc || true\n",
        "RUN if true; then apt-get update && apt-get install -y gcc; fi\n",
        "RUN apt-get update && apt-get install -y curl && curl x | apt-key add - && apt-get update\n",
        "RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt "
        "apt-get update && apt-get install -y gcc\n",
        "USER app\n" + INSTALL,
        "RUN apk add gcc\n",
        "ONBUILD " + INSTALL,
    ],
)
def test_leaves_a_run_alone(run: str) -> None:
    got = rewrite("add-cache-mounts", HEAD + run + END)

    assert got.text == HEAD + run + END
    assert got.reasons == ()


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian:bookworm\n" + INSTALL,
        "FROM example.com/unknown AS build\n" + INSTALL + END,
        HEAD + INSTALL + "\nFROM build\nRUN x\n",
        HEAD + INSTALL + "\nFROM Build AS two\nRUN x\n\nFROM debian:12\nCOPY --from=two / /\n",
        HEAD + INSTALL + "\nFROM debian:12\nCOPY --from=build / /\n",
        HEAD + INSTALL + "\nFROM debian:12\nCOPY --from=0 /var/lib/apt /x\n",
        HEAD + INSTALL + "\nFROM debian:12\nRUN --mount=from=build,target=/x cp -r /x/var/lib/apt /\n",
        HEAD + INSTALL + "\nFROM debian:12\nRUN --mount=type=bind,from=0,target=/x cp -r /x/var/cache/apt /\n",
    ],
)
def test_leaves_a_stage_alone_that_is_not_thrown_away(text: str) -> None:
    got = rewrite("add-cache-mounts", text)

    assert got.text == text
    assert got.reasons == ()


@pytest.mark.parametrize(
    "usage", [Usage(script_targets=("build",)), Usage(script_targets=("0",)), service(target="BUILD")]
)
def test_leaves_a_target_alone(usage: Usage) -> None:
    assert rewrite("add-cache-mounts", HEAD + INSTALL + END, usage=usage).text == HEAD + INSTALL + END


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ("RUN apt-get update && apt-get install -y gcc && rm -rf /var/lib/apt/lists/* /tmp/*\n", EMPTIES_MORE),
        ("RUN apt-get update && apt-get install -y gcc && rm -rf /var/lib/apt /opt/x\n", EMPTIES_MORE),
        (INSTALL + "RUN apt-get install -y make\n", LATER),
        (INSTALL + "RUN apt install -y make && make\n", LATER),
        (INSTALL + "RUN cp -r /var/lib/apt/lists /x\n", LATER),
        ("RUN apt-get update && apt-get install -y gcc && apt-get clean\nRUN apt-get install -y make\n", LATER),
    ],
)
def test_refuses(run: str, reason: str) -> None:
    got = rewrite("add-cache-mounts", HEAD + run + END)

    assert got.text == HEAD + run + END
    assert got.reasons == (reason,)


def test_a_later_install_that_fetches_its_own_lists() -> None:
    got = rewrite("add-cache-mounts", HEAD + INSTALL + INSTALL.replace("gcc", "make") + END)

    assert got.text.count(MOUNTS) == 2
    assert got.reasons == ()
