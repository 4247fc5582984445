"""The console as a web application on an office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.console import bodies
from starter.console.doors import Door
from starter.console.headers import Headers
from starter.console.house import House
from starter.console.looks import STATIC
from starter.console.routes import PAGES

WORTH_PACKING = 1_000
WHY: Mapping[int, tuple[str, str]] = {
    400: ("请求不能识别", "提交的内容中有无法识别的部分，请返回上一页重新填写。"),
    401: ("请先登录", "登录后再打开这个页面。"),
    403: (
        "没有办理",
        "这张表不是从本系统当前的页面提交的，可能页面打开太久，或者您已在别处重新登录。请回到页面刷新后重新提交。",
    ),
    404: (
        "没有这个页面",
        "地址可能有误，或者您现在的身份不能查看。请从首页进入，或者更换身份后再试。",
    ),
    405: ("不能这样打开", "请从页面上的按钮进入。"),
    408: ("提交超时", "内容没有在规定时间内传完，没有办理。请检查网络后重新提交。"),
    413: ("提交的内容太大", "超过了这一页允许的大小，没有办理。请缩减后重新提交。"),
    500: (
        "系统出错",
        "没有办成，您填写的内容可能没有保存。请稍后再试；仍然不行的，请把出错的时间告诉运行人员。",
    ),
}

logger = structlog.get_logger(__name__)


def application(house: House) -> Starlette:
    """The application; the house is opened and closed by whoever runs it."""
    secure = house.office.settings.console_is_secure
    routes: list[Route | Mount] = [
        Route("/healthz", _alive),
        Mount("/static", StaticFiles(directory=STATIC)),
        *(Route(page.path, Door(page, house), methods=[*page.methods]) for page in PAGES),
    ]

    async def told(_request: Request, error: Exception) -> Response:
        return _told(house, error)

    made = Starlette(
        routes=routes,
        middleware=[
            Middleware(Headers, secure=secure),
            Middleware(GZipMiddleware, minimum_size=WORTH_PACKING),
            # Within them: a fault's answer says to the browser what every answer does.
            Middleware(Faults, house=house),
        ],
        exception_handlers={
            HTTPException: told,
            bodies.TooLargeError: told,
            bodies.TooSlowError: told,
        },
    )
    # An address is there or not; one with a stroke more is sent nowhere.
    made.router.redirect_slashes = False
    return made


class Faults:
    """Answers what nobody foresaw with a page, once; it goes no further, where it would be told again."""

    def __init__(self, app: ASGIApp, *, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; where that fails before anything was answered, answer."""
        begun = False

        async def send_with(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_with)
        except ClientDisconnect:
            # A browser that goes on before its form has come, as by a double click, is no fault.
            return
        except Exception as err:
            if begun:
                raise
            await _told(self._house, err)(scope, receive, send)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _told(house: House, error: Exception) -> Response:
    """A fault as a page that says what to do; of ours only its kind is logged, never a value."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 500:  # noqa: PLR2004 - the only one that is our own
        logger.error("console.fault", error=type(error).__name__, exc_info=error)
    title, why = WHY.get(status, WHY[500])
    shown: dict[str, Any] = {"title": title, "why": why, "status": status, "large": False}
    page = house.looks.get_template("fault.html").render(shown)
    headers = error.headers if isinstance(error, HTTPException) else None
    return HTMLResponse(page, status, headers)
