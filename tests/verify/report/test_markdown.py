"""What a pull request shows, letter by letter."""

from __future__ import annotations

import re
import textwrap

import pytest

from dockerslim.verify.report.markdown import render_markdown
from dockerslim.verify.report.markdown_text import block, code, html_code, sentence
from tests.verify.report.made_up import ALL, DIFFERS, HARMFUL, HOSTILE, IDLE, LEFT_OUT, SAME, UNKNOWN


def lines(text: str) -> str:
    return textwrap.dedent(text.removeprefix("\n"))


def test_same() -> None:
    assert render_markdown([SAME]) == lines("""
        ### `api/Dockerfile`: behaves the same

        | | before | after | gain |
        |---|---:|---:|---|
        | size on disk | 905 MB | 9.9 MB | 91 times smaller |
        | compressed, as pushed | 310 MB | 4.0 MB | 77 times smaller |
        | layers | 9 | 3 | 6 fewer |
        | files | 12,345 | 1,234 | 11,111 fewer |
        | OS packages | 312 | 3 | 309 fewer |
        | shell | /bin/bash | none | gone |
        | package manager | apt | none | gone |
        | runs as | root | 65532:65532 | not root |
        | cold build | 31.2 s | 41.2 s | 1.3 times slower |
        | rebuild after a source change (`main.go`) | 31.6 s | 0.9 s | 35 times faster |
        | rebuild after a dependency change (`go.mod`) | 40.1 s | 5.1 s | 7.9 times faster |

        - rewritten by `go/split-stages`, `add-user`
        - compared: `GET :8080/ 200`, `exit code 0`
        - note: the date in GET :8080/ differs
        """)


def test_differs() -> None:
    assert render_markdown([DIFFERS]).partition("\n\n- ")[2] == lines("""
        rewritten by `go/split-stages`
        - **differs**: `GET :8080/static/x.css`: `200` before, `404` after
        - **differs**: `ENV LANG`: `C.UTF-8` before, `not set` after
        - compared: `GET :8080/ 200`
        - because of `go/split-stages`: `GET :8080/static/x.css`: `200` before, `404` after
        - log: `/logs/go-split-stages.log`
        - log: `/logs/after.log`

        <details><summary><code>GET :8080/static/x.css</code></summary>

        ```diff
        --- before
        +++ after
        -body { color: red }
        +not found
        ```

        </details>
        """)


def test_left_out() -> None:
    page = render_markdown([LEFT_OUT])

    assert page.startswith("### `web/Dockerfile`: behaves the same without go/split-stages\n")
    assert "\n- left out `go/split-stages`: `GET :8080/static/x.css`: `200` before, `404` after\n" in page
    assert "\n- runtime image tried: `debian:12`: same\n" in page


def test_could_not_tell() -> None:
    assert render_markdown([UNKNOWN]) == lines("""
        ### `old/Dockerfile`: could not tell whether it behaves the same

        - reason: the Dockerfile does not build as it is: \\`RUN make\\` failed with exit code 2
        - help: make it build, then verify again
        - log: `/logs/before.log`
        """)


def test_several_files_begin_with_a_summary() -> None:
    page = render_markdown(ALL)

    assert page.startswith(
        lines("""
            6 files: 1 differs, 1 could not tell, 1 fails the same way, 2 same, 1 nothing to do

            | file | before | after | smaller | behaviour |
            |---|---:|---:|---|---|
            | `api/Dockerfile` | 905 MB | 9.9 MB | 91 times | same |
            """)
    )
    assert page.count("\n### ") == len(ALL)
    assert render_markdown([IDLE]) == "### `done/Dockerfile`: nothing to do\n"


def test_no_text_of_a_project_does_more_than_to_be_read() -> None:
    page = render_markdown([HARMFUL, HARMFUL])
    outside_code = re.sub(r"(?s)(?<![`\\])(`+)(?!`).*?(?<!`)\1(?!`)|<code>.*?</code>", "", page)

    assert all(line.isprintable() for line in page.split("\n"))
    assert not re.search(r"<(?!/?details>|/?summary>)|@(?!&#8203;)|(?<!&)#(?=\d)|://|(?<!\\)\[", outside_code)
    assert outside_code.count("<summary>") == outside_code.count("</summary>") == outside_code.count("</details>")
    for row in re.findall(r"^\|.*$", page, re.MULTILINE):
        assert len(re.findall(r"(?<!\\)\|", row)) in (5, 6)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        ("a``b`c", "```a``b`c```"),
        (" a ", "`  a  `"),
        ("", ""),
        ("a|b", "`a|b`"),
    ],
)
def test_code(text: str, shown: str) -> None:
    assert code(text) == shown


def test_code_in_a_table() -> None:
    assert code("a|b", in_table=True) == "`a\\|b`"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a <b> & c", "a &lt;b&gt; &amp; c"),
        ("*a* _b_ `c` [d](e)", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e)"),
        ("a|b\nc", "a\\|b\\\\nc"),
        ("ask @someone", "ask @&#8203;someone"),
        ("see #12", "see #&#8203;12"),
        ("http://x.example", "http:&#8203;//x.example"),
        ("www.x.example", "www&#8203;.x.example"),
    ],
)
def test_sentence(text: str, shown: str) -> None:
    assert sentence(text) == shown


def test_block() -> None:
    assert block(["```", HOSTILE])[0] == "````text"
    assert len(block([HOSTILE])) == 3


def test_html() -> None:
    assert html_code("</code>&") == "<code>&lt;/code&gt;&amp;</code>"
