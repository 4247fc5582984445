"""Counting sheets and opinions as files: read whole, or every bad line told by its number."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.reading import FileError
from starter.counting_sheets import ballots, opinions


def written(tmp_path: Path, text: str, encoding: str = "utf-8-sig") -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_sheet_names_applications_and_totals(tmp_path: Path, encoding: str) -> None:
    sheet = written(tmp_path, "受理号,同意,反对,弃权\nBD-0001,7,2,0\n\nBD-0002,5,4,\n", encoding)

    assert ballots(sheet) == [
        {"application": "BD-0001", "yes": 7, "no": 2, "abstain": 0, "uncast": 0},
        {"application": "BD-0002", "yes": 5, "no": 4, "abstain": 0, "uncast": 0},
    ]


def test_every_bad_line_is_told_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(FileError) as refused:
        ballots(written(tmp_path, "申报,同意,反对\na,七,2\n,5,-1\n"))

    assert list(refused.value.problems) == [
        "第 2 行：同意不是票数",
        "第 3 行：反对不是票数",
        "第 3 行：没有写明申报",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("申报,反对\na,1\n", "缺少列：同意"),
        ("姓名,同意\na,1\n", "缺少列：申报"),
        ("申报,同意\n", "一行"),
    ],
)
def test_a_sheet_without_what_it_must_have_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        ballots(written(tmp_path, text))


def test_opinions_have_a_text_and_perhaps_a_group(tmp_path: Path) -> None:
    sheet = written(tmp_path, "申报编号,意见,组\na,业绩突出,\nb,建议通过,2\n")

    assert opinions(sheet) == [
        {"application": "a", "text": "业绩突出"},
        {"application": "b", "text": "建议通过", "group": 2},
    ]


def test_an_empty_opinion_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="没有写意见"):
        opinions(written(tmp_path, "申报,意见\na,\n"))
