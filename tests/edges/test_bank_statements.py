"""Bank statements as banks and spreadsheets really export them, and as they break (points 6 and 7)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.payment_files import BankFile, BankLine, numbers_in, understand
from config.payment_profiles import read_profile
from config.reading import FileError
from starter.desk.payments_import import ImportReport
from starter.payments import print_report
from tests.edges.sheets import SHEET, sheet_xml, text_row, with_part, workbook
from workflows.rules.message import BEIJING

PROFILE = read_profile()
ID = "2023-0123456789ab"
HEADER = "交易流水号,交易金额,交易时间,付款人名称,附言"


def row(number: int, amount: str = "420.00", remark: str = ID) -> str:
    return f"TX{number:04},{amount},2023-11-16 09:30:00,张三,{remark}"


def bank(text: str, encoding: str = "utf-8") -> BankFile:
    return understand(text.encode(encoding), "bank.csv", PROFILE)


def problems(content: str | bytes) -> list[str]:
    with pytest.raises(FileError) as caught:
        understand(content if isinstance(content, bytes) else content.encode(), "b", PROFILE)
    return caught.value.problems


def transactions(found: BankFile) -> list[str]:
    return [line.transaction for line in found.lines]


def only(found: BankFile) -> BankLine:
    (line,) = found.lines
    return line


# Strict reading


def test_an_unclosed_quote_swallows_no_line() -> None:
    """From its quote to the end of the file everything was one remark, and five payments were gone."""
    lines = [HEADER, row(1), row(2, remark='"评审费'), *(row(n) for n in range(3, 8))]

    assert problems("\n".join(lines) + "\n") == [
        "第 3 行：引号没有成对，其后的内容无法分清各行，请核对这一行的引号"
    ]


def test_two_quotes_astray_swallow_no_line() -> None:
    """Two unclosed quotes make a pair: a sound CSV, with a payment inside a remark."""
    lines = [HEADER, row(1, remark='"评审费'), row(2), row(3, remark='费"'), row(4)]

    said = problems("\n".join(lines))

    assert len(said) == 1
    assert said[0].startswith("第 2 行：一个单元格里夹着另外的行（从第 3 行起）")


def test_a_name_that_opens_a_quote_and_one_that_closes_it() -> None:
    text = f'{HEADER}\nTX0001,420.00,2023-11-16 09:30:00,"张三,{ID}\n'
    text += f'TX0002,420.00,2023-11-16 09:30:00,李四",{ID}\n'

    assert "夹着另外的行" in problems(text)[0]


def test_a_remark_of_several_lines_is_one_and_later_lines_keep_their_number() -> None:
    found = bank(
        f"{HEADER}\n{row(1, remark=chr(34) + '评审费，' + chr(10) + ID + chr(34))}\n{row(2)}\n"
    )

    assert [(line.line, line.numbers) for line in found.lines] == [(2, (ID,)), (4, (ID,))]
    broken = f"{HEADER}\r\n{row(1, remark=chr(34) + '上' + chr(13) + chr(10) + '下' + chr(34))}\r\n{row(2, 'x')}\r\n"
    assert problems(broken)[0].startswith("第 4 行")


@pytest.mark.parametrize("breaks", ["\n", "\r\n", "\r"])
def test_lines_of_any_system_are_lines(breaks: str) -> None:
    found = bank(breaks.join([HEADER, row(1), row(2), ""]))

    assert [line.line for line in found.lines] == [2, 3]


def test_a_quote_within_a_name_is_no_error() -> None:
    assert only(bank(f'{HEADER}\nTX1,420,2023-11-16,张"三",{ID}\n')).payer == '张"三"'


def test_a_file_that_was_cut_off_is_refused() -> None:
    """Cut within the day, 2023-11-1 would pass for the first of November."""
    text = f"{HEADER}\n{row(1)}\nTX0002,420.00,2023-11-1"

    assert problems(text) == ["第 3 行：最后一行不完整，文件可能没有下载完"]


def test_a_comma_too_many_is_told() -> None:
    assert "多出" in problems(f"{HEADER}\n{row(1)},评审费\n")[0]


def test_a_heading_twice_is_told() -> None:
    assert "“交易金额”这一栏有两处" in problems(f"{HEADER},交易金额\n{row(1)},420\n")[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEADER}\n{row(1, '9' * 5000)}\n", "单元格超过"),
        (f"{HEADER}\n{row(1, '9' * 1500)}\n", "金额"),
        (f"{HEADER}\nTX1,420,{'9' * 5000},a,b\n", "单元格超过"),
        (f"{HEADER}\n{row(1, remark='费' * 3000)}\n", "单元格超过"),
        (f"{HEADER}\n{row(1, remark='费' * 200_000)}\n", "单元格超过"),
        (f"{HEADER}\n{row(1)}\n\0\n", "第 3 行：含有空字符"),
        (f"{HEADER}\nTX1,420,1023-11-16,a,b\n", "年份"),
    ],
)
def test_what_no_bank_writes_raises_nothing_but_a_file_error(text: str, said: str) -> None:
    assert said in problems(text)[0]


def test_a_device_ends_at_the_limit() -> None:
    from pathlib import Path

    from config.payment_files import read

    with pytest.raises(FileError, match="超过 20 MB"):
        read(Path("/dev/zero"))


# What a statement says of itself


@pytest.mark.parametrize(
    "said",
    [
        "合计,840.00,,,",
        "合计：2笔,840.00,,,",
        "合计,2,840.00,,",
        "合计：840.00元,,,,",
        "总笔数：2,总金额：840.00,,,",
        "小计,840.00,,,",
        "贷方合计金额：840.00，贷方笔数：2,,,,",
        "借方笔数：0,,,,",
        "合计,,,,",
    ],
)
def test_a_sum_that_fits_is_passed_over(said: str) -> None:
    found = bank(f"{HEADER}\n{row(1)}\n{row(2)}\n{said}\n")

    assert len(found.lines) == 2
    assert [item.why for item in found.passed_over] == ["footer"]


@pytest.mark.parametrize(
    "said",
    [
        "合计,1260.00,,,",
        "合计：3笔,840.00,,,",
        "合计：1260.00元,,,,",
        "总笔数：3,总金额：840.00,,,",
        "总笔数：2,总金额：1260.00,,,",
        "贷方合计金额：1260.00，贷方笔数：2,,,,",
        "借方笔数：1,,,,",
    ],
)
def test_a_sum_that_does_not_fit_refuses_the_file(said: str) -> None:
    """One line was lost on the way; only the sum knows."""
    told = problems(f"{HEADER}\n{row(1)}\n{row(2)}\n{said}\n")

    assert len(told) == 1
    assert told[0].startswith("第 4 行：写明")
    assert "文件可能不完整" in told[0]


def test_a_sum_above_the_heading_is_held_against_the_lines() -> None:
    top = "某某银行对账单,,,,\n收入总笔数：3,收入总金额：1260.00,,,\n账户余额：99999.99,,,,\n"

    assert len(bank(f"{top}{HEADER}\n{row(1)}\n{row(2)}\n{row(3)}\n").lines) == 3
    told = problems(f"{top}{HEADER}\n{row(1)}\n{row(2)}\n")
    assert [item.partition("：")[0] for item in told] == ["第 2 行", "第 2 行"]


def test_pages_have_sums_of_their_own() -> None:
    pages = [HEADER, row(1), row(2), "本页小计,840.00,,,", HEADER, row(3), "本页小计,420.00,,,"]
    text = "\n".join([*pages, "总计,1260.00,,,", ""])

    found = bank(text)

    assert transactions(found) == ["TX0001", "TX0002", "TX0003"]
    assert [(item.line, item.why) for item in found.passed_over] == [
        (4, "footer"),
        (5, "heading"),
        (7, "footer"),
        (8, "footer"),
    ]
    assert problems(text.replace("本页小计,420.00", "本页小计,421.00"))[0].startswith("第 7 行")


def test_a_payer_called_as_a_sum_is_no_sum() -> None:
    text = f"付款人名称,{HEADER.replace(',付款人名称', '')}\n合计科技公司,TX1,420,2023-11-16,{ID}\n"

    assert only(bank(text)).payer == "合计科技公司"
    # Without its time it is a bad line, not a sum that vanishes.
    assert "没有缴费时间" in problems(text.replace("2023-11-16", ""))[0]


# Real exports


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_encoding_and_delimiter_of_an_office(encoding: str, delimiter: str) -> None:
    text = f"{HEADER}\r\n{row(1)}\r\n".replace(",", delimiter)

    found = only(bank(text, encoding))

    assert (found.payer, found.fen, found.numbers) == ("张三", 42_000, (ID,))


def test_a_broken_byte_is_told_with_its_line() -> None:
    content = f"{HEADER}\n{row(1)}\n".encode() + b"TX0002,420.00,2023-11-16,\xe5\xbc,x\n"

    assert problems(content)[0].startswith("第 3 行：文字编码无法识别")


@pytest.mark.parametrize(
    ("header", "values", "at"),
    [
        ("交易日期,交易时间", "2023-11-16,09:30:00", "2023-11-16T09:30:00+08:00"),
        ("交易日期,交易时间", "20231116,93000", "2023-11-16T09:30:00+08:00"),
        ("交易日期,交易时间", "20231116,093000", "2023-11-16T09:30:00+08:00"),
        ("交易日期,交易时间", "2023/11/16,9:30", "2023-11-16T09:30:00+08:00"),
        ("交易日期,交易时间", "2023-11-16,2023-11-17 08:00:00", "2023-11-17T08:00:00+08:00"),
        ("记账日期,交易时间", "2023-11-16,", "2023-11-16T00:00:00+08:00"),
        ("交易日期", "2023-11-16 09:30:00", "2023-11-16T09:30:00+08:00"),
    ],
)
def test_a_day_and_a_time_in_two_columns(header: str, values: str, at: str) -> None:
    text = f"交易流水号,交易金额,{header},附言\nTX1,420,{values},{ID}\n"

    assert only(bank(text)).paid_at.isoformat() == at


def test_a_time_without_a_day_is_told() -> None:
    assert "缴费时间读不出" in problems(f"流水号,金额,交易时间,附言\nTX1,420,09:30:00,{ID}\n")[0]


@pytest.mark.parametrize("word", ["贷记", "转入", "收入", "存入", "贷", "来账", "cr", "C"])
def test_money_that_came_in(word: str) -> None:
    """贷记, 转入 and 收入 were no known word, and their lines went out of sight as outgoing."""
    found = bank(f"{HEADER},收支方向\n{row(1)},{word}\n")

    assert transactions(found) == ["TX0001"]
    assert found.passed_over == ()


def test_a_direction_nobody_knows_refuses_the_file() -> None:
    assert "收支方向读不出" in problems(f"{HEADER},收支方向\n{row(1)},？？\n")[0]
    assert "收支方向没有写" in problems(f"{HEADER},收支方向\n{row(1)},\n")[0]


TWO = "交易流水号,借方发生额,贷方发生额,交易时间,附言"


@pytest.mark.parametrize("nothing", ["", "0.00", "0", "-", "—"])
def test_two_columns_of_money(nothing: str) -> None:
    at = "2023-11-16 09:30:00"
    found = bank(
        f"{TWO}\nTX1,{nothing},420.00,{at},{ID}\nTX2,15.00,{nothing},{at},手续费\n"
        f"TX3,0.00,0.00,{at},结息\n"
    )

    assert [(line.transaction, line.fen) for line in found.lines] == [("TX1", 42_000)]
    assert [(item.line, item.why) for item in found.passed_over] == [
        (3, "outgoing"),
        (4, "nothing"),
    ]
    assert [item.sentence() for item in found.passed_over] == [
        "第 3 行：支出",
        "第 4 行：没有发生额",
    ]


def test_two_columns_that_both_have_money_or_none() -> None:
    at = "2023-11-16 09:30:00"
    assert "两栏都有金额" in problems(f"{TWO}\nTX1,1.00,420.00,{at},x\n")[0]
    assert "没有金额" in problems(f"{TWO}\nTX1,,,{at},x\n")[0]


def test_a_refund_is_listed_and_its_payment_warned_of() -> None:
    found = bank(f"{HEADER}\n{row(1)}\n{row(1, '-420.00')}\n{row(2)}\n合计,420.00,,,\n")

    assert transactions(found) == ["TX0001", "TX0002"]
    assert [(item.line, item.why) for item in found.passed_over] == [(3, "negative"), (5, "footer")]
    assert found.warnings == ("第 3 行：与第 2 行流水号相同、金额为负，该笔收款可能已冲正",)


@pytest.mark.parametrize("word", ["退汇", "冲正", "退款"])
def test_money_that_comes_back_to_us_is_nobodys_fee(word: str) -> None:
    found = bank(f"{HEADER}\n{row(1, remark=f'{word}{ID}')}\n")

    assert only(found).numbers == ()
    assert len(found.warnings) == 1
    assert "不自动对应" in found.warnings[0]


@pytest.mark.parametrize(
    "remark",
    [
        ID.upper(),
        f"评审费{ID.upper()}张三",
        "2023—0123456789AB",
        "2023－０１２３４５６７８９ＡＢ",
        "2023-01234567 89ab",
        "评审费 2023 -0123456789ab",
    ],
)
def test_a_number_in_a_remark_however_the_bank_prints_it(remark: str) -> None:
    assert only(bank(f"{HEADER}\n{row(1, remark=remark)}\n")).numbers == (ID,)


def test_a_number_of_its_own_column_may_be_in_capitals_too() -> None:
    text = f"流水号,金额,日期,受理号\nTX1,420,2023-11-16,{ID.upper()}\n"

    assert only(bank(text)).numbers == (ID,)


def test_a_number_in_any_of_the_columns_of_remarks_is_found() -> None:
    text = f"流水号,金额,日期,附言,摘要,用途\nTX1,420,2023-11-16,,转账,{ID}\n"

    found = only(bank(text))

    assert (found.numbers, found.remark) == ((ID,), "转账") or found.numbers == (ID,)


def test_a_remark_with_a_character_of_the_banks_own_is_kept() -> None:
    """Nobody here can correct a bank's export; the money is there all the same."""
    found = only(bank(f"{HEADER}\n{row(1, remark='费' + chr(0xE000) + ID)}\n"))

    assert found.numbers == (ID,)
    assert found.remark == f"费\ufffd{ID}"


