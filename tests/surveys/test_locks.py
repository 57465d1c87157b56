"""What lock files say, from lock files made here."""

from __future__ import annotations

from tests.surveys.locks import statements

UV = """
version = 1
[[package]]
name = "pure-thing"
version = "2.0"
source = { registry = "https://index.example/simple" }
dependencies = [
  { name = "click" },
  { name = "colorama", marker = "sys_platform == 'win32'" },
  { name = "Tomli", marker = "python_full_version < '3.12'" },
]
wheels = [{ url = "https://files.example/pure_thing-2.0-py3-none-any.whl" }]
[[package]]
name = "compiled"
version = "1.0"
source = { registry = "https://index.example/simple" }
wheels = [{ url = "https://files.example/compiled-1.0-cp312-cp312-manylinux_2_17_x86_64.whl" }]
[[package]]
name = "sources-alone"
version = "1.0"
source = { registry = "https://index.example/simple" }
sdist = { url = "https://files.example/sources_alone-1.0.tar.gz" }
[[package]]
name = "of-another-index"
version = "1.0"
source = { registry = "https://other.example/simple" }
wheels = [{ url = "https://other.example/of_another_index-1.0-py3-none-any.whl" }]
[[package]]
name = "mine"
version = "1.0"
source = { editable = "." }
"""
POETRY = """
[[package]]
name = "pure-thing"
version = "1.0"
files = [{ file = "pure_thing-1.0-py3-none-any.whl", hash = "sha256:0" }]
[[package]]
name = "Of.Poetry"
version = "1.0"
files = [{ file = "of_poetry-1.0-py3-none-any.whl", hash = "sha256:0" }]
[package.dependencies]
requests = ">=2"
pillow = { version = "*", optional = true }
pywin32 = { version = "*", markers = "platform_system == \\"Windows\\"" }
"""


def test_statements() -> None:
    said = {each.name: each for each in statements([UV, POETRY, "not = [ toml"])}

    assert {name: each.verdict for name, each in said.items()} == {
        "pure-thing": "pure",
        "compiled": "self-contained",
        "of-poetry": "pure",
    }
    assert said["pure-thing"].requires == {"click", "tomli"}
    assert said["of-poetry"].requires == {"requests"}
