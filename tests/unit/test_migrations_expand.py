"""Expand, then contract: a migration only adds, unless it says that it takes away what no release uses any more.

The workers of the release before run on the new schema until they are empty (docs/production.md), so what
they use must be there, and what they do not fill must fill itself.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

MIGRATIONS = Path(__file__).parents[2] / "activities" / "sql" / "migrations"
BEFORE_ANY_RELEASE = 38
"""Up to this number nobody ran anything older on it."""
CONTRACT = re.compile(r"^-- contracts: \S+", re.MULTILINE)
"""`-- contracts: RELEASE why`: the last release that used what goes, named by whoever takes it away."""
_TAKES_AWAY = {
    "drops a table, view, column or function": r"\bDROP\s+(TABLE|VIEW|COLUMN|FUNCTION|TYPE|SCHEMA)\b",
    "renames": r"\bRENAME\b",
    "changes a type": r"\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b",
    "takes a default away": r"\bDROP\s+DEFAULT\b",
    "asks for a value": r"\bSET\s+NOT\s+NULL\b",
    "takes a right away": r"\bREVOKE\b(?!.*\bPUBLIC\b)",
}
_NEW_COLUMN = re.compile(r"\bADD\s+(?:COLUMN\s+)(\w+)\s+([^,;]*)", re.IGNORECASE | re.DOTALL)
_RULE = re.compile(
    r"\bADD\s+(?:CONSTRAINT\s+\w+\s+)?(CHECK|UNIQUE|FOREIGN|PRIMARY|EXCLUDE)\b", re.IGNORECASE
)
_UNIQUE = re.compile(r"\bCREATE\s+UNIQUE\s+INDEX\s+\w+\s+ON\s+(\w+)", re.IGNORECASE)
_MADE = re.compile(r"\bCREATE\s+(?:TABLE|VIEW)\s+(\w+)|\bFUNCTION\s+(\w+)", re.IGNORECASE)


def taken_away(text: str, earlier: str = "") -> list[str]:
    """What an applied migration takes away from whoever runs on the schema before, in words.

    Args:
        earlier: the migrations before it; a rule that only allows more than theirs takes nothing.
    """
    applied = text.partition("-- migrate: rollback")[0]
    plain = re.sub(r"--[^\n]*", "", applied)
    own = {name for pair in _MADE.findall(plain) for name in pair if name}
    found = []
    for statement in _statements(plain):
        table = re.search(r"\bALTER\s+TABLE\s+(\w+)", statement, re.IGNORECASE)
        if table and table[1] in own:
            continue  # its own table: nobody of before writes there
        for what, pattern in _TAKES_AWAY.items():
            if not re.search(pattern, statement, re.IGNORECASE | re.DOTALL):
                continue
            named = re.search(r"\bON\s+(?:FUNCTION\s+)?([\w, ()\[\]]+?)\s+FROM\b", statement)
            if what == "takes a right away" and named and set(re.findall(r"\w+", named[1])) & own:
                continue
            found.append(what)
        for name, rest in _NEW_COLUMN.findall(statement):
            if re.search(r"\bNOT\s+NULL\b", rest, re.I) and not re.search(
                r"\bDEFAULT\b|\bGENERATED\b", rest, re.I
            ):
                found.append(f"asks for a value of {name} that nobody of before gives")
        if table and _RULE.search(_without_wider(statement, plain, earlier)):
            found.append("adds a rule to what is written by the release before")
        if (index := _UNIQUE.search(statement)) and index[1] not in own:
            found.append("adds a rule to what is written by the release before")
    return found


def _without_wider(statement: str, migration: str, earlier: str) -> str:
    """Without those checks of values that were dropped here to be made anew with more values."""
    for name in re.findall(r"\bDROP\s+CONSTRAINT\s+(\w+)", migration, re.IGNORECASE):
        form = re.compile(
            rf"\bCONSTRAINT\s+{name}\s+CHECK\s*\(\s*\(?\s*(\w+)\s+IN\s*\(([^()]*)\)\s*\)",
            re.IGNORECASE,
        )
        was, now = form.findall(earlier), form.search(statement)
        if was and now and was[-1][0] == now[1] and _values(was[-1][1]) <= _values(now[2]):
            statement = statement.replace(f"ADD {now[0]}", "")
    return statement


def _values(told: str) -> set[str]:
    return set(re.findall(r"'([^']*)'", told))


def _statements(text: str) -> list[str]:
    """Each statement; a function's body is none of the schema's."""
    return re.sub(r"\$(\w*)\$.*?\$\1\$", "", text, flags=re.DOTALL).split(";")


@pytest.mark.parametrize(
    "file",
    [path for path in sorted(MIGRATIONS.glob("*.sql")) if int(path.stem[:4]) > BEFORE_ANY_RELEASE],
    ids=lambda path: path.stem,
)
def test_a_migration_only_adds_or_says_which_release_used_it_last(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    earlier = "".join(
        path.read_text(encoding="utf-8").partition("-- migrate: rollback")[0]
        for path in sorted(MIGRATIONS.glob("*.sql"))
        if path.stem < file.stem
    )

    assert CONTRACT.search(text) or taken_away(text, earlier) == []


def test_migrations_stand_in_one_line() -> None:
    """Two that were written at once stand one after the other: each database has had them in one order."""
    new = [
        path
        for path in sorted(MIGRATIONS.glob("*.sql"))
        if int(path.stem[:4]) >= BEFORE_ANY_RELEASE
    ]

    assert [int(path.stem[:4]) for path in new] == list(
        range(BEFORE_ANY_RELEASE, BEFORE_ANY_RELEASE + len(new))
    )
    for before, path in itertools.pairwise(new):
        assert f"\n-- depends: {before.stem}\n" in path.read_text(encoding="utf-8"), path.stem


def test_decisions_are_numbered_once() -> None:
    decisions = sorted((MIGRATIONS.parents[2] / "docs" / "decisions").glob("*.md"))

    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f"# {path.name[:4]} "), path.name


CHECK = "CONSTRAINT post_state CHECK (state IN ({}))"
EARLIER = "CREATE TABLE post (state text " + CHECK.format("'here', 'gone'") + ");"


@pytest.mark.parametrize(
    ("values", "passes"), [("'here', 'gone', 'lost'", True), ("'here', 'lost'", False)]
)
def test_a_rule_may_allow_more_and_not_less(values: str, passes: bool) -> None:
    anew = (
        f"ALTER TABLE post DROP CONSTRAINT post_state; ALTER TABLE post ADD {CHECK.format(values)};"
    )

    assert (taken_away(f"-- migrate: apply\n{anew}", EARLIER) == []) is passes


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE letter",
        "ALTER TABLE letter DROP COLUMN attempts",
        "ALTER TABLE letter RENAME COLUMN attempts TO tries",
        "ALTER TABLE letter RENAME TO post",
        "ALTER TABLE letter ALTER COLUMN attempts TYPE bigint",
        "ALTER TABLE letter ALTER attempts SET DATA TYPE bigint",
        "ALTER TABLE letter ALTER COLUMN error SET NOT NULL",
        "ALTER TABLE letter ALTER COLUMN attempts DROP DEFAULT",
        "ALTER TABLE letter ADD COLUMN kind text NOT NULL",
        "ALTER TABLE letter ADD COLUMN a text, ADD COLUMN kind text NOT NULL, ADD COLUMN b text",
        "ALTER TABLE letter ADD CONSTRAINT new CHECK (attempts < 9)",
        "ALTER TABLE letter ADD UNIQUE (subject)",
        "CREATE UNIQUE INDEX once ON letter (subject)",
        "DROP FUNCTION is_final()",
        "REVOKE INSERT ON letter FROM zhiping_application",
    ],
)
def test_what_takes_something_away_is_found(statement: str) -> None:
    text = f"-- one more\n-- migrate: apply\n{statement};\n-- migrate: rollback\nSELECT 1;"

    assert taken_away(text)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE post (id text PRIMARY KEY, kind text NOT NULL)",
        "CREATE TABLE post (id text); ALTER TABLE post ADD CONSTRAINT new CHECK (id <> '')",
        "CREATE TABLE post (id text); REVOKE INSERT ON post FROM zhiping_application",
        "ALTER TABLE letter ADD COLUMN kind text",
        "ALTER TABLE letter ADD COLUMN kind text NOT NULL DEFAULT '', ADD COLUMN more integer",
        "CREATE INDEX letters_by_kind ON letter (kind)",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DROP TABLE x; END $$",
        "REVOKE ALL ON FUNCTION f() FROM PUBLIC",
        "GRANT UPDATE (kind) ON letter TO zhiping_application",
        "DROP INDEX letters_by_kind",
    ],
)
def test_what_only_adds_passes(statement: str) -> None:
    rollback = "-- migrate: rollback\nDROP TABLE letter;"

    assert taken_away(f"-- migrate: apply\n{statement};\n{rollback}") == []
