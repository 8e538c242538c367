"""The words by which somebody leaves a list of text messages: data, one row for each country.

A word counts wherever the person lives: to miss an opt-out harms more than to take one in. Courtesies may
stand around it, and one further word after it, such as the name that operators ask for ("STANS KLUBBEN").
Whatever is longer, or denies, is free text, and not guessed at.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

STOP_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "": ("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"),
        "SE": ("stopp", "stoppa", "avsluta", "avregistrera", "avanmäl", "avanmälan", "sluta", "avböj"),
        "DK": ("afmeld", "frameld", "afmelding", "stands"),
        "NO": ("stans", "slutt", "avslutt", "avmeld", "stopp"),
        "FI": ("lopeta", "poista", "poistu", "seis"),
        "DE": ("stopp", "abmelden", "abbestellen", "abmeldung"),
    }
)
COURTESIES: Final = frozenset(
    (
        *("tack", "snälla", "vänligen", "hej", "nu", "genast", "alla", "allt", "mvh", "sms"),
        *("tak", "takk", "venligst", "vennligst", "hei", "nå", "alle", "alt", "kiitos"),
        *("danke", "bitte", "please", "thanks", "thank", "you", "hi", "hello", "now", "all"),
    )
)
DENIALS: Final = frozenset(
    (
        *("inte", "ej", "icke", "ikke", "ikkje", "aldrig", "aldri", "nicht", "kein", "älä", "ei"),
        *("not", "dont", "never"),
    )
)

_ALL: Final = frozenset(word for words in STOP_WORDS.values() for word in words)
_LONGEST: Final = 160
_MOST_OTHERS: Final = 1
_APOSTROPHES: Final = str.maketrans("", "", "'\u2019")


def is_stop(text: str) -> bool:
    """Whether a message says stop, and hardly anything else."""
    if len(text) > _LONGEST:
        return False
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
    words = re.findall(r"\w+", plain)
    said = [word for word in words if word not in COURTESIES]
    if not said or said[0] not in _ALL or DENIALS.intersection(words):
        return False
    return len([word for word in said if word not in _ALL]) <= _MOST_OTHERS
