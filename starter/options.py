"""Options and value types that several commands share.

The command line itself needs them, before it knows which command it is.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from starter.later import later
from starter.lazy import below
from starter.private_files import why_zh

with later():
    from config import settings
    from workflows.rules import days, message

if TYPE_CHECKING:
    from activities.paging import Count

F = TypeVar("F", bound=Callable[..., Any])

OPERATOR = "operations@zhiping"
"""Who acts and reads in the embedded stack where nobody is named: its first operator."""

OPERATOR_HERE = ("operations", "zhiping")
"""The same, as `--as` is read."""

_SLUG = re.compile(r"[^\s@]+")


class Day(click.ParamType[date]):
    """A Beijing calendar day, `2023-10-12`."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day; a time of day is not one, nor is a day that no calendar will ever have."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(days.as_written(value))
        except ValueError:
            self.fail(f"{value} 不是日期，应写作 2023-10-12。", param, ctx)
        if not days.is_of_a_calendar(day):
            self.fail(f"{value} 的年份不能采用。", param, ctx)
        return day


class Moment(click.ParamType[datetime]):
    """An instant; without an offset it is Beijing time."""

    name = "时间"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the instant; a day alone is not one, since its hour decides."""
        if isinstance(value, datetime):
            return value
        text = str(value)
        try:
            stated = datetime.fromisoformat(text if len(text) > len("2023-10-12") else "")
            if not days.is_of_a_calendar(stated):
                self.fail(f"{value} 的年份不能采用。", param, ctx)
            return message.local(stated)
        except ValueError:
            self.fail(f"{value} 不是时间，应写作 2023-10-12T09:30（北京时间）。", param, ctx)


class Who(click.ParamType[tuple[str, str]]):
    """`PERSON@ORG` of a member, `applicant`, `PERSON@self`, `NAME@zhiping` (operations), `anyone`."""

    name = "人员@机构"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split into person and organisation (`self` for the applicant)."""
        if isinstance(value, tuple):
            return value
        if value == "anyone":
            return ("anyone", "anyone")
        person, at, organisation = str(value).partition("@")
        if person == "applicant" and not at:
            return ("applicant", "self")
        if not (_SLUG.fullmatch(person) and _SLUG.fullmatch(organisation)):
            self.fail(
                f"{value} 写法不正确：经办人写作 人员@机构，申报人写作 applicant。", param, ctx
            )
        return (person, organisation)


class Folder(click.Path):
    """A folder of a stack; a blank one would be the working directory."""

    name = "文件夹"

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Read the path."""
        if not str(value).strip():
            self.fail("没有写明哪个文件夹。", param, ctx)
        return Path(str(super().convert(value, param, ctx)))


class Out(click.Path):
    """A file to be written, found out before anything is done: an act whose paper nobody gets is worse.

    Nothing is left behind by looking, and what stands in a file already stays as it was.
    """

    name = "文件"

    def __init__(self, *, folders: bool = False, anew: bool = False) -> None:
        """`folders`: a folder may be named, and the file gets a name in it. `anew`: no existing file."""
        super().__init__(path_type=Path, dir_okay=folders)
        self._folders, self._anew = folders, anew

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Read the path; refused where nothing can be written there."""
        if not str(value).strip():
            self.fail("没有写明写到哪里。", param, ctx)
        path = Path(value)
        if path.is_dir() and not self._folders:
            self.fail(f"{path} 是文件夹，请写明文件名。", param, ctx)
        if self._anew and path.exists():
            self.fail(f"文件已存在：{path}，请换一个文件名。", param, ctx)
        if why := _unwritable(path):
            self.fail(f"{path} 不能写入（{why}），请换一个位置。", param, ctx)
        return path


def _unwritable(path: Path) -> str:
    """Why nothing can be written there; empty where it can.

    Asked by writing: what a permission says is not what a full or read-only disk does.
    """
    try:
        if path.is_dir() or not path.exists():
            folder = path if path.is_dir() else path.parent
            if not folder.is_dir():
                return "没有这个文件夹"
            with tempfile.TemporaryFile(dir=folder) as probe:
                probe.write(b"0" * _ROOM)
                probe.flush()
            return ""
        if path.is_fifo():  # opening one waits for its reader
            return ""
        with path.open("ab"):
            return ""
    except OSError as err:
        return why_zh(err)


_ROOM = 1 << 20
"""Bytes for which there must be room: more than any paper of ours takes."""

DAY, MOMENT, WHO, FOLDER = Day(), Moment(), Who(), Folder()
MANY = 100_000
COUNT = click.IntRange(1, MANY)
"""How many to list."""
NUMBER = click.IntRange(1, MANY)
"""A number of something counted from one: a batch, a step, a reading."""
YEAR = click.IntRange(1949, 2099)
TERM = click.IntRange(1, 1000)
"""The length of a term, in working days or months."""


def page(function: F) -> F:
    """`--limit`, `--after`: how many lines of a list, and from where on."""
    limit = click.option(
        "--limit",
        type=COUNT,
        default=50,
        show_default=True,
        metavar="条数",
        help="一页最多列几条。",
    )
    after = click.option(
        "--after", default="", metavar="标记", help="接上一页往下列；标记由上一页末尾给出。"
    )
    return limit(after(function))