def test_numbers_that_a_spreadsheet_rounded_are_warned_of() -> None:
    def statement(*numbers: str) -> BankFile:
        rows = [f"{number},420,2023-11-16,张三,{ID}" for number in numbers]
        return bank("\n".join([HEADER, *rows, ""]))

    warned = statement("2023111600000010000", "2023111600000023451").warnings
    assert len(warned) == 1
    assert warned[0].startswith("第 2 行：流水号第 15 位以后全是 0")
    # One zero at the end is chance; every number with one is not.
    assert statement("2023111600000010", "2023111600000023").warnings == ()
    assert len(statement("2023111600000010", "2023111600000020").warnings) == 2
    assert statement("TX2023111600000010000").warnings == ()
    same = f"{HEADER}\n" + f"20231116000000100,420,2023-11-16,a,{ID}\n" * 2
    assert "改成了 0" in problems(same)[0]


# xlsx


TITLES = ["交易流水号", "交易金额", "交易日期", "交易时间", "受理号", "附言"]


def sheet(*rows: Any, **more: Any) -> bytes:
    return workbook([["某某银行"], [], TITLES, *rows], **more)


def test_a_workbook_is_read_with_its_rows() -> None:
    content = sheet(
        ["TX0001", 420, date(2023, 11, 16), time(9, 30), ID, "评审费"],
        [],
        ["TX0002", 420.5, datetime(2023, 11, 16), "093000", None, f"费{ID}"],  # noqa: DTZ001
        ["合计", 840.5],
    )

    found = understand(content, "a.xlsx", PROFILE)

    assert [(line.line, line.fen, line.paid_at.isoformat()) for line in found.lines] == [
        (4, 42_000, "2023-11-16T09:30:00+08:00"),
        (6, 42_050, "2023-11-16T09:30:00+08:00"),
    ]
    assert [line.numbers for line in found.lines] == [(ID,), (ID,)]


