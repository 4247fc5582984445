"""All settings of a process, read once in its ``main`` and passed down."""

from __future__ import annotations

import os
from collections.abc import Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.keys import KeyRing, decode_keys
from config.reading import FileError, read_table
from config.secret_files import SUFFIX, SecretFileError, with_secrets
from config.signing_keys import SigningKey, TrustRing
from config.stack_state import stage_of
from workflows.rules.addresses import mailbox
from workflows.rules.text import shown_line

PREFIX = "ZHIPING_"
DEFAULT_STACK = ".zhiping"
STACK_FILE = "stack.env"
LOCAL = "@localhost"
WORKERS_FILE = "workers.env"
START_IT = "请先执行 zhiping stack up --detach。"


class SettingsError(Exception):
    """The settings are incomplete or wrong; the message (Chinese) names the keys, never a value."""

    def __init__(self, told: str, *, code: str = "unavailable", mend: str = "") -> None:
        super().__init__(told + mend)
        self.told, self.code, self.mend = told, code, mend


class Settings(BaseSettings):
    """One process's settings: ``ZHIPING_…`` from the environment, then a file.

    The file is the one ``ZHIPING_CONFIG`` names (TOML or env form), else ``stack.env`` of the
    embedded stack in ``ZHIPING_STACK`` (default ``.zhiping`` in the working directory). Secrets are
    `SecretStr`, and a validation error does not show what it was given. Each may come by a file of its
    own instead: ``ZHIPING_…_FILE`` (`config.secret_files`).
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: SecretStr
    """The record, as the application's role: it can add to what must stay, and change none of it."""
    owner_database_url: SecretStr | None = None
    """The same as its owner, for `python -m workers.database` alone; no other process has it."""
    database_pool: int = Field(default=24, ge=2)

    temporal_profile: str | None = None
    temporal_address: str | None = None
    temporal_namespace: str | None = None
    temporal_tls: bool = False
    """Whether the connection is encrypted; it is, too, where one of the following says how."""
    temporal_tls_ca: Path | None = None
    """PEM of the root that the engine's certificate is of; the system's roots where none is named."""
    temporal_tls_certificate: Path | None = None
    """PEM of our own certificate, where the engine asks for one, and of its key."""
    temporal_tls_key: Path | None = None
    temporal_tls_server_name: str | None = None
    """The name in the engine's certificate, where it is not that of the address."""

    codec_keys: SecretStr
    identity_key: SecretStr
    """What the record's keys are sealed under, base64; while it changes, several with commas between:
    the first seals, each opens (`zhiping keys`)."""
    vouching_trust: str
    """Public keys of those whose messages are believed: ``id:gateway:base64,id2:workers:base64``."""
    vouching_key: SecretStr | None = None
    """The private key by which this process vouches, ``id:base64``; without it nobody believes it."""

    smtp_host: str
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "implicit"] = "none"
    """Encrypted from the first word (`implicit`, mostly port 465) or before anything is said
    (`starttls`); either way only where the server's certificate is believed."""
    smtp_ca: Path | None = None
    """PEM of the root that its certificate is of; the system's roots where none is named."""
    smtp_sender: str
    """`名称 <address>` or an address; its domain also of every Message-ID."""
    mail_dir: Path | None = None
    """Where the embedded stack keeps the mail it takes in; a real mail server has none."""

    letter_rhythms: Path | None = None
    """Which letters are collected and when, where it is not what is shipped (docs/letters.md)."""

    verification_url: str
    documents_dir: Path
    upload_megabytes: int = Field(default=20, ge=1, le=50)
    """How large a file of a form may be."""
    scanner_address: str = ""
    """A clamd that looks at each uploaded file, `host:port` or its socket's path; none looks where
    it is empty. Where it is away, no file is taken."""

    seal_store: Path | None = None
    """The electronic seals: a PKCS#12 file, or a folder of them (docs/papers.md)."""
    seal_password: SecretStr | None = None
    seal_root: Path | None = None
    """The root certificate, PEM, that `zhiping certificate verify` trusts."""
    seal_register: Path | None = None
    """Which seal may certify which committee's titles, where it is not the list that is shipped."""

    paper_fonts: Path | None = None
    """A folder of further fonts, for rare characters that the shipped ones lack (docs/papers.md)."""

    settle_seconds: int = Field(default=60, ge=0)
    allow_shift: bool = False

    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    health_host: str = "127.0.0.1"
    health_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_port: int | None = Field(default=None, ge=0, le=65535)

    console_host: str = "127.0.0.1"
    console_port: int = Field(default=8090, ge=1, le=65535)
    console_url: str | None = None
    """Scheme, host and port under which people reach the console, `https://…` where it is served
    through a proxy: forms are believed from there alone, and letters link there."""
    console_proxies: str = ""
    """Addresses of proxies whose word on a visitor's address is believed, with commas between."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "统一身份认证"
    """What people call the provider."""
    oidc_issuer: str | None = None
    """A provider of identities (OpenID Connect) by whom people may sign in too."""
    console_pool: int = Field(default=16, ge=2)

    workflow_slots: int = Field(default=100, ge=2)
    records_slots: int = Field(default=20, ge=1)
    letters_slots: int = Field(default=10, ge=1)
    cached_workflows: int = Field(default=1000, ge=0)

    deployment_name: str = "zhiping"
    build_id: str | None = None

    @field_validator("codec_keys")
    @classmethod
    def _codec_keys_are_a_ring(cls, value: SecretStr) -> SecretStr:
        KeyRing.parse(value.get_secret_value())
        return value

    @field_validator("identity_key")
    @classmethod
    def _identity_key_is_a_key(cls, value: SecretStr) -> SecretStr:
        keys = decode_keys(value.get_secret_value())
        if len(set(keys)) < len(keys):
            raise ValueError("a key stands twice")
        return value

    @field_validator("vouching_trust")
    @classmethod
    def _trust_is_a_ring(cls, value: str) -> str:
        TrustRing.parse(value)
        return value

    @field_validator("vouching_key")
    @classmethod
    def _vouching_key_is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            SigningKey.parse(value.get_secret_value())
        return value

    @field_validator("smtp_sender")
    @classmethod
    def _sender_can_send(cls, value: str) -> str:
        """A wrong one would be found out by every letter; this machine's own is the stack's."""
        name, address = parseaddr(value)
        if address.endswith(LOCAL):
            return value
        sender = mailbox(address or value).wire
        return f"{shown_line(name)} <{sender}>" if name else sender

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what `load` and `for_stack` gathered.

        With the usual sources a stray variable would override the very stack `for_stack` names.
        """
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @classmethod
    def load(cls) -> Settings:
        """Read the environment and the file it names. Raises `SettingsError`."""
        file = _file_named_by_environment()
        if file is not None and file.name == STACK_FILE:
            _check_runs(file.parent)
        if file is None and not _has_a_database():
            raise SettingsError(
                f"{Path.cwd()} 中没有运行的内置环境（{DEFAULT_STACK}），也没有用 --folder 或者 "
                f"{PREFIX}STACK 指明在哪里；{START_IT}"
            )
        return _build(_read(file) if file else {}, os.environ)

    @classmethod
    def for_stack(cls, folder: Path, **overrides: str) -> Settings:
        """Read the settings the embedded stack in ``folder`` wrote; nothing from the environment.

        Raises:
            SettingsError: no stack was started there.
        """
        file = folder / STACK_FILE
        if not file.exists():
            raise SettingsError(f"{folder.absolute()} 中没有运行的内置环境，{START_IT}")
        return _build({**_read(file), **overrides}, {})

    @classmethod
    def for_workers_of(cls, folder: Path) -> Settings:
        """The same for the stack's own workers: they vouch with a key that no door has.

        Raises:
            SettingsError: no stack was started there.
        """
        return cls.for_stack(folder, **_read(folder / WORKERS_FILE))

    @field_validator("console_url")
    @classmethod
    def _console_is_reached_by_an_origin(cls, value: str | None) -> str | None:
        """Scheme and host, and no path: what a browser says of where a form is from."""
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
            raise ValueError("no origin")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("an origin has no path")
        return f"{parts.scheme}://{parts.netloc}".lower()

    @field_validator("oidc_issuer")
    @classmethod
    def _provider_is_whole(cls, value: str | None, info: ValidationInfo) -> str | None:
        """By HTTPS, or on this machine; without a client and an address to come back to nobody comes in."""
        if value is None:
            return None
        parts = urlsplit(value)
        here = parts.hostname in {"127.0.0.1", "localhost"}
        if parts.scheme != "https" and not (parts.scheme == "http" and here):
            raise ValueError("who sits between could be anybody")
        needed = ("oidc_client_id", "oidc_client_secret", "console_url")
        if not all(info.data.get(name) for name in needed):
            raise ValueError("a provider needs a client, its secret and console_url")
        return value

    @property
    def console_is_secure(self) -> bool:
        """Whether people reach the console by HTTPS, so that its cookies go no other way."""
        return (self.console_url or "").startswith("https://")

    @property
    def is_embedded(self) -> bool:
        """Whether this is an embedded stack, which keeps the mail that it sends to itself."""
        return self.mail_dir is not None

    def key_ring(self) -> KeyRing:
        """Return the keys of the payload codec."""
        return KeyRing.parse(self.codec_keys.get_secret_value())

    def signing_key(self) -> SigningKey | None:
        """Return the key by which this process vouches for what it sends, if it has one."""
        key = self.vouching_key
        return SigningKey.parse(key.get_secret_value()) if key else None

    def trust_ring(self) -> TrustRing:
        """Return the keys that are believed."""
        return TrustRing.parse(self.vouching_trust)

    def identity_keys(self) -> tuple[bytes, ...]:
        """Return the 32-byte keys that the record's own keys are sealed under, the active one first."""
        return decode_keys(self.identity_key.get_secret_value())


