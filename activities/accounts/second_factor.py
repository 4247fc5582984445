"""The second factor: a code of six digits, new every thirty seconds (RFC 6238)."""

from __future__ import annotations

import re
from datetime import datetime

import pyotp
import segno

STEP = 30
SECRET = re.compile(r"[A-Z2-7]{32}")
ISSUER = "职评"
AROUND = (0, -1, 1)
"""A clock may be half a minute wrong, on either side."""


def new_secret() -> str:
    """A key for a code generator, in base 32."""
    return str(pyotp.random_base32())


def is_secret(stated: str) -> bool:
    """Whether this can have been one of `new_secret`."""
    return SECRET.fullmatch(stated) is not None


def address_of(secret: str, login: str) -> str:
    """What a code generator reads: `otpauth://…`."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER))


def picture_of(address: str) -> str:
    """The same as a picture that a telephone reads: an SVG element without any style of its own."""
    made = segno.make(address, error="m", micro=False)
    return str(
        made.svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    )


def code_at(secret: str, at: datetime) -> str:
    """The code of an instant."""
    return str(pyotp.TOTP(secret).at(at))


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Which thirty seconds a code is of, near an instant; None where it is none of these."""
    typed = "".join(code.split())  # a generator shows it in two groups
    now = int(at.timestamp()) // STEP
    for step in (now + moved for moved in AROUND):
        if pyotp.utils.strings_equal(typed, pyotp.TOTP(secret).generate_otp(step)):
            return step
    return None
