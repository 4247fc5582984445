"""Where a container's names and paths lie on this machine.

A service gets a loopback address of its own (all of 127/8 is this machine), so that every port stays
the one in the file; its names, `0.0.0.0` and `127.0.0.1` become addresses, its paths folders of ours.
"""

from __future__ import annotations

import random
import re
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_HOSTS = re.compile(r"(HOST|SEEDS|ADDRESS)$")
"""Settings whose whole value is the name of a service; elsewhere a name is one with a port behind."""
_PORT = 5432


def free_network() -> str:
    """The first three bytes of addresses that nobody listens on."""
    for _ in range(100):
        network = f"127.{random.randint(64, 250)}.{random.randint(0, 250)}"  # noqa: S311
        with suppress(OSError), socket.socket() as asked:
            asked.bind((f"{network}.2", _PORT))
            return network
    raise OSError("no loopback network is free")


@dataclass(frozen=True)
class Places:
    """The addresses of all services, and folders for the paths inside of containers."""

    addresses: Mapping[str, str]
    paths: Mapping[str, Path]

    @classmethod
    def on(cls, network: str, services: Iterable[str], paths: Mapping[str, Path]) -> Places:
        """One address a service, in the order they are named."""
        addresses = {name: f"{network}.{number}" for number, name in enumerate(services, 2)}
        return cls(addresses, paths)

    def environment(self, stated: Mapping[str, str], address: str) -> dict[str, str]:
        """A service's environment as a process of this machine is told it."""
        return {
            key: self.addresses.get(value, self.text(value, address))
            if _HOSTS.search(key)
            else self.text(value, address)
            for key, value in stated.items()
        }

    def text(self, stated: str, address: str) -> str:
        """A word of a command or a setting."""
        told = re.sub(r"\b(0\.0\.0\.0|127\.0\.0\.1)\b", address, stated)
        for name, where in self.addresses.items():
            told = re.sub(rf"(?<![\w.-]){re.escape(name)}(?=:\d{{2,5}}(?!\w))", where, told)
        for path, here in sorted(self.paths.items(), key=lambda item: -len(item[0])):
            told = re.sub(rf"(?<![\w/.-]){re.escape(path)}(?![\w-])", str(here), told)
        return told
