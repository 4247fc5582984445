"""Starts, watches and stops the parts of an embedded stack."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import structlog

from activities.migrations import let_application_in, migrate
from config.gateway.errors import TemporalUnavailableError
from config.settings import Settings
from config.signing_keys import SigningKey
from config.temporal import connect
from workers.open_cases import replay_open_cases
from workers.serving import registered_workflows
from workers.stack import postgres, temporal_server
from workers.stack.data_sharing import serve_data_sharing
from workers.stack.folder import GATEWAY_KEY, WORKERS_KEY, StackFolder, write_env
from workers.stack.mail_sink import serve_mail_sink
from workers.stack.operators import first_operators
from workers.stack.options import StackOptions, reserved_ports
from workers.stack.processes import Child, Recipe, end_left_overs
from workers.stack.refusals import StackFailedError, StackRefusedError
from workers.stack.seals import demo_seal

WORKER_SECONDS = 180.0
SOURCE = Path(__file__).resolve().parents[2]
MAX_NAMED = 20
CLOSED = 0o077
"""What nobody else gets of a file written while the stack runs here: mail, logs, state."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RunningStack:
    """A stack that is ready.

    Attributes:
        settings: what a process outside would read with ``Settings.for_stack``.
        ports: by part.
        failed: set to an exception when a part was given up; nothing restarts it then.
        owner_url: the record's address as its owner, which only migrates; in no settings file.
    """

    folder: StackFolder
    settings: Settings
    ports: dict[str, int]
    started_seconds: float
    failed: asyncio.Future[None]
    children: dict[str, Child]
    owner_url: str = field(repr=False)


@asynccontextmanager
async def running(
    folder: Path,
    *,
    with_workers: bool = True,
    history_suggest: int | None = None,
    options: StackOptions | None = None,
) -> AsyncIterator[RunningStack]:
    """Run a stack inside this process's loop until the block ends.

    Raises:
        StackRefusedError: it is running already, its keys are gone, a port is taken, or the code
            does not replay an open case. `StackFailedError`: a part does not come up.
    """
    options = options or StackOptions(with_workers=with_workers, history_suggest=history_suggest)
    began = time.monotonic()
    place = StackFolder.at(folder)
    async with AsyncExitStack() as stack:
        with _told_of_files(place):
            stack.callback(os.umask, os.umask(CLOSED))
            place.prepare()
            stack.enter_context(place.locked())
            place.write_state({**place.read_state(), "stage": "starting"})
            stack.callback(_leave, place)  # after all children are down, before the lock goes
            composed = _Composition(place, options, stack)
            started = await composed.start(began)
        yield started


@contextmanager
def _told_of_files(place: StackFolder) -> Iterator[None]:
    """What the file system refuses is told as what it is. Raises `StackFailedError`."""
    try:
        yield
    except OSError as err:
        if err.filename is None:
            raise
        why = "磁盘已满" if err.errno == errno.ENOSPC else str(err.strerror)
        raise StackFailedError(
            "folder_unusable",
            f"{place.root} 不能用来存放内置环境：{err.filename}（{why}）。"
            "请核对位置、权限和磁盘空间，或用 --folder 另选一个文件夹。",
        ) from err


def _leave(place: StackFolder) -> None:
    """Say that nothing runs any more, and take back the settings nobody could use."""
    place.settings_file.unlink(missing_ok=True)
    place.write_state({**place.read_state(), "stage": "stopped", "children": {}})


