"""``python -m starter.console``: one console, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from activities.content_keys import IdentityKeyUnknownError
from config.logging import configure_logging
from config.settings import Settings, SettingsError
from starter.console.application import application
from starter.console.house import house_of
from starter.console.measuring import measuring
from starter.desk.office import opened
from starter.desk.refusing import NoAnswer

EXIT_USAGE, EXIT_UNAVAILABLE = 2, 5
AT_ONCE = 200
"""Requests at once; whoever comes then is told to come again."""
GRACE = 20
QUEUE = 512


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        NoAnswer: the database is away.
    """
    async with (
        measuring(settings),
        opened(settings, connections=settings.console_pool) as office,
    ):
        config = uvicorn.Config(
            application(house_of(office)),
            host=settings.console_host,
            port=settings.console_port,
            # An access line has the address in it; what was looked at stands in the record.
            access_log=False,
            log_config=None,
            server_header=False,
            limit_concurrency=AT_ONCE,
            backlog=QUEUE,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=GRACE,
            proxy_headers=bool(settings.console_proxies),
            forwarded_allow_ips=settings.console_proxies or None,
            lifespan="off",
            ws="none",
        )
        await uvicorn.Server(config).serve()


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0, 2 wrong settings, 5 the database is away."""
    parser = argparse.ArgumentParser(prog="python -m starter.console", description="运行职评的网页")
    parser.add_argument("--stack", type=Path, help="内置环境所在文件夹")
    given = parser.parse_args(arguments)
    try:
        settings = Settings.for_stack(given.stack) if given.stack else Settings.load()
        # Pages take what people state; a library's message may quote it.
        configure_logging(settings.log_format, settings.log_level, role="console", wordless=True)
        asyncio.run(serve(settings))
    except (SettingsError, IdentityKeyUnknownError) as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_USAGE
    except NoAnswer as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_UNAVAILABLE
    return 0


if __name__ == "__main__":
    sys.exit(main())
