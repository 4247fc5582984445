"""An operation out of a form: who asks is signed in, the request id is the form's, and every answer has
its page.

The same form sent twice is one operation: its id was made when the form was shown. An answer that did
not come is no failure: the page says so and offers to ask the very same again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from secrets import token_hex
from typing import Any

from starlette.responses import Response

from config.gateway.errors import GatewayError, TemporalUnavailableError
from config.reading import FileError
from starter.console import forgery, looks
from starter.console.pages import Problem, Visit
from starter.desk.refusing import No, NoAnswer, WaitsForSecond
from starter.desk.translating import translated
from workflows.operation.catalogue import OPERATION_CATALOGUE
from workflows.operation.messages import OperationOutcome
from workflows.rules.refusals import Refused

REQUEST = "qing"
"""The form's field with its request id."""
WAITING = "/daiqueren"

Form = Callable[..., Awaitable[Response]]
Told = str | Callable[[OperationOutcome], Awaitable[str]]
NO_ANSWERS = (NoAnswer, Refused, GatewayError, TemporalUnavailableError, FileError, OSError)


def new_request() -> str:
    """A request id for a form that is about to be shown."""
    return token_hex(12)


def request_of(visit: Visit) -> str:
    """The form's request id: as it was stated, or a new one for a form shown the first time."""
    return visit.value(REQUEST) or new_request()


def prove_for(visit: Visit, kind: str) -> None:
    """For a weighty operation the password was stated a short while ago, form and act alike.

    Raises:
        ProveAgain: it was not.
    """
    if OPERATION_CATALOGUE[kind].weighty:
        visit.need_proof(visit.request.url.path if visit.is_stated else "")


async def carried_out(
    visit: Visit,
    kind: str,
    stated: Mapping[str, Any],
    *,
    form: Form,
    to: str,
    told: Told,
    params: Mapping[str, str] | None = None,
) -> Response:
    """Carry out an operation that a form asked for.

    Args:
        form: shows the form again with its problems, what was typed still in it.
        to: where one goes when it is done, and looks when it is unknown whether it is.
        told: what the next page says, or makes of the outcome.
        params: what it names beside, by id alone.
    """
    prove_for(visit, kind)
    me, office = visit.me, visit.house.office
    try:
        async with office.telling(me.realm.id):
            outcome = await office.operate(
                kind, me.who, stated, me.realm.id, request_of(visit), params
            )
    except WaitsForSecond as waits:
        return await visit.go(
            to,
            f"已记下，还没有生效：须由另一人在{looks.moment(waits.until)}以前登录，在“待确认”中确认。",
        )
    except NO_ANSWERS as err:
        return await refused_in(visit, translated(err), form=form, to=to)
    return await visit.go(to, told if isinstance(told, str) else await told(outcome))


async def refused_in(visit: Visit, no: NoAnswer, *, form: Form, to: str) -> Response:
    """A no at the form it is about; an answer that did not come, with the way to ask again."""
    if no.kind is No.UNKNOWN:
        return unknown(visit, to)
    return await form(*problems_of(no))


def unknown(visit: Visit, to: str) -> Response:
    """可能已办: the very same form again under the same id, or a look at how things stand."""
    fields = [
        (name, value)
        for name, value in visit.form.multi_items()
        if isinstance(value, str) and name != forgery.FIELD
    ]
    return visit.page("ask_again.html", status=202, fields=fields, to=to)


def problems_of(no: NoAnswer) -> tuple[Problem, ...]:
    """The reasons of a no, each at the field it is about."""
    return tuple(
        Problem(_sentence(reason.message, reason.clause, reason.next), (*reason.fields, "")[0])
        for reason in no.reasons
    )


def _sentence(message: str, clause: str, following: str) -> str:
    ground = f"（依据：{clause}）" if clause else ""
    return f"{message}{ground}{following}"
