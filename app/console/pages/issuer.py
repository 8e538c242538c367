"""Signing in through an OpenID issuer: authorization code, PKCE, state and nonce (RFC 9700 section 2.1).

One leaves by a link and not by a form, since `form-action 'self'` holds for where a form is led on to, too.
One comes back from a foreign page, and a browser keeps a strict cookie to itself until a page of ours leads
on: so the answer is a page that does.
"""

from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import structlog
from starlette.responses import RedirectResponse, Response

from app.console.doors import NOBODY, page
from app.console.issuer import CodeRefusedError, Discovered, Issuer, IssuerDownError
from app.console.issuer_trips import Trip, arrived, new_trip, pack, unpacked
from app.console.pages.signing_in import inside
from app.console.parts import ISSUER_ANSWER
from app.console.rendering import HEADERS
from app.console.sessions import keep, new_stay
from app.console.visits import ROOT, Visit
from app.crypto.compact_jws import BadToken
from app.crypto.id_tokens import check_id_token
from app.domain.parties import Caller, ClientUnprovenError
from app.domain.refusals import Refusal, RefusedError
from app.usecases.open_session import open_session_through_issuer

_LONGEST_BACK: Final = 500
_LONGEST_CODE: Final = 4096
_STATUS: Final = {"ISSUER_DOWN": 503, "ISSUER_NOT_BEGUN": 400, "ISSUER_CODE_REFUSED": 400}
_log = structlog.get_logger("sparr.console")


class NotSignedInError(Exception):
    """Somebody came back and is not let in. `told` is the text for them, the reason is for the log."""

    def __init__(self, told: str, reason: str = "") -> None:
        super().__init__(told)
        self.told = told
        self.reason = reason


def _issuer(visit: Visit) -> Issuer:
    if visit.parts.issuer is None:
        raise RefusedError(Refusal.NOT_FOUND)
    return visit.parts.issuer


async def leave(visit: Visit) -> Response:
    """To the issuer; whoever has signed in already goes on."""
    issuer, back = _issuer(visit), inside(visit.asked("back"))
    back = back if len(back) <= _LONGEST_BACK else ROOT
    if visit.caller is not None:
        return RedirectResponse(back, 303, dict(HEADERS))
    try:
        known = await issuer.discovered(visit.now)
    except IssuerDownError as down:
        return _refused(visit, NotSignedInError("ISSUER_DOWN", str(down)))
    trip = new_trip(visit.now, back)
    answer = RedirectResponse(_address(issuer, known, trip, visit.language), 303, dict(HEADERS))
    pack(answer, trip, visit.parts.trips, secure=visit.parts.secure)
    return answer


def _address(issuer: Issuer, known: Discovered, trip: Trip, language: str) -> str:
    """The authentication request (OpenID Connect Core section 3.1.2.1)."""
    asked = {
        "response_type": "code",
        "scope": "openid",
        "client_id": issuer.settings.client_id,
        "redirect_uri": issuer.redirect_uri,
        "state": trip.state,
        "nonce": trip.nonce,
        "code_challenge": trip.challenge,
        "code_challenge_method": "S256",
        "ui_locales": language,
    }
    endpoint = known.authorization_endpoint
    return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"


async def come_back(visit: Visit) -> Response:
    """A new session, or a page that says why not. The trip is over in any case."""
    issuer = _issuer(visit)
    try:
        trip = _trip(visit)
        caller = await _let_in(visit, issuer, trip)
    except NotSignedInError as refused:
        answer = _refused(visit, refused)
    else:
        answer = visit.page("signed_in.html", back=trip.back)
        stay = new_stay(visit.now, caller.credential_id)
        keep(answer, stay, visit.parts.sessions, secure=visit.parts.secure)
    arrived(answer, secure=visit.parts.secure)
    return answer


def _trip(visit: Visit) -> Trip:
    """The trip of this browser that the answer belongs to."""
    trip = unpacked(visit.request, visit.parts.trips, visit.now, secure=visit.parts.secure)
    if trip is None or not trip.is_answered_by(_only(visit, "state")):
        raise NotSignedInError("ISSUER_NOT_BEGUN", "state")
    return trip


async def _let_in(visit: Visit, issuer: Issuer, trip: Trip) -> Caller:
    """Whom the issuer's answer names, if a live credential stands for them."""
    claims = await _claims(visit, issuer, trip)
    people = issuer.settings.people
    credential_id = people.credential(claims)
    if credential_id is None:
        raise NotSignedInError("ISSUER_NOBODY", "not_mapped")
    try:
        async with visit.parts.database.write() as unit:
            return await open_session_through_issuer(unit, credential_id, people.roles, trip.state, visit.now)
    except ClientUnprovenError:
        raise NotSignedInError("ISSUER_CREDENTIAL_ENDED", "credential") from None
    except RefusedError:
        raise NotSignedInError("ISSUER_ROLE", "role") from None


async def _claims(visit: Visit, issuer: Issuer, trip: Trip) -> dict[str, Any]:
    """What the issuer says about whoever came back, checked against this trip."""
    settings, now = issuer.settings, visit.now
    try:
        known = await issuer.discovered(now)
        _check_sender(visit, known, settings.issuer)
        if "error" in visit.request.query_params:
            raise NotSignedInError("ISSUER_DENIED", "denied")
        claims = await issuer.claims(_only(visit, "code"), trip.verifier, now)
        check_id_token(
            claims,
            issuer=settings.issuer,
            client_id=settings.client_id,
            nonce=trip.nonce,
            began=trip.began_at,
            now=now,
        )
    except IssuerDownError as down:
        raise NotSignedInError("ISSUER_DOWN", str(down)) from None
    except CodeRefusedError:
        raise NotSignedInError("ISSUER_CODE_REFUSED", "code") from None
    except BadToken as bad:
        raise NotSignedInError("ISSUER_BAD_TOKEN", bad.reason.value) from None
    return claims


def _check_sender(visit: Visit, known: Discovered, issuer: str) -> None:
    """RFC 9207 section 2.4: an issuer that names itself does so in each answer."""
    said = visit.request.query_params.getlist("iss")
    if said != [issuer] and (said or known.names_itself):
        raise NotSignedInError("ISSUER_NOT_BEGUN", "iss")


def _only(visit: Visit, name: str) -> str:
    """A parameter that stands there once (RFC 6749 section 3.1)."""
    found = visit.request.query_params.getlist(name)
    if len(found) != 1 or not 0 < len(found[0]) <= _LONGEST_CODE:
        raise NotSignedInError("ISSUER_NOT_BEGUN", name)
    return found[0]


def _refused(visit: Visit, refused: NotSignedInError) -> Response:
    _log.warning("not_signed_in", failure=refused.reason)
    return visit.page("problem.html", _STATUS.get(refused.told, 403), told=refused.told)


DOORS = (
    page("/sign-in/issuer", leave, NOBODY),
    page(ISSUER_ANSWER, come_back, NOBODY),
)
