"""Characters of the private use areas (造字): each machine shows another, most show none.

Old input methods and GBK files give some names so, `䶮` as U+E863. GB 18030 assigned all of that
row to real characters since, and what to write instead can be told.
"""

from __future__ import annotations

import unicodedata

_FIRST = 0xE815
_ROW = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
"""GBK's row FE50 to FEA0 in its order, as GB 18030-2022 assigns it (U+E815 to U+E864 before)."""


def private_in(text: str) -> str:
    """The private characters of a text, each once."""
    return "".join(dict.fromkeys(char for char in text if unicodedata.category(char) == "Co"))


def instead_of(private: str) -> str:
    """What to write for a private character; empty where nobody can know what was meant."""
    place = ord(private) - _FIRST
    return _ROW[place] if 0 <= place < len(_ROW) else ""


def told(private: str) -> str:
    """Private characters as people can look them up: `U+E863 应写作“䶮”（U+4DAE）`, `U+F8F5`."""
    return "、".join(map(_told, private))


def _told(private: str) -> str:
    number, standard = f"U+{ord(private):04X}", instead_of(private)
    return f"{number} 应写作“{standard}”（U+{ord(standard):04X}）" if standard else number
