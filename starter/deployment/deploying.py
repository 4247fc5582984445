"""What the commands of `zhiping deploy` do: asked of the engine and the record, told as data or as a no."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.bulks.reading import BulkView
from activities.database import LIVE
from activities.deadline_changes import DeadlineChange, DeadlineChanges
from activities.migrations import missing
from config.deployments import (
    Deployment,
    Left,
    deployment,
    left_on,
    make_current,
    queues_of,
    ramp,
)
from config.settings import Settings
from config.temporal import connect
from starter.deployment.moving import Move, Moved
from starter.desk.fleet import Versions, versions_of
from starter.desk.office import Office
from starter.desk.refusing import No, NoAnswer, Reason, refused, unavailable
from starter.output import of_a_child
from starter.session import office
from workflows.ports import CASES, LETTERS, RECORDS
from workflows.rules.message import Message

QUEUES = frozenset({CASES, RECORDS, LETTERS})
PATIENCE = timedelta(seconds=30)
FIRST_WITHIN = 120.0
"""Seconds until the engine knows all queues of workers that are just starting."""
_LOOK_AGAIN = 1.0
SOURCE = Path(__file__).resolve().parents[2]
NAMED = 20
ALL_OF_IT = 100
"""Percent."""


class Started(Message):
    """What stands against a new version: nothing, or whose dates it would state otherwise."""

    build: str
    replayed: int = 0
    broken: dict[str, str] = {}
    deadlines: tuple[DeadlineChange, ...] = ()


async def made_first(build: str | None) -> tuple[str, bool]:
    """Make a version current where none is; which is current, and whether that is new.

    Raises:
        NoAnswer: its workers do not all come.
    """
    settings, client = await _opened()
    new = _build(settings, build)
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + FIRST_WITHIN
    while True:
        lacking, said = QUEUES, ""
        try:
            known = await deployment(client, settings.deployment_name)
            if known.current:
                return known.current, False
            lacking = QUEUES - await queues_of(client, settings.deployment_name, new)
            if not lacking:
                await make_current(client, settings.deployment_name, new)
                return new, True
        except RPCError as err:  # a namespace is known everywhere some seconds after it was made
            said = err.message
        if loop.time() > give_up_at:
            raise _not_started(new, sorted(lacking)) if not said else unavailable(said)
        await asyncio.sleep(_LOOK_AGAIN)


async def looked_at(build: str | None) -> Started:
    """Look whether a version can take everything on; changes nothing.

    Raises:
        NoAnswer: the schema is behind, workers are missing, or a history breaks.
    """
    settings, client = await _opened()
    new = _build(settings, build)
    if lacking := await missing(settings.database_url.get_secret_value()):
        raise refused(
            "schema_behind",
            f"数据库结构比程序旧，缺少 {len(lacking)} 项更新：{lacking[0]} 等。",
            next_step="请先执行 docker compose run --rm migrate：更新只增不减，旧版可以照常办理。",
        )
    if absent := QUEUES - await queues_of(client, settings.deployment_name, new):
        raise _not_started(new, sorted(absent))
    replay = await _replayed()
    if replay["broken"]:
        raise _breaks(replay)
    async with office() as opened:
        changes = await _changes(opened)
    return Started(build=new, replayed=replay["replayed"], deadlines=tuple(changes))


async def ramped(percent: int, build: str | None) -> tuple[str, Deployment]:
    """Give a version a share of what is new; all of it makes it current.

    Raises:
        NoAnswer: it is current already, unknown, or lacks workers.
    """
    settings, client = await _opened()
    new = _build(settings, build)
    known = await _with(client, settings, new)
    if percent == ALL_OF_IT:
        await _routed(make_current(client, known.name, new))
    elif known.current == new:
        raise refused(
            "already_current",
            f"{new} 已是现行版本，全部新的事项都由它办理。",
            next_step="要换回旧版，请用 zhiping deploy back 旧版。",
        )
    else:
        await _routed(ramp(client, known.name, new, float(percent)))
    return new, await deployment(client, known.name)


async def moved(who: tuple[str, str]) -> tuple[str, Moved]:
    """Move everything to the current version; which that is, and who stays."""
    settings, client = await _opened()
    known = await _with(client, settings, None)
    return known.current, await _moved(client, known, who)


async def standing() -> Versions:
    """All versions with what runs on each, and the queues."""
    settings, client = await _opened()
    return await versions_of(client, settings.deployment_name)


async def finished(old: str) -> str:
    """The command that stops a version's workers.

    Raises:
        NoAnswer: something still runs on it, or it gets what is new.
    """
    settings, client = await _opened()
    known = await _with(client, settings, old)
    if old in (known.current, known.ramping):
        raise refused(
            "in_use",
            f"{old} 还在办理新的事项，不能停止。",
            next_step="请先用 zhiping deploy ramp 100 把新版设为现行版本。",
        )
    left = await left_on(client, known.name, old)
    if left.count:
        raise _still_there(left)
    return f"docker compose -p zhiping-{old} -f docker-compose.workers.yml down"


async def put_back(old: str, who: tuple[str, str]) -> Moved:
    """Make an old version current again and move everything to it.

    Raises:
        NoAnswer: its workers do not run.
    """
    settings, client = await _opened()
    known = await _with(client, settings, old)
    if absent := QUEUES - await queues_of(client, known.name, old):
        raise _not_started(old, sorted(absent))
    if known.ramping:
        await _routed(ramp(client, known.name, known.ramping, 0))
    await _routed(make_current(client, known.name, old))
    return await _moved(client, await deployment(client, known.name), who)


async def _opened() -> tuple[Settings, Client]:
    settings = Settings.load()
    return settings, await connect(settings, patience=PATIENCE)


def _build(settings: Settings, stated: str | None) -> str:
    build = stated or settings.build_id
    if build is None:
        raise click.UsageError("请用 --build 写明版本：这里的设置没有 ZHIPING_BUILD_ID。")
    return build


async def _with(client: Client, settings: Settings, build: str | None) -> Deployment:
    """The deployment, which has a current version and the one that is named."""
    known = await deployment(client, settings.deployment_name)
    if not known.current and build is None:
        raise refused(
            "no_current_version",
            "没有现行版本，不会办理任何事项。",
            next_step="请执行 zhiping deploy first。",
        )
    if build is not None and known.version(build) is None:
        raise _not_started(build, sorted(QUEUES))
    return known


async def _routed(asked: Awaitable[None]) -> None:
    """Ask the engine to route otherwise; what it refuses is told."""
    try:
        await asked
    except RPCError as err:
        if err.status is not RPCStatusCode.FAILED_PRECONDITION:
            raise
        raise refused(
            "version_not_ready",
            f"Temporal 不接受：{err.message}。",
            next_step="请核对三种角色的工作进程都在运行，再试一次。",
        ) from None


async def _moved(client: Client, known: Deployment, who: tuple[str, str]) -> Moved:
    async with office() as opened:
        return await Move(opened, client, known.name, who, tell=_progress).go(known)


def _progress(left: int, found: Sequence[BulkView]) -> None:
    woken = sum(item.number("done") for item in found)
    asked = sum(item.asked for item in found)
    click.echo(f"其他版本上还有 {left} 件在办；已唤醒 {woken} 件，共 {asked} 件……", err=True)


async def _replayed() -> dict[str, Any]:
    """What `workers.open_cases` of this very image says; the command line holds no worker."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.open_cases"),
        cwd=SOURCE,
        env=of_a_child(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    try:
        found: dict[str, Any] = json.loads(out)
    except ValueError:
        last = err.decode(errors="replace").strip().splitlines()[-1:]
        raise unavailable("在办事项没有核对成：" + "".join(last), "请稍后再试。") from None
    return found


async def _changes(opened: Office) -> list[DeadlineChange]:
    ask, found = DeadlineChanges(opened.pool), []
    async for application in opened.reading.open_applications(LIVE):
        found += [change async for change in ask.of(application)]
    return found


def _not_started(build: str, queues: Sequence[str]) -> NoAnswer:
    return refused(
        "workers_not_started",
        f"{build} 的工作进程还没有报到：{'、'.join(queues)}。",
        next_step=f"请执行 docker compose -p zhiping-{build} -f docker-compose.workers.yml up -d，"
        "稍候再试。",
    )


def _breaks(replay: dict[str, Any]) -> NoAnswer:
    broken = replay["broken"]
    count = replay["replayed"] + len(broken)
    reasons = [
        Reason("replay_broken", f"{name}：{why}") for name, why in list(broken.items())[:NAMED]
    ]
    whole = Reason(
        "replay_broken",
        f"{count} 件在办事项中，有 {len(broken)} 件不能由新版接着办，没有改变任何事项。",
        next="请停止新版的工作进程，由开发人员修复后再试；旧版照常办理。",
    )
    return NoAnswer(No.REFUSED, *reasons, in_all=whole, broken=broken)


def _still_there(left: Left) -> NoAnswer:
    return refused(
        "still_running",
        f"{left.build} 还有 {left.count} 件在办：{'、'.join(left.named)}。",
        next_step="请执行 zhiping deploy move；停住待运维的先 zhiping resume。",
    )
