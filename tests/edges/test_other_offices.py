"""Letters and papers of an office elsewhere: nothing of Chongqing, nor of one notice (issue 9, point 19).

The city is invented: the real notice, the cases and the letters with each of Chongqing's words put
into another's. What is left of them afterwards can only come from our code, words and templates.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from activities import letters, wording
from activities.letters.writing import write
from activities.papers import batch_papers, case_forms
from activities.papers.authority import seal_register
from activities.papers.certificates import scheme
from activities.papers.codes import make_code
from activities.papers.making import BATCH_DATA, CASE_DATA
from activities.papers.seals import SealKey
from activities.papers.typesetting import TEMPLATES, typeset
from starter.cli import zhiping
from tests.paper_samples import batch_of, case_of, entrusted
from tests.unit.test_paper_templates import plain, seal  # noqa: F401 - a fixture
from tests.unit.test_templates import SAMPLES, about
from workflows.rules.names import LetterKind, Party
from workflows.rules.papers import PaperKind

INSTEAD = {
    "重庆": "江州",
    "两江": "双江",
    "渝": "江",
    "大数据": "船舶",
    "绿色低碳": "港口",
    "市职改办": "江州人才办",
}
OURS = re.compile("重庆|渝|大数据|绿色低碳|市职改办|渝才荟|关于开展|关于组织")
"""What no letter and no paper of another office may say; the pattern over titles is among it."""
STARTER = Path(__file__).parents[2] / "starter"
WORDS = (
    *Path(wording.__file__).parent.glob("*.toml"),
    *(Path(letters.__file__).parents[1] / "templates" / "letters").glob("*.j2"),
    *TEMPLATES.glob("*.typ"),
    TEMPLATES / "masking.toml",
)


def elsewhere(value: Any) -> Any:
    """A value of any kind in the words of the invented city."""
    if isinstance(value, str) and type(value) is str:
        for ours, theirs in INSTEAD.items():
            value = value.replace(ours, theirs)
        return value
    if isinstance(value, BaseModel):
        return type(value).model_validate(elsewhere(json.loads(value.model_dump_json())))
    if is_dataclass(value) and not isinstance(value, type):
        changed = {item.name: elsewhere(getattr(value, item.name)) for item in fields(value)}
        return type(value)(**changed)
    if isinstance(value, Mapping):
        return {key: elsewhere(part) for key, part in value.items()}
    if isinstance(value, tuple):
        parts = [elsewhere(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return [elsewhere(part) for part in value] if isinstance(value, list) else value


def paper_of(kind: PaperKind, seal: SealKey) -> Mapping[str, Any]:  # noqa: F811
    """The data of a paper of the invented city."""
    if kind is PaperKind.CERTIFICATE:
        case = elsewhere(case_of(kind))
        said = case_forms.claims(case, "2024ZC00001")
        return case_forms.certificate(case, said, make_code(said, seal))
    if kind in CASE_DATA:
        return CASE_DATA[kind](elsewhere(case_of(kind)))
    batch = elsewhere(batch_of(6))
    if kind is PaperKind.REPLY:
        return batch_papers.reply(entrusted(batch), "bureau")
    return BATCH_DATA[kind](batch)


def letters_of(kind: LetterKind) -> Iterator[tuple[str, str, str]]:
    """Every letter of a kind to every party: who, its subject, its text."""
    for params in SAMPLES[kind]:
        for party in Party:
            written = write(elsewhere(about(kind, party, params)))
            yield party, written.subject, written.text


@pytest.mark.parametrize("kind", PaperKind)
def test_a_paper_of_another_city_says_nothing_of_ours(kind: PaperKind, seal: SealKey) -> None:  # noqa: F811
    text = plain(typeset(kind, paper_of(kind, seal)).content)

    assert OURS.findall(text) == []
    assert "江州" in text or "船舶" in text


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_letter_of_another_city_says_nothing_of_ours(kind: LetterKind) -> None:
    for party, subject, text in letters_of(kind):
        assert OURS.findall(subject + text) == [], party


def test_the_form_and_the_notice_are_called_as_the_notice_does(seal: SealKey) -> None:  # noqa: F811
    form = plain(
        typeset(PaperKind.PUBLICITY_FORM, paper_of(PaperKind.PUBLICITY_FORM, seal)).content
    )
    assert "江州市职称申报综合情况（公示）表" in form
    listed = plain(typeset(PaperKind.RESULT_LIST, paper_of(PaperKind.RESULT_LIST, seal)).content)
    assert "2023年江州市工程技术船舶智能化专业职称评审结果公示" in listed
    [posted, *_] = [text for _, _, text in letters_of(LetterKind.PUBLICITY_RESULT)]
    assert "报送江州人才办确认" in posted


@pytest.mark.parametrize("file", WORDS, ids=lambda file: file.name)
def test_no_words_or_template_name_a_city_or_a_notice(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert OURS.findall(text) == []
    assert re.findall(r"(?<![A-Za-z])(?:BD|LC) [一二三四五六]", text) == [], (
        "a clause of one notice"
    )


@pytest.mark.parametrize("name", ["labels.toml", "cautions.toml"])
def test_no_words_state_a_term_that_is_the_notices(name: str) -> None:
    """`确认通知下发后1个月内` was told to an office whose notice gives two months."""
    text = (Path(wording.__file__).parent / name).read_text(encoding="utf-8")
    assert (
        re.findall(r"(?<!每)[0-9一二三四五六七八九十两]+个?(?:工作日|自然日|月)内?(?![日号])", text)
        == []
    )


def helps(command: click.Command, *path: str) -> Iterator[tuple[str, str]]:
    """What `--help` says of a command and of all below it, by its words."""
    context = click.Context(command, info_name=" ".join(path))
    yield " ".join(path), command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from helps(below, *path, name)


def test_no_help_of_the_command_line_names_an_office_of_ours() -> None:
    """The city's office was 市职改办 for everybody, a district's and another province's too."""
    found = {name: OURS.findall(text) for name, text in helps(zhiping, "zhiping")}

    assert len(found) > 80
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("family", ["acts", "meeting acts"])
def test_no_act_is_explained_with_an_office_of_ours(family: str) -> None:
    listed = json.loads(CliRunner().invoke(zhiping, [*family.split(), "--json"]).stdout)
    assert len(listed) > 20
    for item in listed:
        said = CliRunner().invoke(zhiping, [*family.split(), item["action"]]).stdout
        assert OURS.findall(said) == [], item["action"]


@pytest.mark.parametrize("file", [*STARTER.rglob("*.py"), *STARTER.rglob("*.toml")], ids=str)
def test_no_words_of_the_command_line_are_a_citys(file: Path) -> None:
    """Stories of our two notices are data of theirs; everything else serves any office."""
    if file.is_relative_to(STARTER / "rehearsal" / "stories"):
        return
    words = "重庆|渝|绿色低碳|市职改办"
    assert re.findall(words, file.read_text(encoding="utf-8")) == []


def test_what_ships_trusts_no_citys_seal_and_numbers_by_the_notice() -> None:
    """Every installation certified by Chongqing's seals, and numbered by its offices' ids."""
    assert [one.holder for one in seal_register().seals] == ["职评演示印章（无法律效力）"]
    ours, theirs = case_of(PaperKind.CERTIFICATE), elsewhere(case_of(PaperKind.CERTIFICATE))
    theirs.notice.pop("certificate_code")
    assert scheme().code(ours) == "DSJ"
    assert scheme().code(theirs) == "ZC"