def test_a_workbooks_sum_that_does_not_fit() -> None:
    content = sheet(["TX0001", 420, date(2023, 11, 16), None, ID, ""], ["合计", 840])

    assert problems(content)[0].startswith("第 5 行：写明合计 840.00 元")


def test_a_number_as_a_number() -> None:
    """Excel keeps 15 digits; a sum of floats has a tail that nobody typed."""
    content = sheet(
        [20231116000001, 0.1 + 0.2, "2023-11-16", None, ID, ""],
        [2.02311160000012e18, 420, "2023-11-16", None, ID, ""],
    )

    found = understand(content, "a.xlsx", PROFILE)

    assert [(line.transaction, line.fen) for line in found.lines] == [
        ("20231116000001", 30),
        ("2023111600000120000", 42_000),
    ]
    assert len(found.warnings) == 1


def test_two_sheets_of_payments_are_not_guessed_between() -> None:
    rows = [TITLES, ["TX0001", 420, "2023-11-16", None, ID, ""]]

    assert "2 张工作表" in problems(workbook(rows, rows))[0]
    found = understand(workbook([["说明"], ["请看下一张"]], rows), "a.xlsx", PROFILE)
    assert found.warnings == ("工作表“表1”没有这些栏目，未读",)


def test_a_sheet_that_states_one_cell_is_read_whole() -> None:
    """Some exports state a dimension of A1; believed, every row would be lost."""
    rows = text_row(1, "交易流水号", "交易金额", "交易日期", "附言")
    rows += text_row(2, "TX1", "420", "2023-11-16", ID)
    xml = sheet_xml(rows).replace(b"<sheetData>", b'<dimension ref="A1"/><sheetData>')

    assert len(understand(with_part(sheet(), SHEET, xml), "a.xlsx", PROFILE).lines) == 1


