"""NUL and its kind: no field of anything that comes in takes a character that cannot be shown."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from types import ModuleType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import asyncpg
import pytest
from pydantic import AfterValidator, BaseModel, BeforeValidator, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings
from temporalio.api.common.v1 import Payload as WirePayload
from temporalio.exceptions import ApplicationError

import activities
import config
from activities import failures
from activities.database import Pool
from activities.entries import entry
from activities.texts import is_reference, reference_of
from starter.desk.stating import with_texts_stored
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import read_payload
from workflows.application.messages import (
    CaseQuery,
    OpenApplication,
    PublishedQuery,
    Step,
    SubmissionQuery,
)
from workflows.application.payloads import Objection, PostPublicity
from workflows.calls import NEVER_TAKEN
from workflows.letter.messages import MailroomShift
from workflows.meeting.catalogue import MEETING_CATALOGUE
from workflows.meeting.messages import MeetingBasisQuery, OpenMeetingRun
from workflows.operation.catalogue import OPERATION_CATALOGUE
from workflows.operation.messages import OperationRequest
from workflows.rules.characters import is_unsafe
from workflows.rules.refusals import Code, Refused, refuse
from workflows.rules.text import Line, Prose, acceptable_line, shown, shown_line, shown_prose
from workflows.writer.inbox import read_act
from workflows.writer.messages import Act, Actor
from workflows.writer.payloads import FREE_TEXT, Payload
from workflows.writer.vouchers import Voucher

UNSAFE = {
    "nul": "\0",
    "escape": "\x1b",
    "delete": "\x7f",
    "next line": "\x85",
    "right-to-left override": "\u202e",
    "right-to-left isolate": "\u2067",
    "right-to-left mark": "\u200f",
    "line separator": "\u2028",
    "filler": "\u3164",
    "shaping switch": "\u206a",
    "annotation": "\ufff9",
    "tag": "\U000e0041",
    "no character": "\ufdd0",
    "no character of a later plane": "\U0001ffff",
}
MESSAGES: tuple[type[BaseModel], ...] = (
    Act,
    OpenApplication,
    OpenMeetingRun,
    OperationRequest,
    SubmissionQuery,
    CaseQuery,
    PublishedQuery,
    MeetingBasisQuery,
    MailroomShift,
)
OF_THE_ENGINE = ("carried", "beside")
"""What a run hands to the next: it came in long ago."""
M = TypeVar("M")


def below(kind: type[M]) -> Iterator[type[M]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def modules_of(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def taken_in() -> list[type[BaseModel]]:
    """Payloads, what opens a workflow, the files people write, and what operations read."""
    found = {*below(Payload), *MESSAGES, *(row.payload for row in OPERATION_CATALOGUE.values())}
    for package in (config, activities):
        for module in modules_of(package):
            found |= {
                kind
                for kind in vars(module).values()
                if isinstance(kind, type)
                and issubclass(kind, BaseModel)
                and not issubclass(kind, BaseSettings)
                and kind.__module__ == module.__name__
                and (package is config or kind.__name__.startswith("Stated"))
            }
    return sorted(with_parts(found), key=lambda kind: (kind.__module__, kind.__name__))


def with_parts(kinds: Iterable[type[BaseModel]]) -> set[type[BaseModel]]:
    """The models and all that their fields are made of, but a case carried by the engine itself."""
    found: set[type[BaseModel]] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind in found:
            continue
        found.add(kind)
        for name, field in kind.model_fields.items():
            if name not in OF_THE_ENGINE:
                waiting += models_in(field.annotation)
    return found


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def loose(annotation: Any, metadata: Iterable[Any] = ()) -> Iterator[str]:
    """What of a field's type lets anything in: a text, a value or a day nobody looks at."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from loose(inner, [*metadata, *more])
    elif annotation is Any or annotation in (str, date, datetime):
        if not any(isinstance(item, (AfterValidator, BeforeValidator)) for item in metadata):
            yield str(annotation)
    elif get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from loose(part, metadata)
    elif get_origin(annotation) in (dict, list, tuple, set, frozenset):
        for part in get_args(annotation):
            yield from loose(part)


MODELS = taken_in()


