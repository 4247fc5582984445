"""A cluster that runs: the services of both compose files, by name, and a person's commands in it."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from tests.cluster.compose import ONCE, WORKERS, Project, Service, read
from tests.cluster.images import ROOT, Image, Images, installed, prepared
from tests.cluster.places import Places, free_network
from tests.cluster.processes import Process, Run, ServiceError, healthy
from tests.cluster.standing_in import DATA_SHARING_PORT
from workers.stack.postgres import owner
from workers.stack.processes import User

SERVER_VOLUME = "postgres"
"""Where the database's server has its data; the image's own user owns it."""
ONE_SHOT = 600.0
"""Seconds that what does one thing and ends may take, on a machine that does ten others."""
OUTSIDE = "outside"
"""The city's data-sharing gateways: no service of ours, and no container."""
REHEARSING = {
    # Stories skip time, and many at once; no production does (workers/stack/temporal_server.py).
    "frontend.WorkflowTimeSkippingEnabled": True,
    "frontend.WorkflowTimeSkippingMaxSkipPerSession": 1_000_000,
    "history.timerProcessorMaxTimeShift": "20ms",
    "frontend.namespaceRPS": 20_000,
    "frontend.namespaceCount": 20_000,
    "frontend.maxNamespaceVisibilityRPSPerInstance": 1_000,
}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@dataclass
class Cluster:
    """Everything that runs, by service and, for workers, build."""

    folder: Path
    images: Images
    variables: dict[str, str]
    places: Places
    rehearsing: bool
    running: dict[str, Process] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    """Seconds until each was well, or had done its one thing."""
    built: set[str] = field(default_factory=set)
    """The builds whose image is there."""

    async def up(self) -> None:
        """``docker compose up -d``: what there is once."""
        if OUTSIDE not in self.running:
            await self._start_outside()
        await self._bring_up(self.project(ONCE), "")

    async def workers_up(self, build: str) -> None:
        """``docker compose -p zhiping-BUILD -f docker-compose.workers.yml up -d``."""
        self.variables["BUILD_ID"] = build
        if build not in self.built:
            await asyncio.to_thread(installed, build)
            self.built.add(build)
        await self._bring_up(self.project(WORKERS), build)

    async def workers_down(self, build: str) -> None:
        """``docker compose -p zhiping-BUILD -f docker-compose.workers.yml down``."""
        await self.stop(*(name for name in self.running if name.endswith(f"@{build}")))

    async def stop(self, *names: str) -> None:
        """``docker compose stop NAMES``: until the next `up`."""
        for name in list(names):
            self.took.pop(name, None)
            await self.running.pop(name).stop()

    async def lose(self, name: str) -> None:
        """A service's machine is gone, and the volume that it keeps its data in with it."""
        self.took.pop(name, None)
        await self.running.pop(name).lose()
        shutil.rmtree(self._volume(self.project(ONCE).services[name]))

    async def down(self) -> None:
        """End everything that was started here, the last first."""
        for name in reversed(list(self.running)):
            await self.running.pop(name).stop()

    async def zhiping(self, *arguments: str, **more: str) -> Said:
        """``docker compose run --rm zhiping ARGUMENTS``; ``more`` are further settings."""
        told = {f"ZHIPING_{name.upper()}": value for name, value in more.items()}
        return await self.ran("zhiping", *arguments, **told)

    async def program(self, *argv: str, given: str, **more: str) -> Said:
        """``docker compose run --rm --entrypoint … zhiping``: a program of ours in its image."""
        return await self.ran("zhiping", entrypoint=argv, given=given, **more)

    async def ran(
        self,
        name: str,
        *arguments: str,
        entrypoint: Sequence[str] = (),
        given: str = "",
        **more: str,
    ) -> Said:
        """``docker compose run --rm NAME ARGUMENTS``; ``more`` goes into its environment.

        Args:
            given: what it reads.
        """
        project = self.project(ONCE)
        service = project.services[name]
        if entrypoint:
            service = replace(service, entrypoint=tuple(entrypoint), command=())
        self._mount(project, service)
        run = self._run_of(service, "", arguments)
        process = await asyncio.create_subprocess_exec(
            *run.argv,
            env={**run.environment, **more},
            cwd=self.folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await process.communicate(given.encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Said(process.returncode or 0, out.decode(), err.decode())

    def project(self, file: str) -> Project:
        """A file with the variables as they are now."""
        return read(ROOT / file, self.variables)

    @property
    def mail(self) -> Path:
        """Where the mail server keeps what it takes in."""
        return self.folder / "mail"

    async def _bring_up(self, project: Project, build: str) -> None:
        for service in project.in_order():
            image = self.images.of(service.image)
            if image is None:
                continue
            for needed, condition in service.needs.items():
                await self._met(project, needed, condition, build)
            await self._start(project, service, build)
        for service in project.in_order():
            if service.lasts and self.images.of(service.image) is not None:
                await self._well(service, build)

    async def _met(self, project: Project, needed: str, condition: str, build: str) -> None:
        if condition == "service_healthy":
            await self._well(project.services[needed], build)

    async def _start(self, project: Project, service: Service, build: str) -> None:
        key = _key(service.name, build)
        if key in self.running:
            return
        began = time.monotonic()
        self._mount(project, service)
        run = self._run_of(service, build, ())
        process = Process(run, keeps_up=service.lasts, stop_seconds=service.stop_seconds)
        await process.start()
        self.running[key] = process
        if not service.lasts:
            code = await process.ended(ONE_SHOT)
            del self.running[key]
            if code:
                raise process.failed(f"exit code {code}")
            self.took[key] = time.monotonic() - began

    async def _well(self, service: Service, build: str) -> None:
        key = _key(service.name, build)
        if service.health is None or key in self.took:
            return
        words = service.health.test
        argv = ("sh", "-c", *words[1:]) if words[0] == "CMD-SHELL" else words[1:]
        check = self._run_of(replace(service, entrypoint=argv, command=()), build, ())
        check = replace(check, name=f"{key}-health", log=self.folder / "logs" / f"{key}-health.log")
        self.took[key] = await healthy(self.running[key], service.health, check)

    def _run_of(self, service: Service, build: str, arguments: Sequence[str]) -> Run:
        image = self.images.of(service.image)
        if image is None:
            raise ServiceError(f"{service.name} is not run")
        address = self.places.addresses[_key(service.name, build)]
        argv = [self.places.text(word, address) for word in _words(service, image)]
        environment = self._environment(service, image, address)
        argv = [*argv, *arguments]
        program = shutil.which(argv[0], path=environment["PATH"])
        if program is None:
            raise ServiceError(f"{service.name}: {argv[0]} is not in its image")
        key = _key(service.name, build)
        return Run(
            name=key,
            argv=[program, *argv[1:]],
            environment=environment,
            folder=ROOT if "tests.cluster.standing_in" in argv else self.folder,
            log=self.folder / "logs" / f"{key}.log",
            user=self._user(service),
        )

    def _environment(self, service: Service, image: Image, address: str) -> dict[str, str]:
        told = self.places.environment({**image.environment, **service.environment}, address)
        build = service.image.partition(":")[2]
        path = [str(folder) for folder in image.programs]
        ours = service.image.startswith("zhiping:")
        if ours:
            site = ROOT / ".cluster" / "builds" / build
            told["PYTHONPATH"] = str(site)
            path.insert(0, str(site / "bin"))
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "PGHOST": address,
            "CLUSTER_ADDRESS": address,
            "CLUSTER_MAIL": str(self.mail),
            "CLUSTER_DATA_SHARING": str(self.folder / "data-sharing"),
            **(
                {"PGDATA": str(self._volume(service) / "data")}
                if SERVER_VOLUME in service.volumes
                else {}
            ),
            **told,
        }

    def _user(self, service: Service) -> User:
        return owner(self._volume(service)) if service.name == "postgres" else User()

    def _volume(self, service: Service) -> Path:
        """The first volume of a service: where it keeps its data."""
        return self.folder / "volumes" / next(iter(service.volumes))

    def _mount(self, project: Project, service: Service) -> None:
        for source, target in service.configs.items():
            place = self.places.paths[target]
            text = project.configs[source]
            if self.rehearsing and source == "engine":
                more = {key: [{"value": value}] for key, value in REHEARSING.items()}
                text += yaml.safe_dump(more)
            _keep(place, text)
        for source, target in service.secrets.items():
            _keep(self.places.paths[target], self.places.text(project.secrets[source], ""))
        if SERVER_VOLUME in service.volumes:
            # As the image has it: a new volume's folder is the server's own user's.
            volume = self._volume(service)
            volume.mkdir(mode=0o755, exist_ok=True)
            user = owner(volume)
            if user.uid >= 0:
                os.chown(volume, user.uid, user.gid)

    async def _start_outside(self) -> None:
        address = self.places.addresses[OUTSIDE]
        image = self.images.images["axllent/mailpit"]
        run = Run(
            name=OUTSIDE,
            argv=[*image.entrypoint[:-1], "data-sharing"],
            environment={
                "PATH": os.environ["PATH"],
                "CLUSTER_ADDRESS": address,
                "CLUSTER_DATA_SHARING": str(self.folder / "data-sharing"),
            },
            folder=ROOT,
            log=self.folder / "logs" / f"{OUTSIDE}.log",
        )
        process = Process(run, keeps_up=True, stop_seconds=10)
        await process.start()
        self.running[OUTSIDE] = process


@asynccontextmanager
async def running(
    variables: Mapping[str, str],
    builds: Sequence[str],
    *,
    rehearsing: bool = False,
    keep: bool = False,
) -> AsyncIterator[Cluster]:
    """A cluster whose once-only services run until the block ends.

    Args:
        variables: of `.env`, beside the build; the data-sharing gateway's address is put in.
        builds: the versions of workers that may come up in it; the first is the image's own.
        rehearsing: with the engine told to skip time, for stories.
        keep: the folder with its logs stays.
    """
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="zhiping-cluster-"))
        folder.chmod(0o755)
        if not keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        for name in ("logs", "home", "mail", "data-sharing", "volumes"):
            (folder / name).mkdir()
        images = await asyncio.to_thread(prepared, folder / "bin")
        await asyncio.to_thread(installed, builds[0])
        told = {**variables, "BUILD_ID": builds[0]}
        once = [service.name for service in read(ROOT / ONCE, _Any(told)).services.values()]
        each = [service.name for service in read(ROOT / WORKERS, _Any(told)).services.values()]
        named = [*once, OUTSIDE, *(_key(name, build) for build in builds for name in each)]
        places = Places.on(free_network(), named, _paths(folder, images, told))
        address = places.addresses[OUTSIDE]
        told["ZHIPING_VERIFICATION_URL"] = f"http://{address}:{DATA_SHARING_PORT}"
        cluster = Cluster(folder, images, told, places, rehearsing, built={builds[0]})
        stack.push_async_callback(cluster.down)
        await cluster.up()
        yield cluster