FAR_CORNER = sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]>"
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (with_part(sheet(), SHEET, sheet_xml(text_row(1, "&j;"), LAUGHS)), "不是完整"),
        (
            with_part(sheet(), "xl/workbook.xml", LAUGHS.encode() + b"<workbook>&j;</workbook>"),
            "不是完整",
        ),
        (with_part(sheet(), SHEET, b" " * 70_000_000), "展开后超过"),
        (
            with_part(sheet(), SHEET, sheet_xml('<row r="4294967296"><c r="A4294967296"/></row>')),
            "超过",
        ),
        (
            with_part(
                sheet(), SHEET, sheet_xml(f'<row r="1"><c r="A1"><v>{"9" * 5000}</v></c></row>')
            ),
            "不是完整",
        ),
        (
            with_part(sheet(), SHEET, sheet_xml('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>')),
            "不是完整",
        ),
        (
            with_part(sheet(), SHEET, sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')),
            "500 栏",
        ),
        (with_part(sheet(), SHEET, FAR_CORNER), "500 栏"),
        (with_part(sheet(), SHEET, b"<worksheet>"), "不是完整"),
        (sheet()[:500], "不是完整"),
        (with_part(b"PK\x05\x06" + b"\0" * 18, "a.txt", b"a"), "不是 Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧式 .xls"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"\xef\xbb\xbf", "空的"),
    ],
)
def test_what_only_looks_like_a_workbook(content: bytes, said: str) -> None:
    assert said in problems(content)[0]


