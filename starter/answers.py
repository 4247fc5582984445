"""How a command answers: its exit code, its refusals as a person or a program reads them.

0 done, 2 wrong call, 3 refused, 4 not found, 5 unavailable or unknown, 6 done but not printed. No
answer is a traceback.
"""

from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from enum import IntEnum
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from starter.desk.refusing import No, NoAnswer, Reason, WaitsForSecond
from starter.doors import next_step
from starter.later import later
from starter.output import OutputLostError, has_all_characters

with later():
    from starter.desk import translating
    from workflows.rules import message

P = ParamSpec("P")
T = TypeVar("T")

ON_A_SCREEN = 20
"""So many reasons of one refusal are printed where somebody looks on."""
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


OF_NO = {
    No.REFUSED: Exit.REFUSED,
    No.NOT_FOUND: Exit.NOT_FOUND,
    No.UNAVAILABLE: Exit.UNAVAILABLE,
    No.UNKNOWN: Exit.UNAVAILABLE,
}
"""The exit code of each kind of no."""


def answer_json(answer: NoAnswer) -> dict[str, Any]:
    """`{code, message, clause, next}`, and all reasons under `reasons` where several."""
    body = {**reason_json(answer.in_all or answer.reasons[0]), **answer.more}
    if len(answer.reasons) > 1 or answer.in_all is not None:
        body["reasons"] = [reason_json(reason) for reason in answer.reasons]
    return body


def reason_json(reason: Reason) -> dict[str, str]:
    """One reason for a program; what to do next names the command."""
    return {
        "code": reason.code,
        "message": reason.message,
        "clause": reason.clause,
        "next": next_step(reason),
    }


def _waits_json(waits: WaitsForSecond) -> dict[str, Any]:
    """`{done: false, waits_for_second: ID, until}`."""
    return {"done": False, "waits_for_second": waits.request, "until": waits.until}


def _waits_sentence(waits: WaitsForSecond) -> str:
    """What happened, and what the other one does."""
    return (
        f"已登记，尚未办理：须由另一人在 {message.local(waits.until):%Y-%m-%d %H:%M} 以前确认。\n"
        f"   下一步：zhiping pending confirm {waits.request} --as 人员@机构"
    )


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
                print_json(_waits_json(waits))
            else:
                click.echo(_waits_sentence(waits))
        except Exception as err:  # whatever it is: a person never reads a traceback
            _say_no(translating.translated(err), as_json=as_json)

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
            print_json(answer_json(answer))
    else:
        _print_reasons(answer)
    raise click.exceptions.Exit(int(OF_NO[answer.kind]))


def _print_reasons(answer: NoAnswer) -> None:
    reasons = answer.reasons
    if len(reasons) > 1:
        told = answer.in_all.message if answer.in_all else f"共 {len(reasons)} 条原因："
        click.echo(told, err=True)
    # A file takes all of them; on a screen the first would have scrolled away.
    shown = reasons[:ON_A_SCREEN] if sys.stderr.isatty() else reasons
    for number, reason in enumerate(shown, 1):
        mark = f"{number}. " if len(reasons) > 1 else ""
        click.echo(f"{mark}{reason.message}", err=True)
        if reason.clause:
            click.echo(f"   依据：{reason.clause}", err=True)
        if following := next_step(reason):
            click.echo(f"   下一步：{following}", err=True)
    if left := len(reasons) - len(shown):
        click.echo(
            f"（还有 {left} 条没有显示。要看全部，请在命令后加 2>原因.txt 存入文件，或者加 --json。）",
            err=True,
        )
