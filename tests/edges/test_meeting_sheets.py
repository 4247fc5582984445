"""Counting sheets and opinions as offices really write them, and as they break (point 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.reading import FileError
from starter.counting_sheets import ballots, opinions
from tests.edges.sheets import workbook


def written(tmp_path: Path, text: str | bytes, name: str = "sheet.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(tmp_path: Path, text: str | bytes, read: object = ballots) -> list[str]:
    with pytest.raises(FileError) as caught:
        (ballots if read is ballots else opinions)(written(tmp_path, text))
    return caught.value.problems


def test_an_unclosed_quote_swallows_no_ballot(tmp_path: Path) -> None:
    text = '申报,同意,反对,备注\nBD-0001,7,2,"无\nBD-0002,5,4,\nBD-0003,9,0,\n'

    assert problems(tmp_path, text) == [
        "第 2 行：引号没有成对，其后的内容无法分清各行，请核对这一行的引号"
    ]


def test_an_unclosed_quote_swallows_no_opinion(tmp_path: Path) -> None:
    text = '申报,意见\nBD-0001,"业绩突出\nBD-0002,建议通过\nBD-0003,同意\n'

    assert problems(tmp_path, text, opinions)[0].startswith("第 2 行：引号没有成对")


def test_two_quotes_astray_swallow_no_opinion(tmp_path: Path) -> None:
    text = '申报,意见\nBD-0001,"业绩突出\nBD-0002,建议通过\nBD-0003,同意"\nBD-0004,同意\n'

    assert problems(tmp_path, text, opinions)[0].startswith(
        "第 2 行：一个单元格里夹着另外的行（从第 3 行起）"
    )


def test_an_opinion_of_several_lines_is_one(tmp_path: Path) -> None:
    sheet = written(
        tmp_path, '申报,意见\r\nBD-0001,"一、业绩突出。\r\n二、Good, sound."\r\nBD-0002,同意\r\n'
    )

    assert opinions(sheet) == [
        {"application": "BD-0001", "text": "一、业绩突出。\n二、Good, sound."},
        {"application": "BD-0002", "text": "同意"},
    ]


def test_a_line_after_a_cell_of_several_keeps_its_number(tmp_path: Path) -> None:
    text = '申报,意见\nBD-0001,"一\n二\n三"\nBD-0002,\n'

    assert problems(tmp_path, text, opinions) == ["第 5 行：没有写意见"]


def test_lines_that_end_in_cr_alone_are_lines(tmp_path: Path) -> None:
    assert len(ballots(written(tmp_path, "申报,同意\rBD-0001,7\rBD-0002,5\r"))) == 2


@pytest.mark.parametrize("number", ["9" * 5000, "12345", "-1", "7.5", "七", "1e3"])
def test_what_is_no_number_of_votes_is_told(tmp_path: Path, number: str) -> None:
    said = problems(tmp_path, f"申报,同意\nBD-0001,{number}\n")

    assert said[0].startswith("第 2 行：")


def test_full_width_digits_are_votes(tmp_path: Path) -> None:
    assert ballots(written(tmp_path, "申报,同意\nＢＤ－0001,７\n"))[0]["application"] == "BD-0001"


def test_a_workbook_is_a_sheet(tmp_path: Path) -> None:
    content = workbook(
        [["评审会计票表"], [], ["受理号", "同意", "反对", "弃权"], ["BD-0001", 7, 2, None]]
    )

    assert ballots(written(tmp_path, content, "票.xlsx")) == [
        {"application": "BD-0001", "yes": 7, "no": 2, "abstain": 0, "uncast": 0}
    ]


def test_sums_are_held_against_the_rows(tmp_path: Path) -> None:
    """The row of sums was read as an application called 合计."""
    sound = "申报,同意,反对\nBD-0001,7,2\nBD-0002,5,4\n合计,12,6\n"

    assert len(ballots(written(tmp_path, sound))) == 2
    assert problems(tmp_path, sound.replace("12,6", "19,6")) == [
        "第 4 行：同意合计写的是 19，各行相加为 12，文件可能不完整"
    ]


def test_how_many_there_are_is_held_against_the_rows(tmp_path: Path) -> None:
    assert len(ballots(written(tmp_path, "共2件,\n申报,同意\nBD-0001,7\nBD-0002,5\n"))) == 2
    assert problems(tmp_path, "共3件,\n申报,同意\nBD-0001,7\nBD-0002,5\n") == [
        "第 1 行：写明共 3 件，实有 2 件，文件可能不完整"
    ]


def test_a_row_adds_up_to_what_it_states(tmp_path: Path) -> None:
    text = "申报,同意,反对,总票数\nBD-0001,7,2,9\nBD-0002,5,4,11\n"

    assert problems(tmp_path, text) == ["第 3 行：各项相加为 9 票，与所写的总票数不符"]


def test_one_application_twice_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, "申报,同意\nBD-0001,7\nBD-0001,5\n") == [
        "第 3 行：与第 2 行是同一件申报"
    ]


def test_a_heading_twice_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, "申报,同意,同意\nBD-0001,7,2\n") == ["第 1 行：“同意”这一栏有两处"]


def test_opinions_of_two_groups_on_one_application_are_two(tmp_path: Path) -> None:
    sheet = written(tmp_path, "申报,意见,组\nBD-0001,同意,1\nBD-0001,同意,2\n")

    assert [item["group"] for item in opinions(sheet)] == [1, 2]


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, "申报,同意,反对\nBD-0001,7,2\nBD-0002,5") == [
        "第 3 行：最后一行不完整，文件可能没有下载完"
    ]


def test_an_opinion_longer_than_any_is_told(tmp_path: Path) -> None:
    said = problems(tmp_path, f"申报,意见\nBD-0001,{'好' * 4001}\n", opinions)

    assert said == ["第 2 行：有单元格超过 4000 字"]


def test_a_second_sheet_is_not_passed_over(tmp_path: Path) -> None:
    content = workbook([["申报", "同意"], ["BD-0001", 7]], [["第二组"], ["BD-0002", 5]])

    assert problems(tmp_path, content) == ["工作表“表2”没有这些栏目，请删去或者分别导入"]