def test_the_walk_meets_everything_that_comes_in() -> None:
    names = {kind.__name__ for kind in MODELS}

    assert len(MODELS) > 100
    assert {"Objection", "PlanMeeting", "Act", "Actor", "Facts", "Policy", "DirectoryFile"} <= names
    assert {"CommitteeFile", "OperationRequest", "StatedBar", "BankLine", "FiledCommittee"} <= names
    assert list(loose(dict[str, Any])), "a loose type is seen"
    assert not list(loose(Line | None))


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_text_and_day_that_comes_in_is_of_a_checked_type(kind: type[BaseModel]) -> None:
    found = {
        name: list(loose(field.annotation, field.metadata))
        for name, field in kind.model_fields.items()
        if name not in OF_THE_ENGINE
    }

    assert {name: kinds for name, kinds in found.items() if kinds} == {}


@pytest.mark.parametrize("bad", UNSAFE.values(), ids=UNSAFE)
def test_no_text_takes_such_a_character(bad: str) -> None:
    assert is_unsafe(bad)
    for kind in (Line, Prose):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(f"张三{bad}")


def test_accents_heaped_on_accents_are_refused_and_what_scripts_need_is_taken() -> None:
    """They print over the lines above and below, on a paper as on a screen."""
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python("张" + "\u0301\u0489" * 5)
    for said in ("Vi\u0065\u0323\u0302t", "ก็ที่", "བསྒྲུབས"):
        assert TypeAdapter(Line).validate_python(said) == said
    assert acceptable_line("备注" + "\u0301" * 40) == "备注"


def test_a_lone_surrogate_is_no_text() -> None:
    assert is_unsafe("\ud800")
    with pytest.raises(ValidationError):
        TypeAdapter(Prose).validate_python("张三\ud800")


def test_several_lines_are_prose_and_no_line() -> None:
    assert TypeAdapter(Prose).validate_python("一\n二\t三") == "一\n二\t三"
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python("一\n二")


@pytest.mark.parametrize(
    "said", ["张三", "Ünal —", "㐀𠀀", "👩‍🎓", "👩‍❤️‍👨", "१२३", "می‌خواهم", "邉󠄁"]
)
def test_what_people_write_is_taken(said: str) -> None:
    assert TypeAdapter(Line).validate_python(said) == said


@pytest.mark.parametrize("unseen", "\u00ad\u200b\u200c\u200d\u2060\u2063\ufeff\u180e")
def test_what_nobody_can_see_is_taken_out(unseen: str) -> None:
    """Two names that look the same are the same: the one from a chat is the one from a keyboard."""
    said = f"{unseen}张{unseen}三{unseen}A{unseen}"

    assert TypeAdapter(Line).validate_python(said) == "张三A"
    assert TypeAdapter(Prose).validate_python(f"{said}\n{said}") == "张三A\n张三A"
    with pytest.raises(ValidationError):
        TypeAdapter(Line).validate_python(unseen)


def test_what_goes_out_is_made_fit_to_be_shown() -> None:
    assert shown_line("张\0三\u202e\n\x1b[8m") == "张\ufffd三\ufffd\ufffd\ufffd[8m"
    assert shown_prose("一\n\x1b二") == "一\n\ufffd二"
    assert shown_line("\u3164") == "\ufffd"


@pytest.mark.parametrize(
    "row", [*CATALOGUE.values(), *MEETING_CATALOGUE.values()], ids=lambda row: row.name
)
def test_an_act_with_such_a_text_is_a_coded_no(row: Any) -> None:
    texts = [name for name, field in row.payload.model_fields.items() if field.annotation is str]

    for name in texts:
        with pytest.raises(Refused) as error:
            read_payload(row.payload, {name: "甲\0乙"})
        told = error.value.first
        assert told.code in (Code.UNSAFE_TEXT, Code.MALFORMED_PAYLOAD)
        assert name in told.params["fields"]


