"""The drill of docs/operations.md, *To a point in time*: the runbook's own commands, on cases at work.

The server is lost with its disk while people act, and restored to its last moment; then the engine is set
back behind the record, and the record behind the engine. What was acknowledged is compared each time with
what the record has: nothing may be lost, nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from starter.desk.ids import application_id
from tests.cluster.running import Cluster, Said

REALM, AT = "drill", "2023-10-09T10:00:00+08:00"
ACTING = Path(__file__).with_name("acting.py")
CASES = 6
"""How many are handed in at a time."""
AT_ONCE = 4
PATIENCE = 300.0
OPERATOR = "operations@zhiping"
ENGINE = ("temporal-worker", "temporal", "temporal-matching", "temporal-history")
DOORS = ("console",)
ANSWER = '{"request"'
OPEN = ("told", "named")
"""Outcomes of findings that did not mend by themselves."""


class LostError(Exception):
    """Something acknowledged is lost or there twice, or the runbook does not lead to the end it names."""


class Says(Protocol):
    """Where figures go."""

    def say(self, line: str) -> None:
        """Note and print it."""


@dataclass
class Drill:
    """What was asked of whom, and what was answered."""

    cluster: Cluster
    build: str
    report: Says
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """Every asking, by its request."""
    answered: dict[str, str] = field(default_factory=dict)
    """Request → application of what was acknowledged."""
    cases: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """All three, each from where the one before ended."""
        await self._base()
        await self._work(self._new())
        await self._work(self._acts())
        await self._server_lost()
        await self._base()
        await self._work([*self._new(), *self._acts()])
        await asyncio.sleep(1.0)  # bases are named by the second
        point = await self._now()
        before = len(self.answered)
        known = len(self.cases)
        await self._work([*self._acts(), *self._new()])
        since = len(self.answered) - before
        await self._engine_behind(point, since, len(self.cases) - known)
        await self._record_behind(point, known)

    async def _server_lost(self) -> None:
        """While people act; back to the last moment."""
        before = len(self.answered)
        cluster = self.cluster
        export = str(cluster.folder / "home" / "record.jsonl")
        words = ("audit", "export", "--to", export, "--as", OPERATOR)
        _good(await cluster.zhiping(*words), "audit export")
        asked = [*self._new(), *self._acts(), *self._new()]
        working = asyncio.create_task(self._work(asked, whole=False))
        await self._until_written(before + CASES, working)
        await cluster.lose("postgres")
        await working
        began = time.monotonic()
        await self._stop(*DOORS, *ENGINE, "archive")
        _good(await cluster.ran("restore", "server"), "restore server")
        await self._up()
        took = time.monotonic() - began
        words = ("audit", "verify", "--earlier", export, "--as", OPERATOR)
        _good(await cluster.zhiping(*words), "audit verify")
        lost, twice = await self._compared()
        unanswered = len(self.asked) - len(self.answered)
        self._say(
            f"server lost with its disk at {len(self.answered)} acknowledged acts,"
            f" {len(self.answered) - before} of them under way: lost {lost}, twice {twice};"
            f" well again after {took:.0f} s"
        )
        again = await self._again()
        await self._settled("after that")
        self._say(
            f"all {again} asked again ({unanswered} had no answer): twice {(await self._compared())[1]}"
        )

    async def _engine_behind(self, point: str, since: int, begun: int) -> None:
        """Its two databases at a point before the record's last acts."""
        await self._stop(*DOORS, *ENGINE)
        words = ("restore", "databases", point, "temporal", "temporal_visibility")
        _good(await self.cluster.ran(*words), "restore databases")
        await self._up()
        found = await self._sentinel()
        gone = _subjects(found, "not_running")
        counted = _counted(found)
        self._say(f"engine at a point {since} acts before the record: {counted}")
        if len(gone) != begun:
            raise LostError(f"{begun} cases begun since: not run are {sorted(gone)}")
        await self._resume(gone)
        await self._settled("engine behind")
        again = await self._again()
        lost, twice = await self._compared()
        self._say(f"{len(gone)} resumed, all {again} asked again: lost {lost}, twice {twice}")

    async def _record_behind(self, point: str, known: int) -> None:
        """The record at that point, the engine where it is; then restored further."""
        await self._stop(*DOORS)
        await asyncio.sleep(1.0)
        last = await self._now()
        _good(await self.cluster.ran("restore", "databases", point, "zhiping"), "restore databases")
        await self._up()
        found = await self._sentinel()
        behind, unknown = _subjects(found, "engine_ahead"), _subjects(found, "not_in_record")
        self._say(f"record at a point before the engine: {_counted(found)}")
        if len(behind) != known or len(unknown) != len(self.cases) - known:
            raise LostError(f"behind {len(behind)}, not in the record {len(unknown)}")
        await self._until_parked(behind)
        await self._stop(*DOORS)
        _good(await self.cluster.ran("restore", "databases", last, "zhiping"), "restore databases")
        await self._up()
        await self._resume(behind)
        await self._settled("record behind")
        again = await self._again()
        lost, twice = await self._compared()
        self._say(
            f"{len(behind)} cases parked; restored further and resumed, all {again} asked again:"
            f" lost {lost}, twice {twice}"
        )

    def _new(self) -> list[dict[str, str]]:
        """Askings of new cases."""
        made = []
        for _ in range(CASES):
            request = f"{REALM}-{len(self.cases)}"
            self.cases.append(application_id(REALM, request))
            made.append({"request": request})
        return self._noted(made)

    def _acts(self) -> list[dict[str, str]]:
        """Askings of an act on each that was handed in."""
        there = set(self.answered.values())
        made = [
            {"request": f"act-{len(self.asked) + number}", "application": name}
            for number, name in enumerate(name for name in self.cases if name in there)
        ]
        return self._noted(made)

    def _noted(self, made: list[dict[str, str]]) -> list[dict[str, str]]:
        self.asked |= {one["request"]: one for one in made}
        return made

    async def _work(self, asked: Iterable[dict[str, str]], *, whole: bool = True) -> None:
        """Ask, and note what was answered.

        Args:
            whole: everything must be answered.
        """
        lines = [json.dumps(one) for one in asked]
        python = ("python", str(ACTING), REALM, AT)
        said = await self.cluster.program(
            *python, given="\n".join(lines) + "\n", ZHIPING_ALLOW_SHIFT="true"
        )
        if said.code not in ((0,) if whole else (0, 5)):
            raise LostError(f"{said.code}: {said.err[-3000:]}")
        # Beside the answers the engine's library tells of a part that is away.
        lines = [line for line in said.out.splitlines() if line.startswith(ANSWER)]
        answers = [json.loads(line) for line in lines]
        self.answered |= {one["request"]: one["application"] for one in answers}

    async def _again(self) -> int:
        """Ask everything again under the same requests, until all is answered; how many they are."""
        await self._work([one for one in self.asked.values() if "application" not in one])
        await self._work([one for one in self.asked.values() if "application" in one])
        if lacking := self.asked.keys() - self.answered.keys():
            raise LostError(f"no answer: {sorted(lacking)}")
        return len(self.asked)

    async def _compared(self) -> tuple[int, int]:
        """How much that was acknowledged is not in the record, and how much is there twice.

        Raises:
            LostError: any.
        """
        rows = await self._fetch(
            "SELECT application, content ->> 'request_id' AS request FROM step"
            " WHERE realm = $1 AND source = 'act'",
            REALM,
        )
        there = Counter((row["application"], row["request"]) for row in rows)
        lost = [item for item in self.answered.items() if not there[item[1], item[0]]]
        twice = [item for item, times in there.items() if times > 1]
        if lost or twice:
            raise LostError(f"lost {lost}, twice {twice}")
        return len(lost), len(twice)

    async def _settled(self, when: str) -> None:
        """The sentinel finds nothing that does not mend by itself."""
        found = await self._sentinel()
        if left := [one for one in found if one["outcome"] in OPEN]:
            raise LostError(f"{when}: {left}")

    async def _sentinel(self) -> list[dict[str, Any]]:
        """A round now: what it finds of ours."""
        who = ("--as", OPERATOR)
        _good(await self.cluster.zhiping("sentinel", "run", "--wait", *who), "sentinel run")
        words = ("sentinel", "show", "--json", "--limit", "500", *who)
        said = _good(await self.cluster.zhiping(*words), "sentinel show")
        ours = set(self.cases)
        found: list[dict[str, Any]] = json.loads(said.out)["findings"]
        return [one for one in found if one["subject"] in ours]

    async def _resume(self, names: Iterable[str]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> None:
            async with slots:
                words = ("resume", name, "--as", OPERATOR)
                _good(await self.cluster.zhiping(*words), f"resume {name}")

        await asyncio.gather(*map(one, sorted(names)))

    async def _until_parked(self, names: set[str]) -> None:
        """Wait until these stand still for operations, and no other."""
        asked = (
            "SELECT subject FROM task WHERE realm = $1 AND key = 'operator' AND closed_at IS NULL"
        )
        async with asyncio.timeout(PATIENCE):
            while True:
                if {row["subject"] for row in await self._fetch(asked, REALM)} == names:
                    return
                await asyncio.sleep(0.5)

    async def _base(self) -> None:
        _good(await self.cluster.ran("base"), "base")

    async def _stop(self, *names: str) -> None:
        """The workers, and these services."""
        await self.cluster.workers_down(self.build)
        await self.cluster.stop(*names)

    async def _up(self) -> None:
        """``up -d``, the workers, and the doors."""
        await self.cluster.up()
        await self.cluster.workers_up(self.build)

    async def _until_written(self, many: int, working: asyncio.Task[None]) -> None:
        """Wait until so many of our steps are in the record."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if working.done():
                    raise LostError(
                        f"nobody acts any more: {working.exception() or 'all was answered'}"
                    )
                [row] = await self._fetch("SELECT count(*) AS n FROM step WHERE realm = $1", REALM)
                if row["n"] >= many:
                    return
                await asyncio.sleep(0.2)

    async def _now(self) -> str:
        [row] = await self._fetch("SELECT now()::text AS now")
        return str(row["now"])

    async def _fetch(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        """Ask the record as its owner."""
        connection = await asyncpg.connect(
            host=self.cluster.places.addresses["postgres"],
            user="zhiping",
            password=self.cluster.variables["POSTGRES_PASSWORD"],
            database="zhiping",
        )
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    def _say(self, line: str) -> None:
        self.report.say(f"restore: {line}")


def _subjects(found: Iterable[dict[str, Any]], kind: str) -> set[str]:
    return {one["subject"] for one in found if one["kind"] == kind}


def _counted(found: Iterable[dict[str, Any]]) -> str:
    """By kind and what came of it."""
    many = Counter(f"{one['kind']} {one['outcome']}" for one in found)
    return ", ".join(_lines(many)) or "nothing found"


def _lines(many: Counter[str]) -> Iterator[str]:
    for name, times in sorted(many.items()):
        yield f"{name} {times}"


def _good(said: Said, what: str) -> Said:
    if said.code:
        raise LostError(f"{what}: exit code {said.code}\n{said.out[-2000:]}\n{said.err[-2000:]}")
    return said