def secrets_by_file() -> dict[str, Path]:
    """Which secrets `Settings.load` has from a file of their own, by field. Raises `SettingsError`."""
    file = _file_named_by_environment()
    return _joined(_read(file) if file else {}, os.environ)[1]


def _joined(
    file: Mapping[str, Any], environment: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Path]]:
    """Both as one, the environment winning, and the secrets' files. Raises `SettingsError`."""
    told = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    try:
        outer, outer_files = with_secrets(Settings, told, PREFIX)
        inner, inner_files = with_secrets(
            # What the environment says of a secret is said instead of the file's word, not beside it.
            Settings,
            {k: v for k, v in file.items() if k.removesuffix(SUFFIX) not in outer},
            PREFIX,
        )
    except SecretFileError as err:
        raise SettingsError(f"{err.told}。", code=err.code, mend=f"{err.mend}。") from None
    return {**inner, **outer}, {**inner_files, **outer_files}


def _build(file: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Join both, the environment winning, and validate. Raises `SettingsError`."""
    joined, _ = _joined(file, environment)
    values = {
        name: found
        for name, field in Settings.model_fields.items()
        if (found := joined.get(name)) is not None
        # Compose hands on an empty word of what its `.env` leaves open.
        and not (found == "" and field.default is None)
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as err:
        keys = sorted({PREFIX + str(e["loc"][0]).upper() for e in err.errors() if e["loc"]})
        raise SettingsError("下列设置缺失或不正确：" + "、".join(keys) + "。") from None


def _check_runs(folder: Path) -> None:
    """Refuse a stack that is not up, or not yet.

    While it starts, half of it answers: an act would be taken in and stay without an answer.

    Raises:
        SettingsError: saying which of them.
    """
    where, stage = folder.absolute(), stage_of(folder)
    if stage == "starting":
        raise SettingsError(
            f"{where} 的内置环境正在启动，还不能办理，请稍候再试，一般不超过一分钟。"
        )
    if stage == "killed":
        raise SettingsError(
            f"{where} 的内置环境上次被强行结束，没有在运行，数据不会丢失，{START_IT}"
        )
    if not (folder / STACK_FILE).exists():
        raise SettingsError(f"{where} 中没有运行的内置环境，{START_IT}")


def is_deployed() -> bool:
    """Whether the settings are an office's own, and not those that an embedded stack wrote."""
    named = os.environ.get(PREFIX + "CONFIG")
    if named:
        return Path(named).name != STACK_FILE
    return _has_a_database()


def _file_named_by_environment() -> Path | None:
    named = os.environ.get(PREFIX + "CONFIG")
    if named:
        return Path(named)
    stack = os.environ.get(PREFIX + "STACK")
    if stack:
        return Path(stack) / STACK_FILE
    # With a database of its own in the environment a process is deployed; a stack that happens to
    # lie in the working directory must not lend it keys.
    default = Path(DEFAULT_STACK) / STACK_FILE
    return default if default.exists() and not _has_a_database() else None


def _has_a_database() -> bool:
    """Whether the environment names one, itself or by a file."""
    return any(PREFIX + name in os.environ for name in ("DATABASE_URL", "DATABASE_URL_FILE"))


def _read(file: Path) -> dict[str, Any]:
    """Return a file's values by field name. Raises `SettingsError`."""
    try:
        if file.suffix == ".toml":
            return {key.lower(): value for key, value in read_table(file).items()}
        # No interpolation: a "$" in a password is a "$".
        pairs = (
            dotenv_values(file, interpolate=False, encoding="utf-8-sig") if file.exists() else None
        )
    except FileError as err:
        raise SettingsError(f"设置文件不能采用：{err}。") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"设置文件无法读取：{file}。") from None
    if pairs is None:
        raise SettingsError(f"设置文件不存在：{file}。")
    return {key.removeprefix(PREFIX).lower(): value for key, value in pairs.items()}
