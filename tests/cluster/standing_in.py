"""``python -m tests.cluster.standing_in PART``: what a container does that is no program of this machine.

`postgres` is the official image's entrypoint: a new folder is initialised with the user, password and
database it is told. `mail` is a server that keeps what it takes in. `data-sharing` are the city's
gateways, which are in no compose file: the world outside.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from workers.stack.data_sharing import serve_data_sharing
from workers.stack.mail_sink import serve_mail_sink

SMTP_PORT, DATA_SHARING_PORT = 1025, 8081


def main(arguments: Sequence[str]) -> int:
    """Become what is named."""
    part, *more = arguments
    address = os.environ.get("CLUSTER_ADDRESS", "127.0.0.1")
    match part:
        case "postgres":
            _postgres(more, address)
        case "mail":
            mail = Path(os.environ["CLUSTER_MAIL"])
            asyncio.run(_for_ever(serve_mail_sink(mail, SMTP_PORT, host=address)))
        case "data-sharing":
            known = Path(os.environ["CLUSTER_DATA_SHARING"])
            asyncio.run(_for_ever(serve_data_sharing(known, DATA_SHARING_PORT, host=address)))
        case _:
            return 2
    return 0


async def _for_ever(served: AbstractAsyncContextManager[int]) -> None:
    async with served:
        await asyncio.Event().wait()


def _postgres(arguments: Sequence[str], address: str) -> None:
    """Initialise a folder that is empty, and become the server."""
    data = Path(os.environ["PGDATA"])
    user = os.environ["POSTGRES_USER"]
    ready = data / "zhiping.ready"
    if not ready.exists():
        with tempfile.NamedTemporaryFile("w", dir=data.parent) as secret:
            secret.write(Path(os.environ["POSTGRES_PASSWORD_FILE"]).read_text(encoding="utf-8"))
            secret.flush()
            _run("initdb", "-D", str(data), "-U", user, f"--pwfile={secret.name}", "-A", "scram-sha-256",
                 "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip
        _run("postgres", "--single", "-D", str(data), "postgres",
             given=f"CREATE DATABASE {os.environ['POSTGRES_DB']}\n")  # fmt: skip
        ready.touch()
    words = [item for item in arguments if item != "postgres"]
    sockets = ["-c", "unix_socket_directories=", "-c", f"listen_addresses={address}"]
    os.execvp("postgres", ["postgres", "-D", str(data), *sockets, *words])  # noqa: S606, S607


def _run(*argv: str, given: str | None = None) -> None:
    subprocess.run(argv, check=True, input=given, text=True, stdout=sys.stderr)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