async def _together(*starts: Coroutine[Any, Any, None]) -> None:
    """Await all; when one fails, take the others back before its own exception goes on."""
    tasks = [asyncio.create_task(start) for start in starts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Composition:
    """One start of one stack, step by step."""

    def __init__(self, place: StackFolder, options: StackOptions, stack: AsyncExitStack) -> None:
        self._place = place
        self._options = options
        self._stack = stack
        self._keys = place.keys()
        # Another at each start: it is told in the settings, and nobody need keep it.
        self._application_password = secrets.token_hex(24)
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Nobody may be waiting for it (tests): then its exception is no warning at the end.
        self._failed.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._children: dict[str, Child] = {}
        self._ports: dict[str, int] = {}
        self._stage = "starting"

    async def start(self, began: float) -> RunningStack:
        place, keys = self._place, self._keys
        password = keys["ZHIPING_POSTGRES_PASSWORD"]
        before = place.read_state().get("ports", {})
        # Left-overs first: the ports they hold are the ones we had and want again.
        for recipe in self._recipes({}):
            await end_left_overs(recipe)
        self._ports = self._stack.enter_context(reserved_ports(self._options.ports, before))
        settings = self._write_settings()
        await self._stack.enter_async_context(serve_mail_sink(place.mail, self._ports["smtp"]))
        await self._stack.enter_async_context(
            serve_data_sharing(place.data_sharing, self._ports["data_sharing"])
        )
        await _together(self._start_postgres(password, settings), self._start_temporal(settings))
        if self._options.with_workers:
            await self._check_replay(settings)
            await self._start_worker()
        if self._options.with_console:
            await self._start_console()
        took = time.monotonic() - began
        self._stage = "ready"
        self._write_state()
        logger.info("stack.ready", folder=str(place.root), seconds=round(took, 2))
        return RunningStack(
            place,
            settings,
            self._ports,
            took,
            self._failed,
            children=self._children,
            owner_url=postgres.owner_url(self._ports["postgres"], password),
        )

    def _recipes(self, ports: dict[str, int]) -> tuple[Recipe, ...]:
        """Return Postgres, Temporal, worker, console; with no ports only to recognise left-overs."""
        place = self._place
        interface = ports.get("ui", 0) if self._options.with_interface else None
        return (
            # Worker first in `end_left_overs`' order would be nicer to its activities, but they
            # are retried anyway: what matters is that no old writer survives.
            postgres.recipe(place, ports.get("postgres", 0)),
            temporal_server.recipe(
                place,
                port=ports.get("temporal", 0),
                ui_port=interface,
                history_suggest=self._options.history_suggest,
            ),
            Recipe(
                name="worker",
                argv=[sys.executable, "-m", "workers", "--stack", str(place.root)],
                log=place.logs / "worker.log",
                marks=("-m", "workers", "--stack", str(place.root)),
                # Found from any working directory, installed or not.
                environment={"PYTHONPATH": str(SOURCE)},
                stop_seconds=35.0,  # its own grace is 30 s
            ),
            Recipe(
                name="console",
                argv=[sys.executable, "-m", "starter.console", "--stack", str(place.root)],
                log=place.logs / "console.log",
                marks=("-m", "starter.console", "--stack", str(place.root)),
                environment={"PYTHONPATH": str(SOURCE)},
                stop_seconds=25.0,  # its own grace is 20 s
            ),
        )

    async def _start_postgres(self, password: str, settings: Settings) -> None:
        await postgres.initialise(self._place, password)
        # A recipe only now: as root the data's owner is known once the data is there.
        child = await self._keep(self._recipes(self._ports)[0])
        await self._until_ready(child, postgres.wait_ready(self._ports["postgres"], password))
        owner = postgres.owner_url(self._ports["postgres"], password)
        applied = await migrate(owner)
        await let_application_in(owner, self._application_password)
        if applied:
            logger.info("stack.migrated", applied=list(applied))
        # As the application, which is all an installation needs to be.
        await first_operators(settings.database_url.get_secret_value(), settings.identity_keys())

    async def _start_temporal(self, settings: Settings) -> None:
        child = await self._keep(self._recipes(self._ports)[1])

        async def ready() -> None:
            client = await connect(settings, patience=timedelta(seconds=120))
            await temporal_server.keep_histories(client)

        await self._until_ready(child, ready())

    async def _start_worker(self) -> None:
        child = await self._keep(self._recipes(self._ports)[2])
        await self._until_ready(child, self._answers("health", "/readyz"))

    async def _start_console(self) -> None:
        child = await self._keep(self._recipes(self._ports)[3])
        await self._until_ready(child, self._answers("console", "/healthz"))

    async def _answers(self, part: str, path: str) -> None:
        url = f"http://127.0.0.1:{self._ports[part]}{path}"
        async with (
            asyncio.timeout(WORKER_SECONDS),
            aiohttp.ClientSession() as http,
        ):
            while True:
                try:
                    async with http.get(url) as answer:
                        if answer.ok:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)

    async def _keep(self, recipe: Recipe) -> Child:
        child = Child(recipe, on_started=self._write_state, on_given_up=self._give_up)
        self._children[recipe.name] = child
        await child.start()
        self._stack.push_async_callback(child.stop)
        return child

    def _give_up(self, failure: StackFailedError) -> None:
        if not self._failed.done():
            self._failed.set_exception(failure)

    async def _until_ready(self, child: Child, ready: Awaitable[None]) -> None:
        """Wait for ``ready``, or until the part was given up or is too slow."""
        waiting = asyncio.ensure_future(ready)
        await asyncio.wait([waiting, self._failed], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            await self._failed
        try:
            await waiting
        except (TimeoutError, TemporalUnavailableError) as err:
            raise child.failure(None) from err

    async def _check_replay(self, settings: Settings) -> None:
        client = await connect(settings)
        outcome = await replay_open_cases(client, registered_workflows())
        if not outcome.broken:
            return
        for case, reason in outcome.broken.items():
            logger.error("stack.replay_broken", workflow_id=case, reason=reason)
        names = list(outcome.broken)
        more = f" 等 {len(names)} 件" if len(names) > MAX_NAMED else ""
        raise StackRefusedError(
            "replay_broken",
            "当前程序不能接着办理下列在办事项，未启动："
            + "、".join(names[:MAX_NAMED])
            + more
            + "。"
            "请换回上一版程序启动，或由开发人员修复后再试；数据没有改变。",
        )

    def _write_settings(self) -> Settings:
        ports, place, keys = self._ports, self._place, self._keys
        values = {
            "database_url": postgres.application_url(ports["postgres"], self._application_password),
            "temporal_address": f"127.0.0.1:{ports['temporal']}",
            "temporal_namespace": temporal_server.NAMESPACE,
            "smtp_host": "127.0.0.1",
            "smtp_port": str(ports["smtp"]),
            "smtp_sender": "zhiping@localhost",
            "mail_dir": str(place.mail),
            "verification_url": f"http://127.0.0.1:{ports['data_sharing']}",
            "documents_dir": str(place.documents),
            "console_port": str(ports["console"]),
            "health_port": str(ports["health"]),
            "metrics_port": str(ports["metrics"]),
            "allow_shift": "true",
            **demo_seal(place.root).settings,
            **self._options.settings,
        }
        if self._options.with_console:
            values["console_url"] = f"http://127.0.0.1:{ports['console']}"
        lines = {f"ZHIPING_{name.upper()}": value for name, value in values.items()}
        kept = ("ZHIPING_CODEC_KEYS", "ZHIPING_IDENTITY_KEY")
        gateway, workers = (SigningKey.parse(keys[name]) for name in (GATEWAY_KEY, WORKERS_KEY))
        trust = (f"{gateway.id}:gateway:{gateway.public}", f"{workers.id}:workers:{workers.public}")
        lines |= {name: keys[name] for name in kept}
        lines |= {
            "ZHIPING_VOUCHING_TRUST": ",".join(trust),
            "ZHIPING_VOUCHING_KEY": keys[GATEWAY_KEY],
        }
        write_env(place.settings_file, lines)
        write_env(place.workers_file, {"ZHIPING_VOUCHING_KEY": keys[WORKERS_KEY]})
        return Settings.for_stack(place.root)

    def _write_state(self) -> None:
        """Say who runs what, for ``status``, ``down`` and a person with ``ps``."""
        addresses = {"temporal": f"127.0.0.1:{self._ports['temporal']}"}
        if self._options.with_interface:
            addresses["interface"] = f"http://127.0.0.1:{self._ports['ui']}"
        if self._options.with_console:
            addresses["console"] = f"http://127.0.0.1:{self._ports['console']}"
        self._place.write_state(
            {
                "stage": self._stage,
                "pid": os.getpid(),
                "started": psutil.Process().create_time(),
                "ports": self._ports,
                "addresses": addresses,
                "children": {name: child.pid for name, child in self._children.items()},
            }
        )
