"""Finds what was changed, taken out or moved in a record's chains; needs no database and no key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from activities.audit.lines import FORMAT, AnchorLine, End, Entry, Head, Header, Row, digest
from workflows.rules.message import Message

AnyLine: TypeAlias = Header | Row | Entry | Head | AnchorLine | End


class Fault(StrEnum):
    """What can be wrong."""

    ROW_CHANGED = "row_changed"
    """A row is not what was written last under its key."""
    ROW_MISSING = "row_missing"
    ROW_UNRECORDED = "row_unrecorded"
    """A row that no chain knows: it was not written as the others are."""
    ENTRY_CHANGED = "entry_changed"
    ENTRY_MISSING = "entry_missing"
    ENTRY_MOVED = "entry_moved"
    """It follows another entry than the one it was written after."""
    CHAIN_CUT = "chain_cut"
    """A chain ends elsewhere than it says."""
    OWNER_WROTE = "owner_wrote"
    """The database's owner wrote it, who only migrates."""
    ANCHOR_CHANGED = "anchor_changed"
    ANCHOR_MISSING = "anchor_missing"
    ANCHOR_UNSIGNED = "anchor_unsigned"
    """Its signature is not by the key."""
    CHAIN_REWRITTEN = "chain_rewritten"
    """A chain is no longer what an anchor saw of it, or gone."""
    FILE_INCOMPLETE = "file_incomplete"


class Finding(Message):
    """One fault, and where it is."""

    fault: Fault
    subject: str = ""
    position: int | None = None
    source: str = ""
    key: str = ""


