"""``python -m workers.database``: bring the record's schema up to date and let the application in.

It alone acts as the database's owner (``ZHIPING_OWNER_DATABASE_URL``). The password that
``ZHIPING_DATABASE_URL`` names for the application's role is set for it.
"""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import unquote, urlsplit

from activities.database import APPLICATION_ROLE
from activities.migrations import let_application_in, migrate
from activities.tls import NotTrustedError
from config.settings import Settings, SettingsError

EXIT_USAGE, EXIT_UNAVAILABLE = 2, 5


async def prepare(settings: Settings) -> list[str]:
    """Migrate, then set the application's password; returns the migrations applied now.

    Raises:
        SettingsError: there is no owner's address, or the other is not the application's role.
    """
    application = urlsplit(settings.database_url.get_secret_value())
    if settings.owner_database_url is None:
        raise SettingsError("缺少 ZHIPING_OWNER_DATABASE_URL：更新数据库结构须用所有者的账号。")
    if application.username != APPLICATION_ROLE:
        raise SettingsError(f"ZHIPING_DATABASE_URL 的账号须为 {APPLICATION_ROLE}。")
    owner = settings.owner_database_url.get_secret_value()
    applied = await migrate(owner)
    if application.password:
        await let_application_in(owner, unquote(application.password))
    return applied


def main() -> int:
    """Return the exit code: 0, 2 for wrong settings, 5 where a certificate is not believed."""
    try:
        applied = asyncio.run(prepare(Settings.load()))
    except SettingsError as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_USAGE
    except NotTrustedError as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_UNAVAILABLE
    sys.stdout.write("".join(f"{name}\n" for name in applied))
    return 0


if __name__ == "__main__":
    sys.exit(main())
