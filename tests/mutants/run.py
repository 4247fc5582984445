"""Tries every seeded fault: a copy of the core with one of them, and the lives of `make test` on it.

    python -m tests.mutants.run [--jobs 2] [--lives 1000] [NAME ...]

Exit code 1 where one is not caught. The working tree is never touched.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.toml")
COPIED = ("workflows", "config", "tests/lives")
"""All that the lives import."""
PATIENCE = 1800
"""Seconds one fault may take on a busy machine before it counts as not caught."""


@dataclass(frozen=True)
class Mutant:
    """One seeded fault."""

    name: str
    file: str
    changes: tuple[tuple[str, str], ...]
    """Old text and new; the first is the fault, another what it needs to run."""
    why: str

    def applied(self, text: str) -> str:
        """The file with the fault.

        Raises:
            ValueError: an old text does not stand there exactly once.
        """
        for old, new in self.changes:
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {old!r} stands {text.count(old)} times")
            text = text.replace(old, new)
        return text


@dataclass(frozen=True)
class Verdict:
    """What became of one."""

    mutant: Mutant
    caught: bool
    by: str
    seconds: float


def mutants(path: Path = LIST) -> list[Mutant]:
    """The list."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Mutant(
            name=item["name"],
            file=item["file"],
            changes=tuple((part["old"], part["new"]) for part in (item, item.get("also")) if part),
            why=item["why"],
        )
        for item in table["mutant"]
    ]


def tried(mutant: Mutant, lives: int) -> Verdict:
    """Play the lives against a copy of the core that has the fault."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="zhiping-mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("tests/__init__.py", "pyproject.toml"):
            shutil.copy(ROOT / name, copy / name)
        file = copy / mutant.file
        file.write_text(mutant.applied(file.read_text(encoding="utf-8")), encoding="utf-8")
        caught, by = _played(copy, lives)
    return Verdict(mutant, caught, by, time.monotonic() - began)


def _played(copy: Path, lives: int) -> tuple[bool, str]:
    wanted = {"ZHIPING_LIVES": str(lives), "ZHIPING_LIVES_SHRINK": "no"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    command += ["--timeout", "0", "--tb", "line", "tests/lives/test_lives.py"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own files
            command,
            cwd=copy,
            env=os.environ | wanted,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, "took too long"
    first = next((line for line in done.stdout.splitlines() if "：" in line or "Error" in line), "")
    if done.returncode not in (0, 1) or "ImportError" in done.stdout:
        return False, f"did not run: {done.stdout[-300:]}{done.stderr[-300:]}"
    return done.returncode == 1, first.strip()[:120]


def main(arguments: Sequence[str]) -> int:
    """Try all, or those named."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lives", type=int, default=1000)
    parser.add_argument("names", nargs="*")
    stated = parser.parse_args(arguments)
    chosen = [item for item in mutants() if not stated.names or item.name in stated.names]
    missed = []
    with ThreadPoolExecutor(stated.jobs) as pool:
        for verdict in pool.map(lambda item: tried(item, stated.lives), chosen):
            word = "caught" if verdict.caught else "MISSED"
            print(
                f"{word} {verdict.mutant.name:<38} {verdict.seconds:6.0f} s  {verdict.by}",
                flush=True,
            )
            if not verdict.caught:
                missed.append(verdict.mutant.name)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught")
    return 1 if missed or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
