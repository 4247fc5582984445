"""E-mail addresses as people write them: one reader at every door, and a reason in Chinese."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter, ValidationError

from config.directory_files import DIRECTORY
from config.directory_files import read as read_directory
from config.operator_files import OPERATORS
from config.operator_files import read as read_operators
from config.reading import FileError
from config.submission_files import sample
from starter.cli import zhiping
from tests.hostile.test_text import MODELS
from workflows.operation.payloads import StatedAddress, StatedDirectory
from workflows.rules.addresses import (
    WORDS,
    AddressError,
    AddressFault,
    Email,
    Mailbox,
    MaybeEmail,
    mailbox,
)
from workflows.rules.refusals import Code
from workflows.writer.reading import unreadable

TAKEN = {
    "a@example.test.": "a@example.test",
    "a@example.test。": "a@example.test",
    "<a@example.test>": "a@example.test",
    "张三 <a@example.test>": "a@example.test",
    "“张三”《a@example.test》；": "a@example.test",
    "＜ａ＠ｅｘａｍｐｌｅ．ｔｅｓｔ＞": "a@example.test",
    "a@example。test": "a@example.test",
    " a@example.test\u3000": "a@example.test",
    "\u200ba@example.test\ufeff": "a@example.test",
    "mailto:a@example.test": "a@example.test",
    "A.B+c@Example.TEST": "A.B+c@example.test",
    "10001@qq.com": "10001@qq.com",
    f"{'a' * 64}@example.test": f"{'a' * 64}@example.test",
}
"""What is unambiguous, and the form in which it is kept."""

REFUSED = {
    "": AddressFault.MISSING,
    " . ": AddressFault.MISSING,
    "<>": AddressFault.MISSING,
    "无": AddressFault.NO_AT,
    "10001": AddressFault.NO_AT,
    "a@b.cn,c@d.cn": AddressFault.SEVERAL,
    "a@b.cn、c@d.cn": AddressFault.SEVERAL,
    "a@b@c.cn": AddressFault.SEVERAL,
    "a b@c.cn": AddressFault.SPACE,
    "a@ b.cn": AddressFault.SPACE,
    "a@b.cn（工作日）电话 1": AddressFault.SPACE,
    "@b.cn": AddressFault.NO_NAME,
    "张三@qq.com": AddressFault.NAME_NOT_ASCII,
    "a..b@c.cn": AddressFault.NAME,
    ".a@c.cn": AddressFault.NAME,
    '"a"@c.cn': AddressFault.NAME,
    "a(b)@c.cn": AddressFault.NAME,
    "a@": AddressFault.DOMAIN,
    "a@qq": AddressFault.DOMAIN,
    "a@qq..com": AddressFault.DOMAIN,
    "a@-qq.com": AddressFault.DOMAIN,
    "a@q_q.com": AddressFault.DOMAIN,
    "a@[127.0.0.1]": AddressFault.DOMAIN,
    "a@192.168.1.1": AddressFault.DOMAIN,
    "a@localhost": AddressFault.DOMAIN,
    f"{'a' * 65}@b.cn": AddressFault.TOO_LONG,
    f"a@{'.'.join(['b' * 60] * 5)}.cn": AddressFault.TOO_LONG,
    "a" * 5000: AddressFault.TOO_LONG,
}


@pytest.mark.parametrize(("stated", "kept"), TAKEN.items())
def test_what_is_unambiguous_is_put_into_its_usual_form(stated: str, kept: str) -> None:
    assert TypeAdapter(Email).validate_python(stated) == kept
    assert mailbox(kept).address == kept, "the usual form is its own"


@pytest.mark.parametrize(("stated", "fault"), REFUSED.items())
def test_what_no_mail_can_bear_is_refused_with_what_is_wrong(
    stated: str, fault: AddressFault
) -> None:
    with pytest.raises(AddressError) as refused:
        mailbox(stated)

    assert refused.value.fault is fault
    assert not stated.strip() or stated not in refused.value.words + str(refused.value)


def test_an_internationalised_domain_is_read_in_its_script_and_sent_as_punycode() -> None:
    both = Mailbox("zhang@例子.测试", "zhang@xn--fsqu00a.xn--0zwm56d")

    assert mailbox("zhang@例子.测试") == mailbox("zhang@例子。测试") == both
    assert mailbox(both.wire) == both


def test_every_fault_has_its_words() -> None:
    assert set(WORDS) == set(AddressFault)


ADDRESSED = [kind for kind in MODELS if "email" in kind.model_fields]


def test_the_doors_are_all_there() -> None:
    assert {kind.__name__ for kind in ADDRESSED} == {
        "Identity",
        "StatedIdentity",
        "OrganisationEntry",
        "Member",
        "StatedOrganisation",
        "StatedMember",
        "StatedAddress",
        "FirstOperator",
    }


@pytest.mark.parametrize("kind", ADDRESSED, ids=lambda kind: kind.__name__)
def test_every_door_reads_addresses_alike(kind: Any) -> None:
    field = kind.model_fields["email"]
    annotated: Any = Annotated[(field.annotation, *field.metadata)]
    door = TypeAdapter[str](annotated)

    assert door.validate_python("<a@example.test>.") == "a@example.test"
    with pytest.raises(ValidationError):
        door.validate_python("a@b.cn,c@d.cn")


def test_where_none_must_be_stated_none_is_an_answer() -> None:
    assert TypeAdapter(MaybeEmail).validate_python("  ") == ""
    with pytest.raises(FileError) as refused:
        sample("city_unit", "bd-2023", identity={"email": ""})
    assert refused.value.problems == ["identity.email：电子邮箱不能使用：没有写地址"]


def test_a_directory_file_is_told_every_bad_address_by_its_key(tmp_path: Path) -> None:
    """`directory lint` reads the file as `import` does."""
    text = (DIRECTORY / "chongqing.toml").read_text(encoding="utf-8")
    file = tmp_path / "directory.toml"
    bad = text.replace("liu@example.test", "liu@example..test").replace(
        "city-title-office@example.test", "a@b.cn;c@d.cn"
    )
    file.write_text(bad, encoding="utf-8")

    with pytest.raises(FileError) as refused:
        read_directory(file)

    told = sorted(problem.partition("：")[2] for problem in refused.value.problems)
    faults = (AddressFault.DOMAIN, AddressFault.SEVERAL)
    assert told == [f"电子邮箱不能使用：{WORDS[fault]}" for fault in faults]
    places = [
        re.match(r"第 \d+ 行 (\w+)\[\d+\]\.email：", problem) for problem in refused.value.problems
    ]
    assert {found[1] for found in places if found} == {"members", "organisations"}


def test_directory_lint_says_it_before_anything_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "directory.toml"
    text = (DIRECTORY / "chongqing.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("liu@example.test", "刘@example.test"), encoding="utf-8")

    done = CliRunner().invoke(zhiping, ["directory", "lint", str(file)])

    assert done.exit_code == 3
    assert f"email：电子邮箱不能使用：{WORDS[AddressFault.NAME_NOT_ASCII]}" in done.output
    assert "刘@" not in done.output


def test_an_operators_file_is_told_its_bad_address(tmp_path: Path) -> None:
    file = tmp_path / "operators.toml"
    text = OPERATORS.read_text(encoding="utf-8")
    file.write_text(text.replace('email = "', 'email = "张三', 1), encoding="utf-8")

    with pytest.raises(FileError) as refused:
        read_operators(file)

    assert refused.value.problems == [
        f"第 8 行 operators[0].email：电子邮箱不能使用：{WORDS[AddressFault.NAME_NOT_ASCII]}"
    ]


def test_a_refusal_names_fields_and_fault_once_however_many_have_it() -> None:
    members = [
        {"id": f"m{n}", "name": "某", "organisation": "o", "email": "无"} for n in range(5000)
    ]

    with pytest.raises(ValidationError) as refused:
        StatedDirectory.model_validate({"members": members})
    (told,) = unreadable(refused.value).reasons

    assert (told.code, told.params["fault"]) == (Code.ADDRESS_UNUSABLE, "no_at")
    assert told.params["fields"].startswith("members.0.email、")
    assert len(told.model_dump_json()) < 4000


def test_what_else_is_wrong_is_told_first() -> None:
    with pytest.raises(ValidationError) as refused:
        StatedAddress.model_validate({"email": "无", "person": "张\0三"})

    assert unreadable(refused.value).first.code is Code.MALFORMED_PAYLOAD
