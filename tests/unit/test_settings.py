"""Where settings come from, which wins, and what a person is told when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.keys import new_key
from config.settings import Settings, SettingsError
from starter.rehearsal.embedded import running_settings
from starter.rehearsal.world import NotARehearsalStageError, entered
from tests.vouching import TRUST
from workers.stack.folder import write_env

KEY = new_key()
COMPLETE = {
    "ZHIPING_DATABASE_URL": "postgresql://zhiping:pass@db/zhiping",
    "ZHIPING_CODEC_KEYS": f"k1:{KEY}",
    "ZHIPING_IDENTITY_KEY": KEY,
    "ZHIPING_VOUCHING_TRUST": TRUST,
    "ZHIPING_SMTP_HOST": "mail",
    "ZHIPING_SMTP_SENDER": "a@b.cn",
    "ZHIPING_VERIFICATION_URL": "http://gateway",
    "ZHIPING_DOCUMENTS_DIR": "/documents",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without any of our variables, in an empty working directory."""
    for name in (*COMPLETE, "ZHIPING_CONFIG", "ZHIPING_STACK", "ZHIPING_SETTLE_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def set_all(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    for name, value in {**COMPLETE, **more}.items():
        monkeypatch.setenv(name, value)


def a_stack(folder: Path, **more: str) -> Path:
    folder.mkdir()
    write_env(folder / "stack.env", {**COMPLETE, **more})
    return folder


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)

    assert Settings.load().settle_seconds == 60


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("zhiping@localhost", "zhiping@localhost"),
        ("职评 <a@b.cn>", "职评 <a@b.cn>"),
        ("a@b.cn.", "a@b.cn"),
        ("a@例子.测试", "a@xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_the_sender_is_an_address_that_can_send(
    stated: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, ZHIPING_SMTP_SENDER=stated)

    assert Settings.load().smtp_sender == kept


@pytest.mark.parametrize("stated", ["", "职评", "a@b", "职评@b.cn", "a b@c.cn"])
def test_a_sender_that_cannot_send_is_found_at_the_start(
    stated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, ZHIPING_SMTP_SENDER=stated)

    with pytest.raises(SettingsError, match="ZHIPING_SMTP_SENDER"):
        Settings.load()


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHIPING_STACK", str(a_stack(tmp_path / "s", ZHIPING_SETTLE_SECONDS="5")))
    monkeypatch.setenv("ZHIPING_SETTLE_SECONDS", "7")

    assert Settings.load().settle_seconds == 7


def test_a_toml_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines = [f"{k.removeprefix('ZHIPING_').lower()} = '{v}'" for k, v in COMPLETE.items()]
    (tmp_path / "z.toml").write_text("\n".join([*lines, "settle_seconds = 9"]))
    monkeypatch.setenv("ZHIPING_CONFIG", str(tmp_path / "z.toml"))

    assert Settings.load().settle_seconds == 9


def test_the_stack_in_the_working_directory_is_found(tmp_path: Path) -> None:
    a_stack(tmp_path / ".zhiping", ZHIPING_SETTLE_SECONDS="3")

    assert Settings.load().settle_seconds == 3


def test_a_deployed_process_does_not_take_keys_of_a_stack_it_happens_to_stand_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_stack(tmp_path / ".zhiping")
    monkeypatch.setenv("ZHIPING_DATABASE_URL", "postgresql://production/zhiping")

    with pytest.raises(SettingsError, match="ZHIPING_CODEC_KEYS"):
        Settings.load()


def test_for_stack_reads_nothing_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHIPING_SMTP_HOST", "elsewhere")
    monkeypatch.setenv("ZHIPING_SETTLE_SECONDS", "7")

    found = Settings.for_stack(a_stack(tmp_path / "s"))

    assert (found.smtp_host, found.settle_seconds) == ("mail", 60)


def test_for_stack_without_a_stack_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="zhiping stack up"):
        Settings.for_stack(tmp_path)


def test_missing_and_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, ZHIPING_SETTLE_SECONDS="soon")
    monkeypatch.delenv("ZHIPING_SMTP_HOST")

    with pytest.raises(SettingsError, match="ZHIPING_SETTLE_SECONDS、ZHIPING_SMTP_HOST"):
        Settings.load()


def test_a_broken_key_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch, ZHIPING_IDENTITY_KEY="c2VjcmV0LXRoaW5n")

    with pytest.raises(SettingsError) as refused:
        Settings.load()

    assert "ZHIPING_IDENTITY_KEY" in str(refused.value)
    assert "c2VjcmV0" not in str(refused.value)


def test_secrets_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    set_all(monkeypatch)

    printed = repr(Settings.load())

    assert KEY not in printed
    assert "pass@db" not in printed


@pytest.mark.parametrize("odd", ["with'quote", "back\\slash", "dollar${HOME}", 'double"', "空 格"])
def test_odd_values_survive_the_stack_file(tmp_path: Path, odd: str) -> None:
    stack = a_stack(tmp_path / "s", ZHIPING_SMTP_PASSWORD=odd)

    password = Settings.for_stack(stack).smtp_password

    assert password is not None
    assert password.get_secret_value() == odd


async def test_a_rehearsal_never_enters_an_office_in_real_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It publishes samples and plays every person; a temporary stack is its place then."""
    set_all(monkeypatch)

    assert await running_settings(None) is None
    with pytest.raises(NotARehearsalStageError, match="什么都没有做"):
        async with entered(Settings.load()):
            pass
