"""Personal data at rest: what is sealed opens only as what it was; what is one person hashes as one."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from activities.identity import Identity
from workflows.rules.people import normal_id_number, normal_name

SECRET = bytes(range(32))
ID = "99000019850101002X"


@pytest.fixture
def identity() -> Identity:
    """An identity under a key of the tests."""
    return Identity(SECRET)


def test_what_is_sealed_opens(identity: Identity) -> None:
    assert identity.open(identity.seal("张三", "person.name"), "person.name") == "张三"


def test_a_sealed_value_does_not_show_its_text(identity: Identity) -> None:
    assert "张三".encode() not in identity.seal("张三", "person.name")


def test_the_same_text_is_sealed_differently_each_time(identity: Identity) -> None:
    assert identity.seal("张三", "person.name") != identity.seal("张三", "person.name")


def test_a_sealed_value_cannot_change_places(identity: Identity) -> None:
    with pytest.raises(InvalidTag):
        identity.open(identity.seal("张三", "person.name"), "person.address")


def test_another_key_opens_nothing(identity: Identity) -> None:
    with pytest.raises(InvalidTag):
        Identity(bytes(32)).open(identity.seal("张三", "person.name"), "person.name")


def test_a_changed_value_does_not_open(identity: Identity) -> None:
    sealed = bytearray(identity.seal("张三", "person.name"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        identity.open(bytes(sealed), "person.name")


def test_an_unknown_format_is_said(identity: Identity) -> None:
    with pytest.raises(ValueError, match="format"):
        identity.open(b"\x03rest", "person.name")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Identity(b"short")


@pytest.mark.parametrize(
    "written",
    [
        "99000019850101002x",
        "９９００００１９８５０１０１００２Ｘ",
        " 990000 19850101 002X ",
        "990000-19850101-002x",
    ],
)
def test_an_id_number_is_one_however_written(identity: Identity, written: str) -> None:
    assert identity.id_hash(written) == identity.id_hash(ID)


def test_other_id_numbers_hash_otherwise(identity: Identity) -> None:
    assert identity.id_hash(ID) != identity.id_hash("990000198501010027")


@pytest.mark.parametrize("written", ["阿依古丽・买买提", "阿依古丽•买买提", "阿依古丽 · 买买提"])
def test_a_name_is_one_whatever_its_dot(identity: Identity, written: str) -> None:
    assert identity.name_hash(written) == identity.name_hash("阿依古丽·买买提")


def test_a_name_and_an_id_number_of_one_text_hash_otherwise(identity: Identity) -> None:
    assert identity.name_hash(ID) != identity.id_hash(ID)


def test_hashes_depend_on_the_key(identity: Identity) -> None:
    assert identity.id_hash(ID) != Identity(bytes(32)).id_hash(ID)


def test_empty_is_nothing(identity: Identity) -> None:
    assert identity.seal_optional("", "person.email") is None
    assert identity.open_optional(None, "person.email") == ""


def test_normal_forms() -> None:
    assert normal_id_number(" 99000019850101002x ") == ID
    assert normal_name("张 三（示例）") == normal_name("张三(示例)")
