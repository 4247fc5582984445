"""``python -m tests.previous``: the previous release's code, with its own tests of the record, on this schema.

Its source is taken from git, its migrations are replaced by ours, and what it writes and reads is written
and read by it. Whatever fails is what its workers would meet after `migrate`.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
RELEASE, STATEMENTS = HERE / "RELEASE", HERE / "sql"
OURS = ROOT / "activities" / "sql" / "migrations"
TESTS = ("test_records", "test_intake", "test_operations", "test_meeting_records", "test_delivery",
         "test_telling", "test_payments", "test_reading")  # fmt: skip
"""Its tests that write and read the record as its workers and its doors do."""


def main(arguments: Sequence[str]) -> int:
    """Return pytest's exit code, or 0 for having kept a release."""
    parser = argparse.ArgumentParser(prog="python -m tests.previous")
    parser.add_argument("tests", nargs="*", default=TESTS, help="files of tests/integration")
    parser.add_argument("--keep", metavar="COMMIT", help="make that one the previous release")
    given = parser.parse_args(arguments)
    if given.keep:
        _keep(given.keep)
        return 0
    with tempfile.TemporaryDirectory(prefix="zhiping-previous-") as room:
        place = Path(room)
        _source(RELEASE.read_text(encoding="utf-8").strip(), place)
        shutil.rmtree(place / "activities" / "sql" / "migrations")
        shutil.copytree(OURS, place / "activities" / "sql" / "migrations")
        files = [f"tests/integration/{name}.py" for name in given.tests]
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(place)},
            check=False,
        ).returncode


def _keep(commit: str) -> None:
    with tempfile.TemporaryDirectory() as room:
        _source(commit, Path(room))
        shutil.rmtree(STATEMENTS)
        STATEMENTS.mkdir()
        for file in sorted((Path(room) / "activities" / "sql").glob("*.sql")):
            shutil.copy(file, STATEMENTS / file.name)
    RELEASE.write_text(f"{commit}\n", encoding="utf-8")


def _source(commit: str, place: Path) -> None:
    """The whole tree of a commit."""
    git = shutil.which("git") or "git"
    told = subprocess.run([git, "archive", commit], cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    with tarfile.open(fileobj=io.BytesIO(told.stdout)) as tar:
        tar.extractall(place, filter="data")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
