"""`zhiping certificate verify`: offline, from a file or a code, and what it says of forgeries."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from activities.papers.codes import make_code
from activities.papers.sealing import Impression, sealed
from activities.papers.seals import SealKey, Seals
from activities.papers.typesetting import typeset
from activities.papers.verification import code_in
from starter.cli import zhiping
from tests.paper_samples import at, case_of, data_of
from workers.stack.seals import DemoSeal, demo_seal
from workflows.rules.papers import PaperKind

REFUSED, NOT_FOUND = 3, 4


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSeal:
    """A demonstration's seal."""
    return demo_seal(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> DemoSeal:
    """Another root's."""
    return demo_seal(tmp_path_factory.mktemp("other"))


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A place without stack or settings: an employer's desk."""
    for name in ("ZHIPING_CONFIG", "ZHIPING_STACK", "ZHIPING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def key_of(made: DemoSeal) -> SealKey:
    found = Seals.load(made.store, made.password).of("anybody")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def content(demo: DemoSeal) -> bytes:
    """A sealed certificate."""
    return sealed_paper(demo, PaperKind.CERTIFICATE)


def sealed_paper(made: DemoSeal, kind: PaperKind, **differences: str) -> bytes:
    key = key_of(made)
    unsealed = typeset(kind, data_of(kind, key, **differences))
    places = [Impression(place.of.value, key, place) for place in unsealed.places]
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(sealed, unsealed.content, places, at("2024-01-12")).result()


def verify(subject: str | Path, root: DemoSeal | None, *more: str) -> Result:
    asked = ["certificate", "verify", str(subject), *more]
    if root is not None:
        asked += ["--root", str(root.root)]
    return CliRunner().invoke(zhiping, asked)


def test_a_file_is_verified_with_the_root_alone(
    content: bytes, demo: DemoSeal, tmp_path: Path
) -> None:
    file = tmp_path / "证书.pdf"
    file.write_bytes(content)
    answer = verify(file, demo)
    assert answer.exit_code == 0, answer.output
    for shown in ("证书为真", "2024DSJ00001", "欧阳三（示例）", "2023年12月8日", "2024年1月12日"):
        assert shown in answer.output
    assert "演示印章，没有法律效力" in answer.output
    assert "本次没有核对：发证后是否被撤销或者取代" in answer.output


def test_a_code_is_verified_and_answers_a_program(content: bytes, demo: DemoSeal) -> None:
    answer = verify(code_in(content), demo, "--json")
    told = json.loads(answer.output)
    assert told["genuine"] is True
    assert told["demonstration"] is True
    assert told["revocation"] == "unknown"
    assert told["certificate"]["number"] == "2024DSJ00001"
    assert told["seals"] == []


def test_a_code_in_a_text_file_is_verified(content: bytes, demo: DemoSeal, tmp_path: Path) -> None:
    file = tmp_path / "code.txt"
    file.write_text(code_in(content) + "\n", encoding="utf-8")
    assert verify(file, demo).exit_code == 0


def test_a_rehearsals_certificate_says_what_it_is(demo: DemoSeal, tmp_path: Path) -> None:
    file = tmp_path / "c.pdf"
    file.write_bytes(sealed_paper(demo, PaperKind.CERTIFICATE, realm="r1"))
    assert "演练样张" in verify(file, demo).output


def test_any_sealed_paper_of_ours_is_verified(demo: DemoSeal, tmp_path: Path) -> None:
    file = tmp_path / "form.pdf"
    file.write_bytes(sealed_paper(demo, PaperKind.REVIEW_FORM))
    answer = verify(file, demo)
    assert answer.exit_code == 0
    assert "电子印章有效" in answer.output


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ("byte", {"seal_broken", "changed_after", "unreadable"}),
        ("root", {"seal_untrusted"}),
        ("unsealed", {"not_sealed"}),
        ("text", {"code_broken"}),
        ("empty", {"code_broken"}),
    ],
)
def test_a_file_one_must_not_rely_on_is_refused(
    change: str, codes: set[str], content: bytes, demo: DemoSeal, other: DemoSeal, tmp_path: Path
) -> None:
    file = tmp_path / "c.pdf"
    middle = len(content) // 3
    changed = {
        "byte": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "root": content,
        # The genuine code under other words, without the seal.
        "unsealed": typeset(
            PaperKind.CERTIFICATE,
            {**data_of(PaperKind.CERTIFICATE, key_of(demo)), "holder": "李四（示例）"},
        ).content,
        "text": b"ZP1.not.a.code",
        "empty": b"",
    }
    file.write_bytes(changed[change])
    answer = verify(file, other if change == "root" else demo, "--json")
    assert answer.exit_code == REFUSED
    assert json.loads(answer.output)["code"] in codes


def test_a_code_of_another_root_is_refused(demo: DemoSeal, other: DemoSeal) -> None:
    from activities.papers.case_forms import claims

    said = claims(case_of(PaperKind.CERTIFICATE), "2024DSJ00001")
    answer = verify(make_code(said, key_of(other)), demo, "--json")
    assert (answer.exit_code, json.loads(answer.output)["code"]) == (REFUSED, "code_untrusted")


def test_without_a_root_one_is_asked_for(content: bytes) -> None:
    answer = verify(code_in(content), None, "--json")
    assert (answer.exit_code, json.loads(answer.output)["code"]) == (REFUSED, "root_missing")


def test_a_root_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "root.pem"
    file.write_text("no certificate")
    asked = ["certificate", "verify", code_in(content), "--root", str(file), "--json"]
    answer = CliRunner().invoke(zhiping, asked)
    assert (answer.exit_code, json.loads(answer.output)["code"]) == (REFUSED, "root_unusable")


def test_a_file_that_is_not_there_is_not_found(demo: DemoSeal) -> None:
    assert verify("missing.pdf", demo).exit_code == NOT_FOUND


def test_an_unknown_kind_of_paper_lists_all() -> None:
    asked = ["paper", "render", "certifcate", "x", "--as", "applicant"]
    answer = CliRunner().invoke(zhiping, asked)
    assert answer.exit_code == NOT_FOUND
    assert "deadline_sheet 期限计算书" in answer.output


def test_a_paper_is_of_a_case_or_of_a_meeting() -> None:
    for asked in (["x", "--meeting", "m"], []):
        answer = CliRunner().invoke(
            zhiping, ["paper", "render", "certificate", *asked, "--as", "applicant"]
        )
        assert answer.exit_code == 2
