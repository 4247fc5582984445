"""No text drives a terminal: what was kept before its door looked at it is shown by its numbers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from starter.output import escaped

ROOT = str(Path(__file__).parents[2])
HIDDEN = "张\x1b[8m三\x1b]0;title\x07\u202e\x9b2J\r批准\0\u3164\U000e0041"
"""Conceals what follows, sets the title, turns the line round, clears the screen, overwrites it."""
PRINTS = f"""
from starter import output
output.guard()
import click
from starter import answers, tables
said = {HIDDEN!r}
click.echo(said)
click.echo(said, err=True)
tables.show(tables.listing("名单" + said, ("编号", "说明"), [(said, said)]))
tables.show(tables.facts("一件", [("说明", said)]))
answers.print_json({{"said": said}})
"""
CODES = re.compile(r"\x1b\[[01]m")


def printed_on_a_terminal() -> str:
    """What a terminal receives of it, on both streams."""
    ours, theirs = os.openpty()
    run = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", PRINTS],
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100", "PYTHONPATH": ROOT},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert run.wait() == 0
    return b"".join(parts).decode()


def test_a_terminal_gets_nothing_but_bold_from_whatever_a_command_prints() -> None:
    received = printed_on_a_terminal()

    assert "\x1b[1m" in received, "it is a terminal, and headings are bold"
    left = set(CODES.sub("", received).replace("\r\n", "\n"))
    assert not {char for char in left if char != "\n" and not (char.isprintable())}
    assert not {"\u202e", "\u3164", "\r"} & left
    assert received.count("\\u001b[8m") >= 4
    assert "\\u202e" in received


def test_a_program_reads_the_same_text() -> None:
    run = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", PRINTS],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": ROOT},
    )

    stated = run.stdout.decode()
    assert json.loads(stated[stated.rindex("{\n") :]) == {"said": HIDDEN}


@pytest.mark.parametrize("said", ["张三", "一\n\t二", "𠮷", "👩‍🎓", "a\\u0041"])
def test_what_people_write_is_printed_as_it_is(said: str) -> None:
    assert escaped(said) == said
