"""What stands here for each image of the compose files, and how it comes to this machine.

Temporal's programs are built from the Go module of the images' version, once, into `.cluster/` of the
checkout (twenty minutes on two cores). PostgreSQL is Debian's: the wheel of the embedded stack lacks
`btree_gin`, which Temporal's visibility asks for. Our own image is a virtual environment with exactly
what the Dockerfile installs. The mail server is a sink; Temporal's web pages stand still.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.engine import temporal_binary

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cluster"
SERVER_MODULE, SERVER_VERSION = "go.temporal.io/server", "v1.32.1"
PROGRAMS = {"temporal-server": "cmd/server", "temporal-sql-tool": "cmd/tools/sql"}
WITHOUT = ("temporalio/ui",)
"""Images whose services are not run: pages that only show."""
GO_HOME = Path("/usr/local/go/bin")
POSTGRES_HOME = Path("/usr/lib/postgresql")
SENT = ("workflows", "activities", "config", "workers", "starter", "pyproject.toml", "README.md")
"""What the builder of the image is sent (.dockerignore)."""
PRODUCTION = ROOT / "requirements-production.txt"


_SHIMS = {
    "nc": 'exec 3<>"/dev/tcp/${@: -2:1}/${@: -1}"',
    "mailpit": 'exec 3<>"/dev/tcp/$CLUSTER_ADDRESS/1025"',
}
"""Programs of the images for their health, which this machine may lack."""


class MissingError(Exception):
    """Something that a cluster needs is not on this machine; the message says how to get it."""


@dataclass(frozen=True)
class Image:
    """How an image's container starts: its own entrypoint, command and environment."""

    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    programs: tuple[Path, ...]
    """Folders where its programs are looked for."""


@dataclass(frozen=True)
class Images:
    """All images by name without tag; `schema` is where Temporal's own tables are described."""

    images: Mapping[str, Image]
    schema: Path

    def of(self, image: str) -> Image | None:
        """What stands for an image; none where its service is not run."""
        name = image.partition(":")[0]
        return None if name in WITHOUT else self.images[name]


def prepared(folder: Path) -> Images:
    """Everything there, built where it is not yet; `folder` gets the links to programs.

    Raises:
        MissingError: Go or Debian's PostgreSQL is missing.
    """
    temporal, module = _temporal()
    shims = _shims(folder)
    postgres = (_postgres(), shims, *_system())
    engine = (temporal, Path(temporal_binary()).parent, shims, *_system())
    ours = (_virtual_environment() / "bin", shims, *_system())
    return Images(
        images={
            "postgres": Image(_standing_in("postgres"), (), {}, postgres),
            "temporalio/server": Image(
                ("bash", str(module / "docker/scripts/sh/entrypoint.sh")), (), {}, engine
            ),
            "temporalio/admin-tools": Image((), (), {}, engine),
            "axllent/mailpit": Image(_standing_in("mail"), (), {}, (shims, *_system())),
            "zhiping": _of_dockerfile(ours),
        },
        schema=module / "schema",
    )


def installed(build: str) -> Path:
    """Our package as an image of this build has it: its folder is for PYTHONPATH."""
    target, source = CACHE / "builds" / build, CACHE / "source"
    for folder in (target, source):
        shutil.rmtree(folder, ignore_errors=True)
    # Built from a copy: what setuptools leaves beside the source is none of the checkout's.
    for name in SENT:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            source.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    python = _virtual_environment() / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*install, "--no-deps", "--no-build-isolation", "--target", str(target), str(source)])
    return target


def _temporal() -> tuple[Path, Path]:
    """The folder of Temporal's programs, and its module's source."""
    go = shutil.which("go") or str(GO_HOME / "go")
    if not Path(go).exists():
        raise MissingError("make cluster 需要 Go（/usr/local/go/bin 或 PATH 中的 go）。")
    module = f"{SERVER_MODULE}@{SERVER_VERSION}"
    found = json.loads(_said([go, "mod", "download", "-json", module]))
    programs = CACHE / "bin"
    if not all((programs / name).exists() for name in PROGRAMS):
        print(f"正在编译 Temporal {SERVER_VERSION}，只此一次，约二十分钟……", flush=True)
        built = CACHE / "gobin"
        packages = [f"{SERVER_MODULE}/{path}@{SERVER_VERSION}" for path in PROGRAMS.values()]
        told = {**os.environ, "GOBIN": str(built), "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
        _run(["nice", "-n", "19", go, "install", "-trimpath", "-ldflags=-s -w", *packages], told)
        programs.mkdir(parents=True, exist_ok=True)
        for name, path in PROGRAMS.items():
            (built / Path(path).name).rename(programs / name)
    return programs, Path(found["Dir"])


def _postgres() -> Path:
    versions = sorted(POSTGRES_HOME.glob("*/bin"), key=lambda path: int(path.parent.name))
    found = [path for path in versions if (path / "initdb").exists()]
    if not found:
        raise MissingError("make cluster 需要 Debian 的 PostgreSQL：apt-get install postgresql。")
    return found[-1]


def _virtual_environment() -> Path:
    """What the image installs, and nothing of the tests or the embedded stack."""
    place = CACHE / "image"
    stamp = place / ".installed"
    wanted = PRODUCTION.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(place, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(place)])
        install = [str(place / "bin/python"), "-m", "pip", "install", "--quiet"]
        _run([*install, "--disable-pip-version-check", "--require-hashes", "-r", str(PRODUCTION)])
        stamp.write_text(wanted, encoding="utf-8")
    return place


def _of_dockerfile(programs: tuple[Path, ...]) -> Image:
    """ENTRYPOINT, CMD and ENV as the Dockerfile has them."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    words: dict[str, tuple[str, ...]] = {
        word: tuple(json.loads(stated))
        for word, stated in re.findall(r"^(ENTRYPOINT|CMD) (\[.*\])$", text, re.MULTILINE)
    }
    last = text[text.rindex("\nFROM ") :]
    told = dict(re.findall(r"([A-Z_]+)=(\S+)", " ".join(re.findall(r"^ENV (.*)$", last, re.M))))
    told.pop("PATH", None)
    return Image(words["ENTRYPOINT"], words["CMD"], told, programs)


def _standing_in(part: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.cluster.standing_in", part)


def _system() -> tuple[Path, ...]:
    return tuple(map(Path, ("/usr/local/bin", "/usr/bin", "/bin")))


def _shims(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, script in _SHIMS.items():
        place = folder / name
        place.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        place.chmod(0o755)
    return folder


def _run(argv: list[str], environment: Mapping[str, str] | None = None) -> None:
    subprocess.run(argv, check=True, env=environment, cwd=ROOT)  # noqa: S603 - our own words


def _said(argv: list[str]) -> str:
    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
    return done.stdout