@given(st.integers(0, 2000), st.integers(0, 255))
def test_a_workbook_with_a_bent_byte_raises_nothing_else(at: int, byte: int) -> None:
    content = bytearray(sheet(["TX0001", 420, "2023-11-16", None, ID, ""]))
    content[at % len(content)] = byte
    with suppress(FileError):
        understand(bytes(content), "a.xlsx", PROFILE)


@given(st.text(alphabet='TX12,"\n\r\t;合计420.00-', max_size=60))
def test_a_line_is_read_or_the_file_is_refused(tail: str) -> None:
    """However quotes and breaks lie: a payment that stands alone on its line is never gone."""
    try:
        found = bank(f"{HEADER}\n{tail}\n{row(9001)}\n")
    except FileError:
        return
    assert "TX9001" in transactions(found)


def test_numbers_are_found_as_before() -> None:
    assert numbers_in(f"9{ID}", PROFILE) == ()
    assert numbers_in(f"{ID} 2023-FFFFFFFFFFFF", PROFILE) == (ID, "2023-ffffffffffff")


def test_another_banks_file_is_not_told_line_by_line() -> None:
    told = problems("\n".join([HEADER, *(row(number, "x") for number in range(750)), ""]))

    assert len(told) == 501
    assert told[-1] == "另有 250 处问题没有列出，请先改正以上各处"


