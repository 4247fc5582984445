"""One operation from the command line: who asks it, where, and what is said when it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from starter import options
from starter.answers import print_json
from starter.later import later

with later():
    from starter import session

if TYPE_CHECKING:
    from starter.desk.office import Who
    from workflows.operation.messages import OperationOutcome


def operation(default: str | None = None) -> Callable[[options.F], options.F]:
    """The options of an operation: `--as`, `--realm`, `--request-id`, `--json`."""
    shared = (options.as_json, options.request_id, options.realm, options.acting_as(default))

    def with_options(function: options.F) -> options.F:
        for option in shared:
            function = option(function)
        return function

    return with_options


async def operated(
    kind: str,
    stated: Mapping[str, Any],
    told: str | Callable[[OperationOutcome], str],
    *,
    who: Who,
    realm: str,
    request_id: str,
    as_json: bool,
) -> None:
    """Carry an operation out and say that it is done.

    Raises:
        WaitsForSecond: it is recorded, and another human has to confirm it.
    """
    async with session.office(realm) as opened:
        outcome = await opened.operate(kind, who, stated, realm, request_id)
    if as_json:
        print_json(outcome)
    else:
        click.echo(told if isinstance(told, str) else told(outcome))
