"""Our compose files, read as compose reads them: `extends`, variables, order, health.

Only what the files use is understood; anything else is an error, so that a word we do not run is no
word that an operator relies on. PyYAML resolves anchors and merges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ONCE = "docker-compose.yml"
WORKERS = "docker-compose.workers.yml"
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?:(:-|:\?)([^}]*))?\})")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_KNOWN = frozenset(
    [
        "build",
        "image",
        "init",
        "restart",
        "stop_grace_period",
        "environment",
        "volumes",
        "configs",
        "secrets",
        "entrypoint",
        "command",
        "healthcheck",
        "depends_on",
        "ports",
        "profiles",
        "scale",  # one of each is run here
    ]
)
_TO_THE_END, _IS_WELL, _IS_THERE = (
    "service_completed_successfully",
    "service_healthy",
    "service_started",
)


class ComposeError(Exception):
    """The files say what we do not understand, or a variable is missing."""


@dataclass(frozen=True)
class Health:
    """How a service is asked whether it is well; times in seconds."""

    test: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float = 0.0


@dataclass(frozen=True)
class Service:
    """One service as it is to be run.

    Attributes:
        needs: service → which of compose's three conditions.
        mounts: volume, config or secret → path inside; `volumes` are folders, the others texts.
    """

    name: str
    image: str
    environment: Mapping[str, str]
    entrypoint: tuple[str, ...] | None
    command: tuple[str, ...] | None
    volumes: Mapping[str, str] = field(default_factory=dict)
    configs: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    health: Health | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    restart: str = "no"
    stop_seconds: float = 10.0
    profiles: tuple[str, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether it runs on, rather than doing one thing and ending."""
        return self.restart != "no"


@dataclass(frozen=True)
class Project:
    """The services of one file, and the texts of its configs and of its secrets."""

    services: Mapping[str, Service]
    configs: Mapping[str, str]
    secrets: Mapping[str, str]

    def in_order(self) -> Iterator[Service]:
        """Those without a profile, each after those it needs."""
        done: set[str] = set()

        def visit(name: str) -> Iterator[Service]:
            if name in done:
                return
            done.add(name)
            for needed in self.services[name].needs:
                yield from visit(needed)
            yield self.services[name]

        for name, service in self.services.items():
            if not service.profiles:
                yield from visit(name)


def read(file: Path, variables: Mapping[str, str]) -> Project:
    """Read a file with the variables of its `.env`.

    Raises:
        ComposeError: a word we do not know, or a variable that must be set and is not.
    """
    found = _filled(yaml.safe_load(file.read_text(encoding="utf-8")), variables)
    services = {
        name: _service(name, _extended(stated, file.parent, variables))
        for name, stated in found["services"].items()
    }
    configs = {name: stated["content"] for name, stated in found.get("configs", {}).items()}
    stated_secrets = found.get("secrets", {})
    secrets = {}
    for service in services.values():
        for name in service.secrets:
            if name not in stated_secrets:
                raise ComposeError(f"{service.name}: no secret {name}")
            variable = stated_secrets[name]["environment"]
            secrets[name] = variables.get(variable, "")
            if not secrets[name]:
                raise ComposeError(
                    f"{variable}: environment variable required by {name} is not set"
                )
    return Project(services, configs, secrets)


def _extended(
    stated: Mapping[str, Any], folder: Path, variables: Mapping[str, str]
) -> dict[str, Any]:
    """A service with what it builds on: maps are joined, its own word winning, lists added."""
    own = dict(stated)
    base = own.pop("extends", None)
    if base is None:
        return own
    text = (folder / base["file"]).read_text(encoding="utf-8")
    found = _filled(yaml.safe_load(text), variables)["services"][base["service"]]
    joined = _extended(found, folder, variables)
    for key, value in own.items():
        before = joined.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            joined[key] = {**before, **value}
        elif key in {"volumes", "secrets"} and isinstance(before, list):
            joined[key] = [*before, *value]
        else:
            joined[key] = value
    return joined


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    if not isinstance(value, str):
        return value

    def put(found: re.Match[str]) -> str:
        dollar, name, how, more = found.groups()
        if dollar:
            return "$"
        given = variables.get(name, "")
        if given:
            return given
        if how == ":?":
            raise ComposeError(f"{name}: {more}")
        return more or ""

    return _VARIABLE.sub(put, value)


def _service(name: str, stated: Mapping[str, Any]) -> Service:
    if unknown := stated.keys() - _KNOWN:
        raise ComposeError(f"{name}: {', '.join(sorted(unknown))}")
    mounts = (mount.split(":") for mount in stated.get("volumes", ()))
    return Service(
        name=name,
        image=stated["image"],
        environment=stated.get("environment", {}),
        entrypoint=_words(stated.get("entrypoint")),
        command=_words(stated.get("command")),
        volumes={source: target for source, target, *_ in mounts},
        configs={item["source"]: item["target"] for item in stated.get("configs", ())},
        secrets={item: f"/run/secrets/{item}" for item in stated.get("secrets", ())},
        health=_health(stated.get("healthcheck", {})),
        needs={key: how["condition"] for key, how in stated.get("depends_on", {}).items()},
        restart=stated.get("restart", "no"),
        stop_seconds=seconds(stated.get("stop_grace_period", "10s")),
        profiles=tuple(stated.get("profiles", ())),
    )


def _health(stated: Mapping[str, Any]) -> Health | None:
    if not stated or stated.get("disable"):
        return None
    return Health(
        test=tuple(stated["test"]),
        interval=seconds(stated["interval"]),
        timeout=seconds(stated["timeout"]),
        retries=stated["retries"],
        start_period=seconds(stated.get("start_period", "0s")),
    )


def _words(stated: list[str] | None) -> tuple[str, ...] | None:
    return None if stated is None else tuple(stated)


def seconds(duration: str) -> float:
    """Compose's form of a duration, in seconds."""
    found = re.fullmatch(r"(\d+)(ms|s|m|h)", duration)
    if found is None:
        raise ComposeError(duration)
    return int(found[1]) * _UNITS[found[2]]
