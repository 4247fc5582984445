"""Tries every seeded fault: a copy of the core with one of them, and the lives of `make test` on it,
or the tests of `make test` that it names.

    python -m tests.mutants.run [--jobs 2] [--lives 1000] [NAME ...]

Exit code 1 where one is not caught. The working tree is never touched.
"""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import shutil
import sys
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import redirect_stdout
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("mutants.toml")
FORKING = multiprocessing.get_context("fork")
LOADED_BEFORE = ("hypothesis", "pydantic", "temporalio.client", "temporalio.workflow")
"""What takes long to import and holds nothing of ours: once, before the processes part."""
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
    stories: tuple[str, ...] = ()
    """Tests (pytest's node ids) of which one at least must fail on it; they are tried first."""

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
            stories=tuple(item.get("stories", ())),
        )
        for item in table["mutant"]
    ]


def tried(mutant: Mutant, lives: int) -> Verdict:
    """Play the lives against a copy of the core that has the fault, in a process of its own."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="zhiping-mutant-") as folder:
        copy = Path(folder) / "workflows"
        shutil.copytree(ROOT / "workflows", copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = Path(folder) / mutant.file
        file.write_text(mutant.applied(file.read_text(encoding="utf-8")), encoding="utf-8")
        said, says = FORKING.Pipe(duplex=False)
        child = FORKING.Process(
            target=_play, args=(folder, mutant.stories, lives, says), daemon=True
        )
        child.start()
        says.close()
        try:
            caught, by = said.recv() if said.poll(PATIENCE) else (False, "took too long")
        except EOFError:
            caught, by = False, "did not run"
        child.kill()
        child.join()
    return Verdict(mutant, caught, by, time.monotonic() - began)


def _play(folder: str, stories: Sequence[str], lives: int, says: Connection) -> None:
    """In the child: the copy's core is the one that is imported, then the tests as they stand."""
    os.environ |= {"ZHIPING_LIVES": str(lives), "ZHIPING_LIVES_SHRINK": "no"}
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    core = importlib.import_module("workflows.application.decision")
    if not str(core.__file__).startswith(folder):
        says.send((False, f"did not run: {core.__file__}"))
        return
    for story in stories:
        if _fails(story):
            says.send((True, story.rpartition("::")[2][:110]))
            return
    test = importlib.import_module("tests.lives.test_lives")
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        try:
            test.test_what_must_hold_of_every_life_holds_of_random_lives()
        except Exception as failure:
            says.send((True, (str(failure).strip() or repr(failure)).splitlines()[0][:110]))
        else:
            says.send((False, ""))


def _fails(story: str) -> bool:
    """Whether a test fails on the core that is imported. What is no test of ours is no failure."""
    where = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(ROOT / story)]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        found = pytest.main(["-q", "-x", "--assert=plain", "-p", "no:cacheprovider", *where])
    return found == pytest.ExitCode.TESTS_FAILED


def main(arguments: Sequence[str]) -> int:
    """Try all, or those named."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.run")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--lives", type=int, default=1000)
    parser.add_argument("names", nargs="*")
    stated = parser.parse_args(arguments)
    chosen = [item for item in mutants() if not stated.names or item.name in stated.names]
    for name in LOADED_BEFORE:
        importlib.import_module(name)
    missed = []
    with ThreadPoolExecutor(stated.jobs) as pool:
        waiting = [pool.submit(tried, item, stated.lives) for item in chosen]
        for done in as_completed(waiting):
            verdict = done.result()
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