class _Any(dict[str, str]):
    """Variables of which none is missing: only names are read."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        """What it is, or something."""
        return super().get(key) or default or "any"


def _paths(folder: Path, images: Images, told: Mapping[str, str]) -> dict[str, Path]:
    """The paths inside of containers, and where they lie here."""
    found = {"/etc/temporal/schema": images.schema, "/mailpit": folder / "bin" / "mailpit"}
    for file in (ONCE, WORKERS):
        project = read(ROOT / file, _Any(told))
        for service in project.services.values():
            for target in service.configs.values():
                found[target] = folder / "configs" / Path(target).name
            for target in service.secrets.values():
                found[target] = folder / "secrets" / Path(target).name
            for source, target in service.volumes.items():
                found[target] = folder / "volumes" / source
                found[target].mkdir(parents=True, exist_ok=True)
    return found


def _keep(place: Path, text: str) -> None:
    """Write what a container is given; whoever reads it already is left alone."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists() or place.read_text(encoding="utf-8") != text:
        place.write_text(text, encoding="utf-8")


def _key(service: str, build: str) -> str:
    return f"{service}@{build}" if build else service


def _words(service: Service, image: Image) -> list[str]:
    """As Docker has it: a service's own entrypoint takes the image's command away."""
    if service.entrypoint is not None:
        return [*service.entrypoint, *(service.command or ())]
    command = image.command if service.command is None else service.command
    return [*image.entrypoint, *command]