def next_page(following: str) -> tuple[str, ...]:
    """The line under a page that is not the last: the same command, from there on."""
    if not following:
        return ()
    context = click.get_current_context()
    said = [item for item in _as_typed(context) if item]
    return (f"下一页：{shlex.join([*said, '--after', following])}",)


def _as_typed(context: click.Context) -> list[str]:
    """The command as it was called, without where it went on from."""
    typed: list[str] = []
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        value = context.params.get(str(parameter.name))
        if source is not ParameterSource.COMMANDLINE or parameter.name in ("after", "as_json"):
            continue
        if isinstance(parameter, click.Argument):
            typed.insert(0, str(value))
        elif value is True:
            typed.append(parameter.opts[0])
        else:
            typed += [parameter.opts[0], _said(value)]
    return ["zhiping", *context.command_path.split()[1:], *typed]


def _said(value: object) -> str:
    """A value as people type it."""
    if isinstance(value, tuple):
        return "@".join(str(part) for part in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def counted_json(count: Count | None) -> dict[str, object]:
    """A count for a program: `total`, and whether there are more than that; null with a later page."""
    return {
        "total": count.number if count else None,
        "more_than_total": bool(count and count.more),
    }


def counted_zh(count: Count) -> str:
    """`37`, or `超过 1000` where it was counted no further."""
    return f"超过 {count.number}" if count.more else str(count.number)


def as_json(function: F) -> F:
    """`--json`: the answer for a program."""
    return click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")(function)


def realm(function: F) -> F:
    """`--realm`: the live office, or a rehearsal's own world."""
    return click.option(
        "--realm",
        default="live",
        envvar="ZHIPING_REALM",
        show_default=True,
        show_envvar=True,
        metavar="域",
        help="办理所在的域：live 为正式办理，其余为演练。",
    )(function)


def acting_as(default: str | None = None) -> Callable[[F], F]:
    """`--as`: who acts or reads, vouched for by whoever runs the command line (design.md 12).

    `OPERATOR` is nobody's name but the embedded stack's own: elsewhere operators are named.
    """
    # Click takes even a default of None for one that was given.
    given: dict[str, Any] = {"default": default, "show_default": True} if default else {}
    if default == OPERATOR:
        given |= {"callback": _named, "show_default": f"内置环境中为 {OPERATOR}"}
    return click.option(
        "--as",
        "who",
        type=WHO,
        required=default is None,
        metavar="人员@机构",
        help="以谁的身份办理；申报人写作 applicant，运维 姓名@zhiping，他人 anyone。",
        **given,
    )


def _named(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
    if ctx.get_parameter_source(parameter.name or "") is ParameterSource.DEFAULT:
        check_may_be_nobody(ctx)
    return value


def check_may_be_nobody(ctx: click.Context | None = None) -> None:
    """Whoever was not named is an operator in the embedded stack, and nobody elsewhere.

    Raises:
        UsageError: elsewhere.
    """
    if settings.is_deployed():
        raise click.UsageError(
            "须写明以谁的身份办理或者查看：--as 人员@机构（申报人写作 人员@self，运维写作 姓名@zhiping）。"
            "只有内置环境可以不写。",
            ctx,
        )


def at(function: F) -> F:
    """`--at`: when the person acted; only where shifts are allowed."""
    return click.option(
        "--at",
        "acted_at",
        type=MOMENT,
        metavar="时间",
        help="办理时间（北京时间）；只用于演练，正式办理以收到时为准。",
    )(function)


def request_id(function: F) -> F:
    """`--request-id`: the same id twice is one act."""
    return click.option(
        "--request-id",
        default="",
        metavar="编号",
        help="请求号；没有得到答复时用同一号再问，不会重复办理。",
    )(function)


def file_argument(function: F) -> F:
    """An existing file."""
    return click.argument(
        "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="文件"
    )(function)


def refuse_blanks(command: click.Command) -> click.Command:
    """Make a call wrong that writes an argument or an option and leaves it blank, here and below.

    Nobody means that: it is a variable of a script that was never set. Taken as "any" or as
    "none", it would act on the first application there is, or under a new request id each time.
    As little is a byte that is no character meant, which a terminal hands on as half of one.
    """
    for parameter in command.params:
        parameter.callback = _not_blank(parameter.callback)
    for each in below(command):
        refuse_blanks(each)
    return command


def _not_blank(then: Callable[..., Any] | None) -> Callable[..., Any]:
    def check(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
        written = ctx.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        items = value if isinstance(value, tuple | list) else [value]
        if written and any(isinstance(item, str) and not item.strip() for item in items):
            raise click.BadParameter("写了却没有内容。", ctx, parameter)
        if any(isinstance(item, str) and not _is_text(item) for item in items):
            raise click.BadParameter("含有残缺的字符，请核对终端的编码后重写。", ctx, parameter)
        return then(ctx, parameter, value) if then else value

    return check


def _is_text(written: str) -> bool:
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True
