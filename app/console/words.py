"""The console's words: one catalogue for each language, chosen by the browser or the switch.

A key is `page.word`; what stands in braces is filled in. A test compares the catalogues.
"""

import tomllib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = MappingProxyType({"sv": "Svenska", "da": "Dansk", "nb": "Norsk bokmål", "en": "English"})
DEFAULT: Final = "en"
COOKIE: Final = "sparr-language"
_FOLDER: Final = Path(__file__).parent / "texts"
_SAME: Final = MappingProxyType({"no": "nb", "nn": "nb"})


@cache
def catalogue(language: str) -> dict[str, str]:
    """All words of one language by their keys."""
    pages = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{page}.{key}": words for page, keys in pages.items() for key, words in keys.items()}


def word(language: str, key: str, **values: object) -> str:
    """A text. KeyError for a key that is not in the catalogue: a page never shows a bare key."""
    text = catalogue(language)[key]
    return text.format(**values) if values else text


def has_word(key: str) -> bool:
    """Whether there is such a text, in every language."""
    return key in catalogue(DEFAULT)


def language_of(chosen: str | None, accepted: str) -> str:
    """The language that was switched to, or the one that the browser prefers (RFC 9110 section 12.5.4)."""
    if chosen in LANGUAGES:
        return str(chosen)
    best, found = 0.0, DEFAULT
    for part in accepted.split(","):
        tag, _, parameter = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        code = _SAME.get(code, code)
        weight = _weight(parameter)
        if code in LANGUAGES and weight > best:
            best, found = weight, code
    return found


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
