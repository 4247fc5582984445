"""Passwords: what may be one, and its argon2 hash, made and checked beside the event loop."""

from __future__ import annotations

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 10, 128
AT_ONCE = 2
"""Each costs 64 MiB and a fifth of a second of one processor."""
WAITING = 40
"""So many may wait for their turn; whoever comes then is asked to come again."""
PLAIN = frozenset(
    {
        *("1234567890", "0123456789", "12345678900", "qwertyuiop", "1q2w3e4r5t", "asdfghjkl;"),
        *("password123", "admin123456", "abc1234567", "abcd123456", "a123456789", "zhiping123"),
        *("woaini1314", "5201314520", "iloveyou123", "password1234", "qwerty123456"),
    }
)
"""What is guessed first."""


class PasswordRefusedError(ValueError):
    """The password cannot be one; the message (Chinese) says why and what would do."""


class TooBusyError(Exception):
    """So many sign in at this moment that another would only wait."""


def normal(password: str) -> str:
    """A password however it was typed: the full-width forms of an input method are the plain ones."""
    return unicodedata.normalize("NFKC", password)


def check_usable(password: str, login: str) -> None:
    """Refuse what would be guessed.

    Raises:
        PasswordRefusedError: too short, too long, of one character, the login name, or well known.
    """
    typed = normal(password)
    if len(typed) < LEAST:
        raise PasswordRefusedError(f"密码至少 {LEAST} 个字符，可以用几个不相关的词连成一句。")
    if len(typed) > MOST:
        raise PasswordRefusedError(f"密码最多 {MOST} 个字符，请缩短。")
    plain = typed.casefold()
    if len(set(plain)) < LEAST // 2 or plain in PLAIN:
        raise PasswordRefusedError("这个密码太容易被猜中，请换一个。")
    if len(login) > 3 and normal(login).casefold() in plain:  # noqa: PLR2004 - a syllable is no name
        raise PasswordRefusedError("密码中不能含有登录名，请换一个。")


class Passwords:
    """Makes and checks hashes, two at a time, in threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobody: str = ""

    async def hash(self, password: str) -> str:
        """The hash under which a password is kept.

        Raises:
            TooBusyError: too many wait already.
        """
        return str(await self._beside(self._hasher.hash, normal(password)))

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; a login nobody has takes as long as one somebody has.

        Raises:
            TooBusyError: too many wait already.
        """
        if not self._nobody:
            self._nobody = await self.hash("nobody")
        right = await self._beside(self._matches, kept or self._nobody, normal(password)[:MOST])
        return bool(right) and kept is not None

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _beside(self, work: object, *given: str) -> object:
        if self._waiting >= WAITING:
            raise TooBusyError
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(work, *given)  # type: ignore[arg-type]
        finally:
            self._waiting -= 1
