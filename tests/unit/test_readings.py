"""The published readings: complete, with lasting numbers, and one page made from the data."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from activities.wording.readings import Explained, explain, explained
from config.campaign_checks import CLAUSE_KEYS
from config.campaign_files import CAMPAIGNS, load
from starter.cli import zhiping
from starter.readings import page_of
from workflows.rules.policy import Policy
from workflows.rules.readings import READING, STANDING, Reading

ROOT = Path(__file__).resolve().parents[2]
WORDS = ROOT / "activities" / "wording" / "readings.toml"
PAGE = ROOT / "docs" / "readings.md"
EACH = pytest.mark.parametrize("item", explained().values(), ids=lambda item: item.key)
OF_ONE_NOTICE = re.compile(r"\b(BD|LC)\b|渝\S*〔\d{4}〕")


def test_every_reading_has_words_and_no_words_are_left_over() -> None:
    written = tomllib.loads(WORDS.read_text(encoding="utf-8"))

    assert list(written) == [reading.name.lower() for reading in Reading]


def test_the_numbers_run_without_a_gap() -> None:
    assert [reading.number for reading in Reading] == list(range(1, len(Reading) + 1))
    assert all(reading.value == f"{READING}{reading.number}" for reading in Reading)


@EACH
def test_a_reading_is_told_in_whole_chinese_sentences(item: Explained) -> None:
    assert len(item.title) <= 22
    for told in (item.open, item.why, item.where):
        assert told.endswith("。")
    # It stands inside other sentences: a letter's ground, a refusal's.
    assert item.rule[-1] not in "。；，"
    assert "。" not in item.rule
    for told in item[1:]:
        assert not re.search(r"[a-z]{3,}|，，|。。|  ", told), told


@EACH
def test_a_reading_belongs_to_no_single_notice(item: Explained) -> None:
    assert not OF_ONE_NOTICE.search("".join(item[1:]))


def test_the_page_is_made_from_the_data() -> None:
    """After a change: `make readings`."""
    assert PAGE.read_text(encoding="utf-8") == page_of(list(explained().values()))


def test_every_entry_of_the_page_can_be_linked_to() -> None:
    page = PAGE.read_text(encoding="utf-8")
    linked = re.findall(r"\(#(reading-\d+)\)", page)

    assert linked == re.findall(r'<a id="(reading-\d+)"></a>', page)
    assert linked == [f"reading-{reading.number}" for reading in Reading]


def test_what_is_cited_is_found_and_nothing_else() -> None:
    assert explain("办理口径30") == explained()[Reading.CORRECTION_CAP]
    assert explain("办理口径99") is None
    assert explain("BD 四(一)0") is None


def test_what_a_silent_notice_rests_on_is_known_to_the_campaign_files() -> None:
    assert {key.split(":", maxsplit=1)[0] for key in STANDING} <= CLAUSE_KEYS


@pytest.mark.parametrize("name", ["bd-2023", "lc-2024"])
def test_a_policy_has_them_without_carrying_them(name: str) -> None:
    policy = load(CAMPAIGNS / f"{name}.toml").policy
    wire = policy.model_dump_json()

    assert policy.clause("hearing") == Reading.HEARING
    assert '"hearing"' not in wire
    assert Policy.model_validate_json(wire) == policy


def test_the_command_lists_them_and_prints_one() -> None:
    run = CliRunner()
    listed, one = run.invoke(zhiping, ["readings"]), run.invoke(zhiping, ["readings", "45"])
    unknown = run.invoke(zhiping, ["readings", "99"])

    assert listed.exit_code == one.exit_code == 0
    assert "补正期限不越过截止日" in listed.output
    assert one.output.startswith("办理口径45　作出不利结论前听取意见")
    assert all(word in one.output for word in ("通知未明确的", "适用的规则", "理由", "适用于"))
    assert unknown.exit_code == 4
    assert run.invoke(zhiping, ["readings", "--page"]).output == PAGE.read_text(encoding="utf-8")
    assert '"key": "hearing"' in run.invoke(zhiping, ["readings", "45", "--json"]).output
