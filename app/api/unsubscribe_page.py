"""The page behind an unsubscribe link, in the person's language: plain HTML with one button, and no script.

Opening it changes nothing (RFC 8058 section 1: what scans links must not unsubscribe anybody); the button
posts.
"""

from html import escape
from types import MappingProxyType
from typing import Final

HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; form-action 'self'; "
            "base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
        "Vary": "Accept-Language",
    }
)

_TEXTS: Final = MappingProxyType(
    {
        "en": (
            "Unsubscribe",
            "Press the button, and you will get no more of these messages.",
            "You are unsubscribed. You will get no more of these messages.",
        ),
        "sv": (
            "Avsluta utskick",
            "Tryck på knappen, så får du inga fler sådana här meddelanden.",
            "Du är avanmäld och får inga fler sådana här meddelanden.",
        ),
        "da": (
            "Afmeld",
            "Tryk på knappen, så får du ikke flere af disse beskeder.",
            "Du er afmeldt og får ikke flere af disse beskeder.",
        ),
        "nb": (
            "Meld deg av",
            "Trykk på knappen, så får du ikke flere slike meldinger.",
            "Du er avmeldt og får ikke flere slike meldinger.",
        ),
    }
)
_NORWEGIAN: Final = frozenset({"no", "nn"})


def language_of(accepted: str) -> str:
    """The language that a person prefers (Accept-Language, RFC 9110 section 12.5.4); English if none is
    known."""
    best, found = 0.0, "en"
    for part in accepted.split(","):
        tag, _, parameter = part.strip().partition(";")
        code = tag.strip().lower().partition("-")[0]
        code = "nb" if code in _NORWEGIAN else code
        weight = _weight(parameter)
        if code in _TEXTS and weight > best:
            best, found = weight, code
    return found


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def page(language: str, *, done: bool) -> str:
    """The page before the click, or after it."""
    title, ask, thanks = (escape(text) for text in _TEXTS[language])
    button = (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f'<button type="submit">{title}</button></form>'
    )
    body = f"<p>{thanks}</p>" if done else f"<p>{ask}</p>{button}"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="stylesheet" href="/docs/style.css"></head>'
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
