"""The words of letters as they were really sent: read from where the embedded stack keeps its mail."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from activities.views import LetterView

_SPACE = re.compile(r"\s+")


@dataclass
class Mailbox:
    """Everything a stack's mail server took in. Each file is opened once, however many there are."""

    folder: Path | None
    """None where mail goes to a real server: then nobody here can read it."""
    _found: dict[str, Path] = field(default_factory=dict)
    """Message-ID → file."""
    _seen: set[str] = field(default_factory=set)

    async def words_of(self, letter: LetterView) -> str | None:
        """Subject and body of a letter without its white space; None where it is not to be found."""
        return await asyncio.to_thread(self._words_of, letter.message_id)

    def _words_of(self, message_id: str) -> str | None:
        if self.folder is None or not message_id:
            return None
        if message_id not in self._found:
            self._look(self.folder)
        path = self._found.get(message_id)
        if path is None:
            return None
        message = BytesParser(EmailMessage, policy=policy.default).parsebytes(path.read_bytes())
        body = message.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        return plain(f"{message['Subject']}\n{text}")

    def _look(self, folder: Path) -> None:
        """Note the files that came since: others are sent to meanwhile, in other rehearsals."""
        for path in folder.glob("*.eml"):
            if path.name in self._seen:
                continue
            with path.open("rb") as file:
                headers = BytesParser(policy=policy.default).parse(file, headersonly=True)
            self._seen.add(path.name)
            self._found[str(headers["Message-ID"])] = path


def plain(text: str) -> str:
    """Without white space: where a line breaks says nothing in Chinese."""
    return _SPACE.sub("", text)


def last_sent(letters: Sequence[LetterView], key: str) -> LetterView | None:
    """The last letter of `kind:party` that was sent."""
    kind, _, party = key.partition(":")
    sent = [item for item in letters if item.kind == kind and item.party == party]
    return max(
        (item for item in sent if item.state == "sent"),
        key=lambda item: (item.ordered_at, item.seq),
        default=None,
    )


async def word_problems(
    box: Mailbox,
    letters: Sequence[LetterView],
    say: Mapping[str, tuple[str, ...]],
    do_not_say: Mapping[str, tuple[str, ...]],
) -> list[str]:
    """Each phrase that a letter lacks, or has and should not, as a Chinese sentence."""
    found: list[str] = []
    for key in dict.fromkeys((*say, *do_not_say)):
        letter = last_sent(letters, key)
        words = await box.words_of(letter) if letter else None
        if letter is None:
            found.append(f"通知 {key}：应已发出，实未发出")
        elif words is None:
            found.append(f"通知 {key}：已发出，但在内置环境的邮件中找不到，无法核对词句")
        else:
            lacking = [told for told in say.get(key, ()) if plain(told) not in words]
            found += [f"通知 {key}：应写有“{told}”，实无" for told in lacking]
            forbidden = [told for told in do_not_say.get(key, ()) if plain(told) in words]
            found += [f"通知 {key}：不应写有“{told}”，实有" for told in forbidden]
    return found
