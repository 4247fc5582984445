"""What an act states as it is typed: `--with`, options, a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from config.reading import FileError, json_table, read_table
from starter.desk.stating import StatedError, checked
from workflows.writer.payloads import Payload


def stated_in(text: str) -> dict[str, Any]:
    """The payload given to `--with`: JSON, or `@file` (JSON or TOML).

    Raises:
        FileError: the file is neither, or no table. `StatedError`: the JSON is none.
    """
    if text.startswith("@"):
        return read_table(Path(text[1:]))
    try:
        return json_table(text, "--with")
    except FileError as err:
        raise StatedError(err.problems, "--with") from None


def plain(
    model: type[Payload], stated: Mapping[str, Any], options: Mapping[str, str]
) -> dict[str, Any]:
    """`checked`, naming what is wrong as the command line has it.

    Args:
        options: field → how the command line has it, where it has an option of its own.

    Raises:
        StatedError: naming each field that is missing, unknown or wrong.
        click.UsageError: options that are missing.
    """
    try:
        return checked(model, stated)
    except StatedError as err:
        if named := [options[key] for key in err.missing if key in options]:
            raise click.UsageError(f"还须写明：{'、'.join(named)}。") from None
        raise StatedError([_by_option(problem, options) for problem in err.problems]) from None


def _by_option(problem: str, options: Mapping[str, str]) -> str:
    key, colon, what = problem.partition("：")
    return f"{options.get(key, key)}{colon}{what}"
