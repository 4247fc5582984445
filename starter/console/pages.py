"""A page of the console: its address, who may come at all, and what its handler gets and answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NoReturn
from urllib.parse import quote, urlencode, urlsplit

from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from activities.accounts.viewing import record_viewing
from starter.console import bodies, cookies, forgery
from starter.console.house import House
from starter.console.navigation import NAVIGATION
from starter.console.signed import Signed
from starter.desk.refusing import No, NoAnswer
from workflows.rules.text import shown_line, shown_prose

HOME, SIGN_IN, PROVE = "/", "/denglu", "/denglu/queren"
PAGING = frozenset({"hou", "after", "xiazai"})
"""Words of an address that say where a page of a list begins, or that it is taken along."""
MOST_FIELDS = 400


class _Number(Convertor[int]):
    """A number of an address: of so few digits that any column takes it."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


class Needs(Enum):
    """Who may come to a page at all; what somebody may see or do on it is asked beyond."""

    NOBODY = "nobody"
    """Whoever comes: signing in itself."""
    HALF = "half"
    """Whoever stated the password, before the second factor is shown."""
    SIGNED = "signed"


class ProveAgain(Exception):
    """The password was stated too long ago for what is weighty; `back`: where to go on then."""

    def __init__(self, back: str = "") -> None:
        super().__init__(back)
        self.back = back


@dataclass(frozen=True)
class Problem:
    """What is wrong with what was stated, and in which field; it stands above the page and the field."""

    words: str
    field: str = ""


@dataclass(frozen=True)
class Page:
    """One page. A new one needs somebody signed in unless it says otherwise.

    Attributes:
        path: pinyin words and opaque ids; never a name, a text or a result.
        most: bytes that a form may bring.
        files: how many files may be among them.
        uploads: how many files of a case may be among them, each as large as the settings say; what
            is larger is counted and not kept, so that the rest of the form is not lost.
    """

    path: str
    show: Callable[[Visit], Awaitable[Response]]
    methods: tuple[str, ...] = ("GET",)
    needs: Needs = Needs.SIGNED
    most: int = bodies.SMALL
    files: int = 0
    uploads: int = 0


@dataclass
class Visit:
    """One request to one page.

    Attributes:
        signed: who is signed in; None on a page that needs nobody. Use `me`.
        cookie: what the forms of the answer are bound to.
        told: the one sentence that the page before left for this one.
        looking: which colleagues opened the case of this page a moment ago, in words.
        form: what was stated, checked to be from a page of ours; empty for a mere look.
    """

    request: Request
    house: House
    signed: Signed | None
    cookie: str
    told: str = ""
    looking: tuple[str, ...] = ()
    form: FormData = field(default_factory=FormData)

    @property
    def me(self) -> Signed:
        """Who is signed in."""
        if self.signed is None:
            raise HTTPException(401)
        return self.signed

    @property
    def is_stated(self) -> bool:
        """Whether something was stated, and not only looked at."""
        return self.request.method == "POST"

    def value(self, name: str) -> str:
        """A field as it was stated, without the spaces around it; empty where there is none.

        A character that cannot be shown is replaced: it means nothing, and the record takes none.
        """
        found = self.form.get(name, "")
        return shown_prose(found.strip()) if isinstance(found, str) else ""

    def asked(self, name: str) -> str:
        """A value of the address's query; empty where there is none, or it cannot be shown."""
        found = self.request.query_params.get(name, "")
        return found if shown_line(found) == found else ""

    def asked_number(self, name: str) -> int | None:
        """A number of the address's query; None for anything else."""
        found = self.asked(name)
        return int(found) if re.fullmatch(_Number.regex, found) else None

    def need_proof(self, back: str = "") -> None:
        """For what is weighty: the password was stated less than ten minutes ago.

        Args:
            back: where the visitor goes on then, where that is not this very address.

        Raises:
            ProveAgain: it was not; the visitor is sent to state it and comes back.
        """
        if not self.me.session.is_elevated(datetime.now(UTC)):
            raise ProveAgain(back)

    async def viewing(self, application: str, part: str) -> None:
        """Write down that somebody looks at a part of a case, before it is shown.

        Args:
            part: the page's own word, e.g. `anjuan` or `cailiao`.
        """
        me = self.me
        await record_viewing(
            self.house.office.pool,
            me.actor,
            account=me.session.account,
            realm=me.realm.id,
            application=application,
            part=part,
        )

    def nothing(self) -> NoReturn:
        """There is nothing here: also of what is not for this visitor.

        Raises:
            HTTPException: 404.
        """
        raise HTTPException(404)

    def page(
        self,
        template: str,
        /,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **shown: Any,
    ) -> HTMLResponse:
        """A page made of a template; `me`, `csrf`, `told`, `here` and the menu are there besides."""
        given = {
            "me": self.signed,
            "csrf": forgery.form_token(self.cookie),
            "told": self.told,
            "looking": self.looking,
            "here": self.request.url.path,
            "back": here_of(self.request),
            "kept": _filters_of(self.request),
            "large": bool(self.house.cookies.read(self.request, cookies.LARGE)),
            "menu": NAVIGATION,
            "problems": (),
            "provider": self.house.provider.name if self.house.provider else "",
            **shown,
        }
        made = self.house.looks.get_template(template).render(given)
        return HTMLResponse(made, status, headers)

    def file(self, content: bytes, name: str, kind: str) -> Response:
        """A file to keep; a browser shows none of it as a page of ours."""
        called = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return Response(content, media_type=kind, headers={"content-disposition": called})

    async def go(self, path: str, told: str = "") -> RedirectResponse:
        """On to another page of ours, which shows the sentence once."""
        if told and self.signed is not None:
            await self.house.sessions.note(self.signed.token, told)
        return RedirectResponse(local_path(path), 303)

    def no(self, answer: NoAnswer) -> HTMLResponse:
        """A no of the desk as a page."""
        status = {No.NOT_FOUND: 404, No.UNAVAILABLE: 503, No.UNKNOWN: 202}.get(answer.kind, 422)
        return self.page("no.html", status=status, no=answer, unknown=answer.kind is No.UNKNOWN)


def local_path(stated: str, otherwise: str = HOME) -> str:
    """An address of ours, whatever was stated: nobody is sent elsewhere by a link that says so."""
    plain = stated.isascii() and stated.isprintable() and "\\" not in stated
    try:
        parts = urlsplit(stated)
    except ValueError:
        return otherwise
    if not plain or parts.scheme or parts.netloc or not stated.startswith("/"):
        return otherwise
    return otherwise if stated.startswith("//") else stated


def here_of(request: Request) -> str:
    """This address, to come back to by a mere look."""
    if request.method != "GET":
        return HOME
    query = request.url.query
    return quote(request.url.path, safe="/") + (f"?{query}" if query else "")


def _filters_of(request: Request) -> str:
    """What a list is filtered by, as its address goes on after that; not where its page begins."""
    items = request.query_params.multi_items()
    query = urlencode([(name, value) for name, value in items if name not in PAGING])
    return f"{query}&" if query else ""


def sign_in_for(request: Request) -> str:
    """The address where one signs in to come back here."""
    back = here_of(request)
    return SIGN_IN if back == HOME else f"{SIGN_IN}?dao={quote(back, safe='')}"
