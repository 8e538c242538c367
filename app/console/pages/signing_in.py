"""Signing in with a credential, signing out, and the language switch."""

from typing import Final

from starlette.responses import RedirectResponse, Response

from app.console.doors import NOBODY, Door, page
from app.console.rendering import HEADERS
from app.console.sessions import forget, keep, new_stay
from app.console.visits import ROOT, Visit
from app.console.words import COOKIE, LANGUAGES
from app.domain.parties import ClientUnprovenError
from app.domain.refusals import Refusal, RefusedError
from app.usecases.check_client_secret import check_client_secret
from app.usecases.open_session import close_session, open_session

_YEAR: Final = 365 * 24 * 3600


def inside(path: str) -> str:
    """A place of the console, or its first page: nobody is led elsewhere (CWE-601)."""
    within = path == ROOT or path.startswith((f"{ROOT}/", f"{ROOT}?"))
    return path if within and "\\" not in path and "//" not in path and path.isprintable() else ROOT


async def form(visit: Visit) -> Response:
    """The form; whoever has signed in already goes on."""
    if visit.caller is not None:
        return RedirectResponse(inside(visit.asked("back")), 303, dict(HEADERS))
    return _page(visit, 200, inside(visit.asked("back")))


def _page(visit: Visit, status: int, back: str, failed: str = "") -> Response:
    issuer = visit.parts.issuer
    return visit.page("sign_in.html", status, back=back, failed=failed, issuer=issuer and issuer.host)


async def sign_in(visit: Visit) -> Response:
    """A new session, or the form again: it does not say whether there is such a credential."""
    parts, back = visit.parts, inside(visit.form.get("back", ""))
    client_id, secret = visit.form.get("client_id", "").strip(), visit.form.get("client_secret", "").strip()
    try:
        async with parts.database.write() as unit:
            client = await check_client_secret(unit, parts.ring.credential_key, client_id, secret)
            caller = await open_session(unit, client, visit.now)
    except ClientUnprovenError:
        return _page(visit, 401, back, "unproven")
    except RefusedError:
        return _page(visit, 403, back, "role")
    answer = RedirectResponse(back, 303, dict(HEADERS))
    keep(answer, new_stay(visit.now, caller.credential_id), parts.sessions, secure=parts.secure)
    return answer


async def sign_out(visit: Visit) -> Response:
    """The session is over here, and its cookie taken back."""
    act = visit.begin()
    async with visit.parts.database.write() as unit:
        await close_session(unit, act, visit.stay)
    answer = visit.go("/sign-in", "signed_out")
    forget(answer, secure=visit.parts.secure)
    return answer


async def switch_language(visit: Visit) -> Response:
    """Remember a language, and go back to the page."""
    wanted = visit.names["wanted"]
    if wanted not in LANGUAGES:
        raise RefusedError(Refusal.NOT_FOUND)
    answer = RedirectResponse(inside(visit.asked("back")), 303, dict(HEADERS))
    answer.set_cookie(
        COOKIE,
        wanted,
        max_age=_YEAR,
        path=ROOT,
        secure=visit.parts.secure,
        httponly=True,
        samesite="strict",
    )
    return answer


DOORS = (
    page("/sign-in", form, NOBODY),
    Door("POST", "/sign-in/open", sign_in, NOBODY),
    Door("POST", "/sign-out", sign_out),
    page("/language/{wanted}", switch_language, NOBODY),
)