@dataclass(frozen=True)
class Verified:
    """What a verification saw, and what is wrong; `roots` are the anchors', by number."""

    findings: tuple[Finding, ...]
    rows: int
    entries: int
    chains: int
    roots: dict[int, str]
    last_anchor_at: str
    after_anchor: int
    """Entries newer than the last anchor: only the chain speaks for them yet."""
    public_key: str

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass
class Verifier:
    """Takes the lines of an export one after the other; `result` says what was found.

    Args:
        public_key: the anchors' key as the verifier has it from elsewhere (hex); else the one that
            the export itself states is taken, which proves only that the export is whole in itself.
    """

    public_key: str = ""
    _header: Header | None = None
    _lines: int = 0
    _ended: bool = False
    _rows: dict[tuple[str, str], str] = field(default_factory=dict)
    _written: dict[tuple[str, str], tuple[str, str, str, int]] = field(default_factory=dict)
    _ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    _hashes: dict[tuple[str, int], str] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _anchors: list[AnchorLine] = field(default_factory=list)
    _findings: list[Finding] = field(default_factory=list)
    _found: list[Entry] = field(default_factory=list)

    def take(self, line: AnyLine) -> None:
        """Take the next line."""
        if isinstance(line, End):
            self._ended = line.lines == self._lines
            return
        self._lines += 1
        match line:
            case Header():
                self._header = line
            case Row():
                self._rows[line.source, line.key] = digest(line.text)
            case Entry():
                self._take_entry(line)
            case Head():
                self._heads[line.subject] = line.position
            case AnchorLine():
                self._anchors.append(line)

    def _take_entry(self, entry: Entry) -> None:
        position, hashed = self._ends.get(entry.subject, (0, ""))
        if entry.position != position + 1:
            self._find(Fault.ENTRY_MISSING, entry)
        elif entry.previous != hashed:
            self._find(Fault.ENTRY_MOVED, entry)
        copied = entry.content is not None and digest(entry.content) != entry.row_hash
        if entry.computed() != entry.hash or copied:
            self._find(Fault.ENTRY_CHANGED, entry)
        header = self._header
        if header is not None:
            if entry.what == "found":
                self._found.append(entry)
            elif entry.written_by == header.owner:
                self._find(Fault.OWNER_WROTE, entry)
            final = header.modes.get(entry.source) == "final"
            if final and entry.what in ("changed", "removed"):
                self._find(Fault.ROW_CHANGED, entry)
        self._ends[entry.subject] = (entry.position, entry.hash)
        self._hashes[entry.subject, entry.position] = entry.hash
        written = (entry.what, entry.row_hash, entry.subject, entry.position)
        self._written[entry.source, entry.key] = written

    def result(self, earlier: dict[int, str] | None = None) -> Verified:
        """What was found.

        Args:
            earlier: the roots of an export made before: each must be here still.
        """
        if self._header is None or self._header.format != FORMAT or not self._ended:
            self._findings.append(Finding(fault=Fault.FILE_INCOMPLETE))
        self._compare_rows()
        self._compare_ends()
        self._compare_anchors(earlier or {})
        self._compare_found()
        anchored = self._anchored()
        return Verified(
            findings=tuple(self._findings),
            rows=len(self._rows),
            entries=len(self._hashes),
            chains=len(self._ends),
            roots={anchor.number: anchor.root for anchor in self._anchors},
            last_anchor_at=self._anchors[-1].made_at if self._anchors else "",
            after_anchor=sum(
                position - anchored.get(subject, 0) for subject, (position, _) in self._ends.items()
            ),
            public_key=self._key(),
        )

    def _compare_rows(self) -> None:
        for (source, key), (what, row_hash, subject, position) in self._written.items():
            found = self._rows.get((source, key))
            if found is None and what != "removed":
                fault = Fault.ROW_MISSING
            elif found is not None and (what == "removed" or found != row_hash):
                fault = Fault.ROW_CHANGED
            else:
                continue
            self._findings.append(
                Finding(fault=fault, subject=subject, position=position, source=source, key=key)
            )
        for source, key in self._rows.keys() - self._written.keys():
            self._findings.append(Finding(fault=Fault.ROW_UNRECORDED, source=source, key=key))

    def _compare_ends(self) -> None:
        for subject in sorted(self._ends.keys() | self._heads.keys()):
            if self._ends.get(subject, (0, ""))[0] != self._heads.get(subject, 0):
                self._findings.append(Finding(fault=Fault.CHAIN_CUT, subject=subject))

    def _compare_anchors(self, earlier: dict[int, str]) -> None:
        key, before = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self._key())), ""
        for number, anchor in enumerate(self._anchors, 1):
            if anchor.number != number:
                self._find_anchor(Fault.ANCHOR_MISSING, number)
                break
            if anchor.computed() != anchor.root or anchor.previous != before:
                self._find_anchor(Fault.ANCHOR_CHANGED, number)
            if not _is_signed(key, anchor):
                self._find_anchor(Fault.ANCHOR_UNSIGNED, number)
            for subject, position, hashed in anchor.heads:
                if self._hashes.get((subject, position)) != hashed:
                    self._findings.append(
                        Finding(fault=Fault.CHAIN_REWRITTEN, subject=subject, position=position)
                    )
            before = anchor.root
        known = {anchor.number: anchor.root for anchor in self._anchors}
        for number, root in earlier.items():
            if known.get(number) != root:
                self._find_anchor(Fault.ANCHOR_MISSING, number)

    def _compare_found(self) -> None:
        """What a migration found there was there before the first anchor; later it is the owner's."""
        if not self._anchors:
            return
        first = {subject: position for subject, position, _ in self._anchors[0].heads}
        for entry in self._found:
            if entry.position > first.get(entry.subject, 0):
                self._find(Fault.OWNER_WROTE, entry)

    def _anchored(self) -> dict[str, int]:
        """How far each chain was when an anchor saw it last."""
        return {
            subject: position for anchor in self._anchors for subject, position, _ in anchor.heads
        }

    def _key(self) -> str:
        return self.public_key or (self._header.public_key if self._header else "00" * 32)

    def _find(self, fault: Fault, entry: Entry) -> None:
        self._findings.append(
            Finding(
                fault=fault,
                subject=entry.subject,
                position=entry.position,
                source=entry.source,
                key=entry.key,
            )
        )

    def _find_anchor(self, fault: Fault, number: int) -> None:
        self._findings.append(Finding(fault=fault, subject=f"anchor:{number}", position=number))


def verified(
    lines: Iterable[AnyLine], public_key: str = "", earlier: dict[int, str] | None = None
) -> Verified:
    """Verify a whole export."""
    verifier = Verifier(public_key)
    for line in lines:
        verifier.take(line)
    return verifier.result(earlier)


def _is_signed(key: Ed25519PublicKey, anchor: AnchorLine) -> bool:
    try:
        key.verify(bytes.fromhex(anchor.signature), bytes.fromhex(anchor.root))
    except (InvalidSignature, ValueError):
        return False
    return True