@pytest.mark.parametrize(
    "stated",
    [
        {"actor": {"person": "a\0"}},
        {"actor": {"person": "a"}, "request_id": "r\0"},
        {"actor": {"person": "a", "organisation": "b\u202e"}},
        {"actor": {"person": "a"}, "payload": {"k\0": 1}},
        {"actor": {"person": "a"}, "payload": {"changes": {"a": ["\0"]}}},
    ],
)
def test_an_act_is_looked_at_whole_before_it_waits(stated: dict[str, Any]) -> None:
    wire = WirePayload(metadata={"encoding": b"json/plain"}, data=json.dumps(stated).encode())

    with pytest.raises(Refused) as error:
        read_act("nudge", wire, Voucher.GATEWAY, {"nudge"}, live=True)

    assert error.value.first.code is Code.UNSAFE_TEXT


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 40])
def test_a_number_that_no_record_keeps_is_refused(number: str) -> None:
    data = f'{{"actor": {{"person": "a"}}, "payload": {{"n": {number}}}}}'.encode()

    wire = WirePayload(metadata={"encoding": b"json/plain"}, data=data)

    with pytest.raises(Refused):
        read_act("nudge", wire, Voucher.GATEWAY, {"nudge"}, live=True)


def test_what_is_told_back_of_it_can_be_shown() -> None:
    told = refuse(Code.UNKNOWN_ACTION, action="do\0it\u202e").first.params["action"]

    assert told == shown("do\0it\u202e") == "do\ufffdit\ufffd"


async def test_free_text_is_told_by_its_field_and_never_by_how_it_begins() -> None:
    kept: list[str] = []

    async def store(text: str) -> str:
        kept.append(text)
        return reference_of(b"k" * 16)

    said = "text-mining 平台的公示有误"
    wire = await with_texts_stored(Objection, {"text": said, "contact": ""}, store)

    assert kept == [said]
    assert is_reference(wire["text"])
    assert wire["contact"] == ""


def test_a_reference_in_another_field_opens_nobodys_text() -> None:
    """Texts are put in where free text stands; a key that looks like a reference stays a key."""
    reference = reference_of(b"k" * 16)
    step = Step(
        application="a",
        realm="live",
        seq=1,
        source="act",
        name="start_publicity",
        actor=Actor(person="liu"),
        acted_at=datetime.fromisoformat("2023-10-12T09:00:00+08:00"),
        recorded_at=datetime.fromisoformat("2023-10-12T09:00:00+08:00"),
        payload={"place": reference, "channels": [reference]},
    )

    read = entry(step, {}, {}, {reference: "别人的陈述"})["payload"]

    assert read == {"place": "别人的陈述", "channels": [reference]}
    assert PostPublicity.model_fields["place"].json_schema_extra == {FREE_TEXT: True}


@pytest.mark.integration
@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("SELECT $1::text", "\0"),
        ("SELECT $1::jsonb", '{"a": "\\u0000"}'),
        ("SELECT $1::text", "\ud800"),
        ("SELECT $1::date", "no day"),
        ("SELECT $1::int", 2**40),
        ("INSERT INTO application (id, realm) VALUES ('a', $1)", "nowhere"),
        ("INSERT INTO document (sha256, size) VALUES ($1, 1)", "no hash"),
    ],
)
async def test_what_the_database_will_never_take_is_tried_once(
    pool: Pool, statement: str, value: object
) -> None:
    with pytest.raises(Exception) as error:  # noqa: PT011 - whatever the driver makes of it
        await pool.fetchval(statement, value)

    failure = failures.never_taken(error.value, 1)

    assert isinstance(failure, ApplicationError)
    assert (failure.type, failure.non_retryable) == (NEVER_TAKEN, True)
    assert str(value) not in str(failure) or not str(value).isprintable()


@pytest.mark.parametrize(
    "error",
    [
        OSError(),
        asyncpg.SerializationError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.InterfaceError("the pool is closing"),
        asyncpg.ClientConfigurationError("no such host"),
    ],
)
def test_what_may_pass_is_asked_again(error: Exception) -> None:
    assert failures.never_taken(error, 9) is None


def test_whoever_lost_a_race_looks_again_but_not_for_ever() -> None:
    lost = asyncpg.UniqueViolationError()

    assert failures.never_taken(lost, 1) is None
    assert failures.never_taken(lost, failures.ATTEMPTS_WHEN_TAKEN) is not None


def test_a_value_that_a_command_cannot_even_ask_with_is_a_coded_answer() -> None:
    from starter.desk.refusing import No
    from starter.desk.translating import translated

    with pytest.raises(ValidationError) as error:
        Actor(person="张三\0")

    answer = translated(error.value)

    assert answer.kind is No.REFUSED
    assert answer.reasons[0].code == "unsafe_text"
