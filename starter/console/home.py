"""首页：现在以什么身份，能做什么。"""

from __future__ import annotations

from starlette.responses import Response

from starter.console.own_account import ROLES
from starter.console.pages import HOME, Page, Visit


async def home(visit: Visit) -> Response:
    """首页。"""
    return visit.page("home.html", roles=ROLES)


PAGES = (Page(HOME, home),)
