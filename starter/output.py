"""Standard output as a command may meet it: a closed pipe, a full disk, a console that is not UTF-8.

Every command prints after its work is done. So a line that cannot be printed is never the answer:
what was done stays done and is called done, and what goes wrong in printing has a name of its own.

No text drives the terminal, whatever was kept before its door looked at it and whichever command
prints it: both streams show by its number what would.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import sys
from typing import Any

from starter.private_files import why_zh
from workflows.rules.characters import is_unsafe

CHINESE = "职"
AS_ESCAPES = "backslashreplace"
"""A character that the console does not have is shown by its number, never as a question mark."""
_STYLES = re.compile("(\x1b\\[[01]m)")
"""Bold and plain: in a text that somebody wrote they could do no more than make it bold."""
_READER_LEFT = (errno.EPIPE, errno.ESHUTDOWN)


class OutputLostError(Exception):
    """Standard output takes no more; `reader_left` where whoever read it has read enough."""

    def __init__(self, err: OSError) -> None:
        super().__init__(err.strerror or "")
        self.reader_left = err.errno in _READER_LEFT
        self.why = why_zh(err)


class _Answer(io.TextIOWrapper):
    """Standard output that tells its own failures from all others."""

    def write(self, text: str, /) -> int:
        try:
            super().write(_but_styles(text))
            return len(text)
        except OSError as err:
            silence(self)
            raise OutputLostError(err) from None

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as err:
            silence(self)
            raise OutputLostError(err) from None


class _Remarks(io.TextIOWrapper):
    """Standard error: where even that cannot be written there is nobody to tell."""

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError):
            super().write(escaped(text))
        return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            silence(self)


def guard() -> None:
    """Take over both streams of this process; one that was closed at the start goes nowhere."""
    for descriptor in (1, 2):
        _open(descriptor)
    sys.stdout = _taken_over(sys.stdout, _Answer, 1)
    sys.stderr = _taken_over(sys.stderr, _Remarks, 2)


def silence(stream: io.TextIOWrapper) -> None:
    """Let whatever is still to be written to a stream go nowhere, the last flush at exit included."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def has_all_characters() -> bool:
    """Whether the console shows any character there is."""
    return (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")


def escaped(text: str) -> str:
    """A text with every character that would drive a terminal, or hide, shown by its number.

    The numbers are JSON's escapes: within a string that a program reads they mean the same.
    """
    unsafe = {char for char in set(text) if char != "\n" and is_unsafe(char, breaks=char != "\r")}
    return text.translate({ord(char): _number(char) for char in unsafe}) if unsafe else text


def _number(char: str) -> str:
    pairs = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{pairs[at : at + 4]}" for at in range(0, len(pairs), 4))


def _but_styles(text: str) -> str:
    """The same, but for what the tables write around their headings: bold, and its end."""
    parts = _STYLES.split(text)
    return "".join(part if at % 2 else escaped(part) for at, part in enumerate(parts))


def of_a_child(encoding: str = "utf-8") -> dict[str, str]:
    """The environment of a program of ours that we start.

    It reads files as UTF-8 whatever the locale says, its libraries included, and speaks `encoding`.
    """
    speaks = f"{encoding}:{AS_ESCAPES}"
    return {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": speaks}


def printable(text: str) -> str:
    """A text as the console shows it, so that columns are reckoned by what is seen."""
    if has_all_characters():
        return text
    encoding = sys.stdout.encoding
    return text.encode(encoding, AS_ESCAPES).decode(encoding)


def _open(descriptor: int) -> None:
    """A closed number would be given to the next connection, and receive what we print."""
    try:
        os.fstat(descriptor)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != descriptor:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def _taken_over(stream: Any, kind: type[io.TextIOWrapper], descriptor: int) -> io.TextIOWrapper:
    encoding = (stream.encoding if stream is not None else "") or "utf-8"
    try:
        CHINESE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        # What calls itself ASCII is a locale nobody set: files and most terminals take UTF-8.
        encoding = "utf-8"
    raw = stream.detach() if stream is not None else os.fdopen(descriptor, "wb", closefd=False)
    return kind(raw, encoding=encoding, errors=AS_ESCAPES, line_buffering=os.isatty(descriptor))
