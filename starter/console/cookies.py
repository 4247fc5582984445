"""The console's cookies: the session's, the one of whoever is not signed in yet, and the large type."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

SESSION, BEFORE, LARGE = "zhiping", "zhiping-before", "zhiping-large"
PROVIDER = "zhiping-provider"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Cookies:
    """Reads and sets them; over HTTPS under names that no other host and no plain page can set."""

    secure: bool

    def read(self, request: Request, name: str) -> str:
        """A cookie's value; empty where there is none."""
        return request.cookies.get(self._called(name), "")

    def keep(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Set one: until the browser is closed, or so long."""
        response.set_cookie(
            self._called(name),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Take one away."""
        response.delete_cookie(
            self._called(name), path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def _called(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name
