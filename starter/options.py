"""Options and value types that several commands share.

Here and in every module of commands the heavy imports (pydantic, Temporal, rich) stand inside the
functions, so that help and completion answer at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_SLUG = re.compile(r"[^\s@]+")


class Day(click.ParamType[date]):
    """A Beijing calendar day, `2023-10-12`."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the day; a time of day is not one."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} 不是日期，应写作 2023-10-12。", param, ctx)


class Moment(click.ParamType[datetime]):
    """An instant; without an offset it is Beijing time."""

    name = "时间"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read the instant; a day alone is not one, since its hour decides."""
        from workflows.rules.message import local

        if isinstance(value, datetime):
            return value
        text = str(value)
        try:
            stated = datetime.fromisoformat(text if len(text) > len("2023-10-12") else "")
            return local(stated)
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


DAY, MOMENT, WHO = Day(), Moment(), Who()


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
    """`--as`: who acts, vouched for by whoever runs the command line (design.md 12)."""
    # Click takes even a default of None for one that was given.
    given: dict[str, Any] = {"default": default, "show_default": True} if default else {}
    return click.option(
        "--as",
        "who",
        type=WHO,
        required=default is None,
        metavar="人员@机构",
        help="以谁的身份办理；申报人写作 applicant，运维 姓名@zhiping，他人 anyone。",
        **given,
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
