"""A device in words."""

from __future__ import annotations

import pytest

from starter.console.devices import device_zh

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64) {WEBKIT} Chrome/140 Safari/537",
            "Chrome（Windows）",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/140 Safari/537 Edg/140",
            "Edge（Windows）",
        ),
        (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/116 MicroMessenger/8.0", "微信（安卓）"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari（iPhone）"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox（Linux）",
        ),
        ("curl/8.9", "curl/8.9"),
        ("x" * 200, "x" * 40),
        ("", "未说明的设备"),
    ],
)
def test_a_device_is_told_in_words(said: str, words: str) -> None:
    assert device_zh(said) == words
