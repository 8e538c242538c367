"""From a template to an answer: escaped by itself, and with headers that let nothing foreign in.

Content-Security-Policy Level 3: own style and script files only, no inline ones, no frame around us.
"""

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.console.masking import masked
from app.console.telling import told
from app.domain.registers import REGISTERS

_TEMPLATES: Final = Path(__file__).parent / "templates"

HEADERS: Final = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language, Cookie",
    }
)


def moment(at: datetime | None, form: str = "%Y-%m-%d %H:%M") -> Markup:
    """A time in UTC like everything in the registry; to the minute unless it is said otherwise."""
    if at is None:
        return Markup("&ndash;")
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(timespec="seconds").replace("+00:00", "Z"), f"{utc:{form}}"
    )


def day(on: date | None) -> Markup:
    """A day, never broken over two lines."""
    return Markup("<time>{}</time>").format(on.isoformat()) if on else Markup("&ndash;")


def number(value: int) -> str:
    """Digits in groups of three, with a narrow blank that does not break, and a minus that is one."""
    return f"{value:,}".replace(",", "\u202f").replace("-", "\u2212")


def short(value: object) -> Markup:
    """The tail of an id, which differs between neighbours; the whole of it for whoever points at it."""
    whole = escape(str(value))
    return Markup('<code class="id" title="{}">…{}</code>').format(whole, whole[-12:])


@cache
def environment() -> Environment:
    """The templates; a value that a page forgot is an error and not an empty place."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(moment=moment, day=day, number=number, short=short, masked=_masked, told=told)
    made.filters.update(register=_register)
    return made


def _masked(canonical: str | None, kind: str) -> str:
    return masked(kind, canonical)


def _register(code: str) -> str:
    """What people call a national register."""
    return REGISTERS[code].name if code in REGISTERS else code


def rendered(template: str, values: dict[str, Any]) -> str:
    return environment().get_template(template).render(values)
