"""Imported by the process that commands are forked from: all that a command imports, run already."""

from __future__ import annotations

from importlib import import_module

from starter.cli import SECTIONS
from starter.later import run_what_waits

for _module in sorted({item.module for section in SECTIONS.values() for item in section.values()}):
    import_module(_module)
run_what_waits()
