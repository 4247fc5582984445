"""One line format for our own log lines, Temporal's and every library's."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from temporalio import activity, workflow

APPLICATION_PREFIX = "application-"
MAX_EXCEPTION = 8000
# Names that could only hold personal data. The rule is that nobody logs them; this is the net below.
PERSONAL = frozenset(
    {"name", "person_name", "id_number", "phone", "mobile", "email", "address", "recipient", "body"}
)
_TEMPORAL_EXTRAS = ("temporal_workflow", "temporal_activity")
_TEMPORAL_KEYS = (
    "workflow_id",
    "run_id",
    "workflow_type",
    "activity_type",
    "attempt",
    "task_queue",
)

EventDict = MutableMapping[str, Any]


def configure_logging(
    form: Literal["json", "console"],
    level: str,
    *,
    role: str | None = None,
    stream: TextIO | None = None,
    wordless: bool = False,
) -> None:
    """Set up structlog and the standard library for this process; later calls replace earlier ones.

    Args:
        wordless: of an exception only its kind and its places are written, whoever logs it: for a
            process to which people state what its libraries' messages quote.

    Temporal's loggers stay standard-library loggers, which the SDK silences in a replay. Their
    records are formatted here like all others.
    """
    # The same facts come as fields; in the message they would make each line unique.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        flatten_temporal,
        _wordless_exception if wordless else structlog.processors.format_exc_info,
        _bounded_exception,
        drop_personal,
    ]
    if role is not None:
        shared.insert(0, _with_role(role))
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=(stream or sys.stderr).isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            # Only for records of the standard library: on structlog's own it would add its innards.
            foreign_pre_chain=[structlog.stdlib.ExtraAdder()],
            processors=[
                *shared,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Access lines of the health probe are noise, and a URL may carry a person's reference.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)


def flatten_temporal(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Lift Temporal's ids to the top of the line and name the application where it is one."""
    for extra in _TEMPORAL_EXTRAS:
        found = event.pop(extra, None)
        if isinstance(found, Mapping):
            event.update({key: found[key] for key in _TEMPORAL_KEYS if key in found})
    workflow_id = event.get("workflow_id")
    if isinstance(workflow_id, str) and workflow_id.startswith(APPLICATION_PREFIX):
        event.setdefault("application_id", workflow_id)
    return event


def drop_personal(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace values under names that could only be personal data."""
    for key in PERSONAL & event.keys():
        event[key] = "[removed]"
    return event


def _wordless_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Of an exception, and of those behind it, the kind and the places; never a message.

    A library says in its message what it could not take, and that is what somebody stated.
    """
    said = event.pop("exc_info", None)
    error = sys.exc_info()[1] if said is True else said[1] if isinstance(said, tuple) else said
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_places(error))
    if isinstance(event.get("event"), str):
        # asyncio's lines go on with the task and its exception, message and all.
        event["event"] = event["event"].partition("\n")[0]
    return event


def _places(error: BaseException) -> list[str]:
    found: list[str] = []
    behind: BaseException | None = error
    seen: set[int] = set()
    while behind is not None and id(behind) not in seen:
        seen.add(id(behind))
        kind = type(behind)
        state = getattr(behind, "sqlstate", None)
        found.append(f"{kind.__module__}.{kind.__qualname__}" + (f" {state}" if state else ""))
        frames = traceback.extract_tb(behind.__traceback__)
        found += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        behind = behind.__cause__ or behind.__context__
    return found


def _bounded_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Cut long tracebacks, and PostgreSQL's DETAIL lines: they quote the row."""
    text = event.get("exception")
    if isinstance(text, str):
        lines = (line for line in text.splitlines() if not line.lstrip().startswith("DETAIL:"))
        event["exception"] = "\n".join(lines)[-MAX_EXCEPTION:]
    return event


def _with_role(role: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: EventDict) -> EventDict:
        event.setdefault("role", role)
        return event

    return add
