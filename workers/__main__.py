"""``python -m workers --role cases [--role records]``: one worker process."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from activities.content_keys import IdentityKeyUnknownError
from activities.tls import NotTrustedError
from config.gateway.errors import TemporalUnavailableError
from config.logging import configure_logging
from config.settings import Settings, SettingsError
from workers.fleet import ALL_ROLES, Role
from workers.serving import serve

EXIT_USAGE, EXIT_UNAVAILABLE = 2, 5


async def _serve(settings: Settings, roles: Sequence[Role]) -> int:
    code = await serve(settings, roles)
    # The SDK's threads may still hold the interpreter; without this the exit crashes now and then.
    await asyncio.sleep(0.05)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0, 1 a worker failed, 2 wrong settings, 5 Temporal unavailable."""
    parser = argparse.ArgumentParser(prog="python -m workers", description="运行职评的工作进程")
    parser.add_argument(
        "--role",
        action="append",
        choices=[*(role.value for role in Role), "all"],
        help="角色，可重复；默认 all",
    )
    parser.add_argument("--stack", type=Path, help="内置环境所在文件夹")
    given = parser.parse_args(arguments)
    named = given.role or ["all"]
    roles = ALL_ROLES if "all" in named else tuple(Role(name) for name in dict.fromkeys(named))
    try:
        settings = Settings.for_workers_of(given.stack) if given.stack else Settings.load()
        configure_logging(settings.log_format, settings.log_level, role="+".join(roles))
        return asyncio.run(_serve(settings, roles))
    except SettingsError as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_USAGE
    except (TemporalUnavailableError, NotTrustedError, IdentityKeyUnknownError) as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main())
