"""The first operators of an installation as a file: `[[operators]]`, two at least."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from config.reading import parse, read_table
from workflows.operation.payloads import FirstOperator

OPERATORS = Path(__file__).parent / "installation" / "operators.toml"
"""The embedded stack's: invented people."""


class OperatorsFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    operators: tuple[FirstOperator, ...] = Field(min_length=2)


def read(path: Path) -> tuple[FirstOperator, ...]:
    """Read the file.

    Raises:
        FileError: with a Chinese sentence for each key that is missing, unknown or wrong.
    """
    return parse(OperatorsFile, read_table(path), path).operators
