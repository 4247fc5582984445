"""The table of points names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NAMED = re.compile(r"`((?:tests/[\w/]+/)?\w+\.(?:py|toml)|(?:test_|_)\w+)`")


def test_every_test_that_the_table_names_is_there() -> None:
    files = [path for path in ROOT.joinpath("tests").rglob("*") if path.suffix in (".py", ".toml")]
    named = {path.name for path in files} | {str(path.relative_to(ROOT)) for path in files}
    bodies = "\n".join(path.read_text(encoding="utf-8") for path in files if path.suffix == ".py")
    defined = set(re.findall(r"^(?:async )?def (\w+)", bodies, re.MULTILINE))

    wanted = set(NAMED.findall(HERE.joinpath("README.md").read_text(encoding="utf-8")))

    assert len(wanted) > 40
    assert wanted - named - defined == set()
