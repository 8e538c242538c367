"""E-mail addresses: the canonical form is a casefolded local part and an A-label domain (RFC 5321, 5890).

Hardly any mailbox tells letter cases apart, and many deliver what stands after a plus to the same person
(RFC 5233), so the address without its tag is a second form: an objection for either stops both.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from app.domain.identifier import Canonical, UnreadableIdentifier, text_of

_LONGEST_RAW: Final = 320

# Lower-case ASCII without a tag, ordinary labels, no name reserved for special use (RFC 6761): a test
# compares whatever this matches with the library.
_RESERVED: Final = "|".join(re.escape(name) for name in SPECIAL_USE_DOMAIN_NAMES)
_EXACT: Final = re.compile(
    r"(?=.{6,254}$)[a-z0-9_-]{1,64}(?:\.[a-z0-9_-]{1,64})*@"
    rf"(?!(?:.*\.)?(?:{_RESERVED})$)"
    r"(?:(?=[^.]{1,63}\.)[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}"
)

_URI = re.compile("^mailto:", re.IGNORECASE)  # RFC 6068
_SEVERAL = re.compile(r"@.*[\s,;|&].*@")
_LAST_DOT = re.compile(
    "[.\u3002\uff0e\uff61]$"
)  # The dots of IDNA (UTS 46): the root of the name, if written.
# The full-width forms of ASCII, @ among them, and the small commercial at.
_PLAIN: Final[dict[int, int | str]] = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0xFE6B: "@"}
_EAST_ASIAN: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"})


def already_canonical(text: str) -> bool:
    """True only if canonicalise() would give back exactly this text as the only form, without a warning."""
    return _EXACT.fullmatch(text) is not None


class _Email:
    code = "email"
    label = "e-mail address"

    def canonicalise(self, raw: str | Mapping[str, str], _region: str | None, _today: date, /) -> Canonical:
        if isinstance(raw, str) and already_canonical(raw):
            return Canonical("email", raw, (raw,), (), None)
        text = text_of(raw, _LONGEST_RAW)
        plain = _visible(text).translate(_PLAIN).strip()
        local, domain = _parts(_LAST_DOT.sub("", _URI.sub("", plain)))
        warnings: tuple[str, ...] = () if plain == text else ("TYPOGRAPHIC_CHARACTERS",)
        forms: tuple[str, ...] = (f"{local}@{domain}",)
        untagged, plus, _tag = local.partition("+")
        if plus and untagged:
            forms += (f"{untagged}@{domain}",)
            warnings += ("PLUS_TAG",)
        if _mixes_scripts(local):
            warnings += ("MIXED_SCRIPT",)
        return Canonical("email", forms[0], forms, warnings, None)


TYPE: Final = _Email()


def _visible(text: str) -> str:
    """Without format characters (Unicode category Cf): nobody sees them, and pasted text is full of them."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def _parts(address: str) -> tuple[str, str]:
    if not address:
        raise UnreadableIdentifier("EMPTY")
    if _SEVERAL.search(address):
        raise UnreadableIdentifier("TWO_VALUES")
    try:
        read = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        raise UnreadableIdentifier("NOT_AN_ADDRESS") from None
    return _folded(read.local_part), read.ascii_domain.lower()


def _folded(local: str) -> str:
    """Canonical caseless form (Unicode D145), composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", local).casefold())


def _mixes_scripts(local: str) -> bool:
    """Whether letters of several scripts stand together; a letter's Unicode name begins with its script."""
    if local.isascii():
        return False
    names = {unicodedata.name(letter, "?").split("-")[0].split()[0] for letter in local if letter.isalpha()}
    return len({"EAST ASIAN" if name in _EAST_ASIAN else name for name in names}) > 1
