"""What stands before every page: who comes, whether a form is ours, how much it brings."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import structlog
from starlette.datastructures import FormData, Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from activities.accounts.logins import new_token
from activities.references import AmbiguousReferenceError
from config.gateway.errors import GatewayError, TemporalUnavailableError
from config.reading import FileError
from starter.console import bodies, cookies, forgery
from starter.console.house import House
from starter.console.pages import (
    MOST_FIELDS,
    PROVE,
    Needs,
    Page,
    ProveAgain,
    Visit,
    here_of,
    sign_in_for,
)
from starter.console.signed import Signed, signed_in
from starter.desk.refusing import NoAnswer
from starter.desk.translating import translated
from starter.desk.uploading import most_of
from workflows.rules.refusals import Refused
from workflows.rules.text import shown_line

SAFE = frozenset({"GET", "HEAD"})
SHOW_SECOND, BIND_SECOND = "/denglu/yanzheng", "/denglu/bangding"

TOLD = (Refused, FileError, AmbiguousReferenceError, GatewayError, TemporalUnavailableError)
"""What the layers below say no with; anything else is a fault of ours."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Door:
    """Lets a request in to its page, or says why not; an ASGI endpoint."""

    page: Page
    house: House

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        most = self.page.most
        if self.page.uploads and bodies.is_multipart(Headers(scope=scope)):
            most += self.page.uploads * most_of(self.house.office)
        request = Request(scope, bodies.bounded(receive, most), send)
        response = await self.answer(request)
        await response(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """The page, or the way to it."""
        house = self.house
        if any(shown_line(str(part)) != str(part) for part in request.path_params.values()):
            raise HTTPException(404)  # no name of anything
        token = house.cookies.read(request, cookies.SESSION)
        signed = await signed_in(house.office, house.sessions, token) if token else None
        if way := self._first(request, signed):
            return way
        before = house.cookies.read(request, cookies.BEFORE)
        visit = Visit(request, house, signed, signed.token if signed else before or new_token())
        if request.method not in SAFE:
            visit.form = await self._form(visit)
        elif signed is not None and signed.session.notice:
            visit.told = signed.session.notice
            await house.sessions.note(signed.token, "")
        try:
            response = await self._shown(visit)
        finally:
            await visit.form.close()
        if signed is None and not before:
            house.cookies.keep(response, cookies.BEFORE, visit.cookie)
        return response

    def _first(self, request: Request, signed: Signed | None) -> Response | None:
        """Where somebody has to go first; None where the page may be shown."""
        needs = self.page.needs
        if needs is Needs.NOBODY:
            return None
        if signed is None:
            return RedirectResponse(sign_in_for(request), 303)
        if needs is Needs.SIGNED and signed.lacks_second:
            to = SHOW_SECOND if signed.session.has_second else BIND_SECOND
            return RedirectResponse(f"{to}?dao={quote(here_of(request), safe='')}", 303)
        return None

    async def _form(self, visit: Visit) -> FormData:
        """What was stated, if a page of ours sent it.

        Raises:
            HTTPException: 403 for a form from elsewhere, 408 and 413 for one that does not end.
        """
        request, url = visit.request, visit.house.office.settings.console_url
        if not forgery.is_from_here(request, url or ""):
            raise HTTPException(403)
        try:
            form = await self._read(request)
        except bodies.TooLargeError:
            raise HTTPException(413) from None
        except bodies.TooSlowError:
            raise HTTPException(408) from None
        if not forgery.is_ours(visit.cookie, str(form.get(forgery.FIELD, ""))):
            raise HTTPException(403)
        return form

    async def _read(self, request: Request) -> FormData:
        page = self.page
        if not page.uploads or not bodies.is_multipart(request.headers):
            return await request.form(max_files=page.files, max_fields=MOST_FIELDS)
        each = most_of(self.house.office)
        return await bodies.with_uploads(request, files=page.uploads, fields=MOST_FIELDS, each=each)

    async def _shown(self, visit: Visit) -> Response:
        try:
            return await self.page.show(visit)
        except ProveAgain as again:
            back = quote(again.back or here_of(visit.request), safe="")
            return RedirectResponse(f"{PROVE}?dao={back}", 303)
        except NoAnswer as answer:
            return visit.no(answer)
        except TOLD as err:
            return visit.no(translated(err))
