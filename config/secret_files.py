"""Secrets that come by file: where a setting may be named `ZHIPING_X`, `ZHIPING_X_FILE` names a file with it.

Containers are given secrets so (`/run/secrets/…`): what stands in an environment is shown by whoever
may inspect a container, and is handed on to every program that it starts. Which settings are secrets is
asked of the model, so that a new one has its file without a word here.

pydantic-settings reads a whole folder of files named like the settings; it has no name of a file by
setting, which is what orchestrators and the images of others have.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

SUFFIX = "_file"
MOST_BYTES = 64 * 1024
"""More than any key or password: a file that is larger is another one."""


class SecretFileError(Exception):
    """A secret cannot be had; `field` is its setting, `told` and `mend` are Chinese and show no value."""

    def __init__(self, code: str, field: str, told: str, mend: str) -> None:
        super().__init__(told)
        self.code, self.field, self.told, self.mend = code, field, told, mend


def secrets_of(model: type[BaseModel]) -> frozenset[str]:
    """The fields of a model that hold secrets."""
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if field.annotation is SecretStr or SecretStr in get_args(field.annotation)
    )


def with_secrets(
    model: type[BaseModel], stated: Mapping[str, Any], prefix: str
) -> tuple[dict[str, Any], dict[str, Path]]:
    """What one source states, by field name, with what its secrets' files hold; and those files.

    An empty word says nothing: compose hands on what its `.env` leaves open.

    Raises:
        SecretFileError: a secret is stated twice, or its file is missing, unreadable or empty.
    """
    values, files = dict(stated), dict[str, Path]()
    for name in sorted(secrets_of(model)):
        own, where = values.get(name), values.pop(name + SUFFIX, None)
        if own is not None and not own:
            del values[name]
        if not where:
            continue
        setting = prefix + name.upper()
        if own:
            raise SecretFileError(
                "secret_stated_twice",
                name,
                f"{setting} 与 {setting}_FILE 同时给出，不知道以哪一个为准",
                f"请去掉其中一个，一般留下 {setting}_FILE",
            )
        files[name] = Path(where)
        values[name] = _read(name, setting, files[name])
    return values, files


def _read(name: str, setting: str, file: Path) -> str:
    """The secret in a file, without the newline that an editor or `echo` puts behind it."""
    named = f"{setting}_FILE 所指的文件 {file}"
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        mend = "请核对路径；在容器中须先把它挂载进去（docs/production.md）"
        raise SecretFileError("secret_file_missing", name, f"{named} 不存在", mend) from None
    except (OSError, UnicodeDecodeError) as err:
        why = err.strerror if isinstance(err, OSError) else "不是 UTF-8 文本"
        mend = "请让本进程的账号可以读它（chown、chmod 400），内容为一行文本"
        told = f"{named} 不能读出（{why}）"
        raise SecretFileError("secret_file_unreadable", name, told, mend) from None
    if len(content) > MOST_BYTES:
        mend = "请核对路径，文件中只应有这一项的内容"
        told = f"{named} 太大，不会是密钥或口令"
        raise SecretFileError("secret_file_unreadable", name, told, mend)
    secret = text.rstrip("\r\n")
    if not secret:
        mend = "请把这一项的内容写进去，或者去掉这一设置"
        raise SecretFileError("secret_file_empty", name, f"{named} 是空的", mend)
    return secret
