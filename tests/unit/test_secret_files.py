"""Every secret by a file of its own: found from the settings themselves, so that a new one is tried too."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from config.keys import new_key
from config.secret_files import MOST_BYTES, secrets_of
from config.settings import PREFIX, Settings, SettingsError, secrets_by_file
from config.signing_keys import new_signing_key
from starter.cli import zhiping
from starter.installation.check import _secrets
from tests.vouching import TRUST
from workers.stack.folder import write_env

SECRETS = sorted(secrets_of(Settings))
KEY = new_key()
OF_A_FORM = {"codec_keys": f"k1:{KEY}", "identity_key": KEY, "vouching_key": new_signing_key("g1")}
"""Secrets that are not any word."""
OTHERS = {
    "vouching_trust": TRUST,
    "smtp_host": "mail",
    "smtp_sender": "a@b.cn",
    "verification_url": "http://gateway",
    "documents_dir": "/documents",
}


def secret(name: str) -> str:
    """A value that the setting takes."""
    return OF_A_FORM.get(name, f"secret of {name}")


def setting(name: str) -> str:
    return PREFIX + name.upper()


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An office's environment, with everything that must be there, in an empty working directory."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    for name, value in OTHERS.items():
        monkeypatch.setenv(setting(name), value)
    for name in SECRETS:
        if Settings.model_fields[name].is_required():
            monkeypatch.setenv(setting(name), secret(name))
    monkeypatch.chdir(tmp_path)


def by_file(monkeypatch: pytest.MonkeyPatch, name: str, file: Path) -> None:
    """The environment names a file, and nothing else."""
    monkeypatch.delenv(setting(name), raising=False)
    monkeypatch.setenv(f"{setting(name)}_FILE", str(file))


def read(name: str) -> str:
    found = getattr(Settings.load(), name)
    return str(found.get_secret_value())


def test_the_secrets_are_those_whose_names_say_so() -> None:
    """A setting that holds a secret as a plain word would print, and has no file."""
    named = {
        name
        for name, field in Settings.model_fields.items()
        if re.search(r"password|secret|_key$|_keys$|database_url", name)
        and Path not in get_args(field.annotation)
    }

    assert named == set(SECRETS)
    assert len(SECRETS) == 8


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("name", SECRETS)
def test_a_file_is_the_secret_without_the_newline_behind_it(
    name: str, end: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "given"
    file.write_bytes((secret(name) + end).encode())
    by_file(monkeypatch, name, file)

    assert read(name) == secret(name)
    assert secrets_by_file() == {name: file}


@pytest.mark.parametrize("inner", [" spaced ", "tab\tbed", "dollar$HOME", "引号'\"", "#no comment"])
def test_a_password_is_what_it_is(
    inner: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "given").write_text(inner + "\n", encoding="utf-8-sig")
    by_file(monkeypatch, "smtp_password", tmp_path / "given")

    assert read("smtp_password") == inner


def absent(file: Path) -> None:
    """Nothing lies there."""
    del file


def empty(file: Path) -> None:
    file.write_text("\n")


def folder(file: Path) -> None:
    """What Docker makes of a mount whose source is missing."""
    file.mkdir()


def other(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")


def huge(file: Path) -> None:
    file.write_bytes(b"k" * (MOST_BYTES + 1))


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (absent, "secret_file_missing"),
        (empty, "secret_file_empty"),
        (folder, "secret_file_unreadable"),
        (other, "secret_file_unreadable"),
        (huge, "secret_file_unreadable"),
    ],
)
@pytest.mark.parametrize("name", SECRETS)
def test_a_file_that_gives_nothing_is_named_with_its_setting_and_what_to_do(
    name: str,
    made: Callable[[Path], None],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    file = tmp_path / "given"
    made(file)
    by_file(monkeypatch, name, file)

    with pytest.raises(SettingsError) as refused:
        Settings.load()

    assert refused.value.code == code
    assert f"{setting(name)}_FILE" in refused.value.told
    assert str(file) in refused.value.told
    assert refused.value.mend in str(refused.value)
    assert refused.value.mend.startswith("请")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_stated_twice_is_none(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever rotates one of them would wonder why the old one goes on."""
    file = tmp_path / "given"
    file.write_text(secret(name))
    by_file(monkeypatch, name, file)
    monkeypatch.setenv(setting(name), secret(name))

    with pytest.raises(SettingsError) as refused:
        Settings.load()

    assert refused.value.code == "secret_stated_twice"
    assert f"{setting(name)} 与 {setting(name)}_FILE" in refused.value.told
    assert secret(name) not in str(refused.value)