def test_the_desk_reads_what_was_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    header = f"{HEADER},收支方向"
    found = bank(f"{header}\n{row(1)},贷记\n{row(2)},支出\n{row(1, '-420')},转入\n")
    report = ImportReport(new=1, passed_over=found.passed_over, warnings=found.warnings)

    print_report(report)

    said = capsys.readouterr()
    assert "略过 2 行" in said.out
    assert "第 3 行：支出" in said.out
    assert "第 4 行：金额为负" in said.out
    assert "可能已冲正" in said.err
    assert report.as_json()["passed_over"] == [
        {"line": 3, "why": "outgoing"},
        {"line": 4, "why": "negative"},
    ]


@pytest.mark.parametrize(
    "paid_at",
    ["2026.3.5 9:30", "2026.03.05 09:30:00", "2026年3月5日9时30分", "2026年03月05日09时30分00秒"],
)
def test_a_time_as_people_type_it(paid_at: str) -> None:
    line = only(bank(f"{HEADER}\nTX1,420.00,{paid_at},张三,{ID}\n"))
    assert line.paid_at.isoformat() == "2026-03-05T09:30:00+08:00"


@pytest.mark.parametrize(
    "paid_at",
    [
        "2026-03-05T09:30:00",
        "2026-03-05T09:30:00.120+08:00",
        "2026-03-05T01:30:00Z",
        "20260305T093000",
    ],
)
def test_a_time_as_programs_write_it(paid_at: str) -> None:
    line = only(bank(f"{HEADER}\nTX1,420.00,{paid_at},张三,{ID}\n"))
    assert line.paid_at.replace(microsecond=0) == datetime(2026, 3, 5, 9, 30, tzinfo=BEIJING)


@pytest.mark.parametrize(
    "paid_at", ["2026-03-05T24:30", "T", "2026-03-05T9:30", "2026-02-30T09:30"]
)
def test_what_only_looks_like_it_is_none(paid_at: str) -> None:
    (told,) = problems(f"{HEADER}\nTX1,420.00,{paid_at},张三,{ID}\n")
    assert "缴费时间读不出" in told


@pytest.mark.parametrize("between", ["\ufeff", "\x0c", " "])
def test_files_put_one_behind_the_other_are_one(between: str) -> None:
    """`copy a.csv+b.csv` keeps the second one's byte-order mark; a printer's file its page break."""
    found = bank(f"{HEADER}\n{row(1)}\n{between}{HEADER}\n{row(2)}\n")
    assert transactions(found) == ["TX0001", "TX0002"]
    assert [item.why for item in found.passed_over] == ["heading"]


@pytest.mark.parametrize("amount", ["CNY420.00", "人民币420元", "420元整", "¥ 420.", "RMB 420.00"])
def test_an_amount_with_its_currency(amount: str) -> None:
    assert only(bank(f"{HEADER}\n{row(1, amount)}\n")).fen == 42_000


@pytest.mark.parametrize(
    "amount", ["420.00CR", "4.2E2", "0.42万", "四百二十", "12,34.50", "420 00"]
)
def test_an_amount_that_is_not_plain_is_told(amount: str) -> None:
    cell = f'"{amount}"'
    assert problems(f"{HEADER}\n{row(1, cell)}\n") == ["第 2 行：金额不是数字，应写作 420.00"]


@pytest.mark.parametrize(
    "word", ["制表人：王五  打印时间：2026-03-05", "复核：赵六", "经办人：张三"]
)
def test_who_made_a_statement_is_no_payment(word: str) -> None:
    """The line below many a statement refused the whole file."""
    found = bank(f"{HEADER}\n{row(1)}\n{word},,,,\n")
    assert transactions(found) == ["TX0001"]
    assert [(item.line, item.why) for item in found.passed_over] == [(3, "footer")]


def test_a_payer_called_as_a_footer_is_a_payment() -> None:
    titled = "付款人名称,交易流水号,交易金额,交易时间,附言"
    found = bank(f"{titled}\n经办科技公司,TX0001,420.00,2023-11-16 09:30:00,{ID}\n")
    assert transactions(found) == ["TX0001"]
