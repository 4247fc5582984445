"""How a command answers: its exit code, its refusals as a person or a program reads them.

0 done, 2 wrong call, 3 refused, 4 not found, 5 unavailable or unknown, 6 done but not printed. No
answer is a traceback.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from starter.output import OutputLostError, has_all_characters

P = ParamSpec("P")
T = TypeVar("T")

_LOOP_REST = 0.05
"""The SDK's threads may crash a loop that closes at once (style.md d 29)."""


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    UNAVAILABLE = 5
    NOT_PRINTED = 6


@dataclass(frozen=True)
class Reason:
    """One reason for a no: its code, what and why in Chinese, the clause, and what to do next."""

    code: str
    message: str
    clause: str = ""
    next: str = ""


class NoAnswer(Exception):
    """Ends a command with an exit code and its reasons; the first gives the answer its code.

    With `in_all`, the answer is that one, and the reasons are told under it.
    """

    def __init__(
        self, exit_code: Exit, *reasons: Reason, in_all: Reason | None = None, **more: Any
    ) -> None:
        super().__init__(reasons[0].message)
        self.exit_code = exit_code
        self.reasons = reasons
        self.in_all = in_all
        self.more = more

    def as_json(self) -> dict[str, Any]:
        """`{code, message, clause, next}`, and all reasons under `reasons` where several."""
        body = {**asdict(self.in_all or self.reasons[0]), **self.more}
        if len(self.reasons) > 1 or self.in_all is not None:
            body["reasons"] = [asdict(reason) for reason in self.reasons]
        return body


class WaitsForSecond(Exception):
    """Neither yes nor no: what was asked is recorded, and another human has to confirm it."""

    def __init__(self, request: str, until: datetime) -> None:
        super().__init__(request)
        self.request = request
        self.until = until

    def as_json(self) -> dict[str, Any]:
        """`{done: false, waits_for_second: ID, until}`."""
        return {"done": False, "waits_for_second": self.request, "until": self.until}

    def sentence(self) -> str:
        """What happened, and what the other one does."""
        from workflows.rules.message import local  # noqa: PLC0415 - offline commands never need it

        return (
            f"已登记，尚未办理：须由另一人在 {local(self.until):%Y-%m-%d %H:%M} 以前确认。\n"
            f"   下一步：zhiping pending confirm {self.request} --as 人员@机构"
        )


def told_no(reasons: Iterable[Reason]) -> NoAnswer:
    """The no that has these reasons: not found where the first says so, else refused.

    One table for all commands, wherever the no was said: here, in an operation, or in a case.
    """
    given = tuple(reasons)
    missing = given[0].code == "not_found"
    return NoAnswer(Exit.NOT_FOUND if missing else Exit.REFUSED, *given)


def not_found(message: str, next_step: str = "") -> NoAnswer:
    """Exit 4: what was named does not exist."""
    return NoAnswer(Exit.NOT_FOUND, Reason("not_found", message, next=next_step))


def refused(code: str, message: str, clause: str = "", next_step: str = "") -> NoAnswer:
    """Exit 3: refused by the gateway itself, before a case was asked."""
    return NoAnswer(Exit.REFUSED, Reason(code, message, clause, next_step))


def unavailable(
    message: str, next_step: str = "请稍后再试；内置环境可用 zhiping stack status 查看。"
) -> NoAnswer:
    """Exit 5: nothing was done, because something is not there."""
    return NoAnswer(Exit.UNAVAILABLE, Reason("unavailable", message, next=next_step))


def print_json(value: Any) -> None:
    """Print a value for a program: dates in ISO form, keys in their order.

    A console that has not every character gets JSON's own escapes, which mean the same.
    """
    escaped = not has_all_characters()
    click.echo(json.dumps(value, ensure_ascii=escaped, indent=2, default=_plain))


def unprinted(lost: OutputLostError) -> int:
    """The exit code where the answer could not be printed; a reader who has enough is no failure."""
    if lost.reader_left:
        return int(Exit.DONE)
    click.echo(
        f"命令已经执行，只是结果没有写出来（{lost.why}）。\n"
        "   下一步：请勿重复办理；腾出空间后用 zhiping show、zhiping cases 等核对。",
        err=True,
    )
    return int(Exit.NOT_PRINTED)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def answering(
    function: Callable[P, Coroutine[Any, Any, None] | None],
) -> Callable[P, None]:
    """Run a command's function, in a loop of its own where it is async, and give its answer.

    A parameter `as_json` of the function decides for whom a no is printed.
    """

    @functools.wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            if inspect.iscoroutinefunction(function):
                in_a_loop(function(*args, **kwargs))
            else:
                function(*args, **kwargs)
        except (click.ClickException, click.exceptions.Exit, click.Abort, OutputLostError):
            raise
        except KeyboardInterrupt:
            raise click.Abort from None
        except WaitsForSecond as waits:
            if as_json:
                print_json(waits.as_json())
            else:
                click.echo(waits.sentence())
        except Exception as err:  # whatever it is: a person never reads a traceback
            from starter.translating import translated  # noqa: PLC0415 - only where something is wrong

            _say_no(translated(err), as_json=as_json)

    return command


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Do what has to wait for others, in a loop of its own."""
    import asyncio  # noqa: PLC0415 - a fifth of the start of a command that waits for nobody

    async def to_the_end() -> T:
        try:
            return await work
        finally:
            await asyncio.sleep(_LOOP_REST)

    return asyncio.run(to_the_end())


def _say_no(answer: NoAnswer, *, as_json: bool) -> NoReturn:
    if as_json:
        with suppress(OutputLostError):  # the code says no all the same
            print_json(answer.as_json())
    else:
        _print_reasons(answer)
    raise click.exceptions.Exit(int(answer.exit_code))


def _print_reasons(answer: NoAnswer) -> None:
    reasons = answer.reasons
    if len(reasons) > 1:
        told = answer.in_all.message if answer.in_all else f"共 {len(reasons)} 条原因："
        click.echo(told, err=True)
    for number, reason in enumerate(reasons, 1):
        mark = f"{number}. " if len(reasons) > 1 else ""
        click.echo(f"{mark}{reason.message}", err=True)
        if reason.clause:
            click.echo(f"   依据：{reason.clause}", err=True)
        if reason.next:
            click.echo(f"   下一步：{reason.next}", err=True)