@pytest.mark.parametrize("name", SECRETS)
def test_an_empty_word_beside_a_file_or_instead_of_one_says_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Compose hands on what its `.env` leaves open."""
    file = tmp_path / "given"
    file.write_text(secret(name))
    by_file(monkeypatch, name, file)
    monkeypatch.setenv(setting(name), "")
    assert read(name) == secret(name)

    monkeypatch.setenv(f"{setting(name)}_FILE", "")
    if Settings.model_fields[name].is_required():
        with pytest.raises(SettingsError, match=setting(name)):
            Settings.load()
    else:
        assert getattr(Settings.load(), name) is None


def test_what_the_environment_says_is_said_instead_of_the_files_word(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A settings file with a password, a container with a secret: the outer one wins, as for all."""
    stated = {**OTHERS, **{name: secret(name) for name in SECRETS if name != "oidc_client_secret"}}
    write_env(tmp_path / "z.env", {setting(name): value for name, value in stated.items()})
    for name in SECRETS:
        monkeypatch.delenv(setting(name), raising=False)
    (tmp_path / "given").write_text("another")
    by_file(monkeypatch, "smtp_password", tmp_path / "given")
    monkeypatch.setenv("ZHIPING_CONFIG", str(tmp_path / "z.env"))

    assert read("smtp_password") == "another"
    assert read("identity_key") == KEY


def test_a_settings_file_names_files_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "given").write_text("from a file\n")
    (tmp_path / "z.toml").write_text(f"smtp_password_file = '{tmp_path / 'given'}'")
    monkeypatch.setenv("ZHIPING_CONFIG", str(tmp_path / "z.toml"))

    assert read("smtp_password") == "from a file"


def test_a_process_whose_database_comes_by_file_is_deployed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A stack that happens to lie in the working directory must not lend it keys."""
    (tmp_path / ".zhiping").mkdir()
    write_env(tmp_path / ".zhiping" / "stack.env", {"ZHIPING_IDENTITY_KEY": new_key()})
    (tmp_path / "given").write_text("postgresql://production/zhiping")
    by_file(monkeypatch, "database_url", tmp_path / "given")
    monkeypatch.delenv("ZHIPING_IDENTITY_KEY")

    with pytest.raises(SettingsError, match="ZHIPING_IDENTITY_KEY"):
        Settings.load()


def test_a_command_answers_with_the_code_and_install_check_with_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    by_file(monkeypatch, "identity_key", tmp_path / "absent")

    asked = CliRunner().invoke(zhiping, ["cases", "--as", "liu@zhiping", "--json"])
    checked = CliRunner().invoke(zhiping, ["install", "check"])

    assert asked.exit_code == 5
    assert '"code": "secret_file_missing"' in asked.output
    assert "请核对路径" in asked.output
    assert checked.exit_code == 3
    assert "ZHIPING_IDENTITY_KEY_FILE 所指的文件" in checked.output


def test_install_check_says_where_the_secrets_are_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "given"
    file.write_text(secret("identity_key"))
    file.chmod(0o444)
    by_file(monkeypatch, "identity_key", file)

    said = _secrets(Settings.load(), secrets_by_file())
    file.chmod(0o666)
    anybodys = _secrets(Settings.load(), secrets_by_file())

    assert said.state == "fine"
    assert (
        "按文件 1 项，按环境变量或设置文件 2 项（ZHIPING_CODEC_KEYS、ZHIPING_DATABASE_URL）"
        in said.told
    )
    assert (anybodys.state, anybodys.mend) == ("wrong", f"chmod 400 {file}")
