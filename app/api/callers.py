"""From a bearer token to a Caller. Every route names one of the types below, or is listed as public."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.api.problems import EdgeError
from app.api.state import Deployment, deployment_of
from app.crypto.tokens import AccessClaims, BadToken
from app.domain.parties import Caller, Role
from app.domain.refusals import Refusal, RefusedError, UnavailableError
from app.usecases.act import Act
from app.usecases.journal_refusal import journal_refusal

_BEARER = {"WWW-Authenticate": "Bearer"}


def _claims(request: Request, deployment: Deployment) -> AccessClaims:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise EdgeError("UNAUTHENTICATED", headers=_BEARER)
    try:
        return deployment.verified_tokens.claims(token, datetime.now(UTC))
    except BadToken:
        raise EdgeError("UNAUTHENTICATED", headers=_BEARER) from None


async def _known(deployment: Deployment, claims: AccessClaims) -> Caller:
    caller = await deployment.asking_who.who(UUID(claims.subject))
    if caller is None or caller.party_id != UUID(claims.party) or caller.role != claims.role:
        raise EdgeError("UNAUTHENTICATED", headers=_BEARER)
    return caller


def _from_claims(claims: AccessClaims) -> Caller:
    """What the token alone says, while the register of credentials cannot be read: the party itself, for
    which R03 lets a few questions be answered without facts, and nobody it acts for."""
    party = UUID(claims.party)
    return Caller(UUID(claims.subject), party, Role(claims.role), None, {party: -1}, known=False)


async def _caller(request: Request, roles: frozenset[Role], *, without_register: bool) -> Caller:
    deployment = deployment_of(request)
    claims = _claims(request, deployment)
    begun = monotonic()
    try:
        caller = await _known(deployment, claims)
    except UnavailableError:
        if not without_register:
            raise
        caller = _from_claims(claims)
    request.state.waited = monotonic() - begun
    request.state.caller_role = caller.role.value
    if caller.role not in roles:
        await _journal_denial(deployment, caller)
        raise RefusedError(Refusal.ROLE_DENIED)
    purpose = request.headers.get("sparr-purpose")
    request.state.stated_purpose = purpose[:500] if purpose else None
    return caller


async def _journal_denial(deployment: Deployment, caller: Caller) -> None:
    if caller.known:
        async with deployment.database.write() as unit:
            act = Act.begin(datetime.now(UTC), caller)
            await journal_refusal(unit, act, "role.denied", Refusal.ROLE_DENIED.value)


class CallerWith:
    """A dependency: the caller, who must have one of these roles. `roles` is read by the document and by
    the test that walks the routes."""

    def __init__(self, *roles: Role, without_register: bool = False) -> None:
        self.roles = frozenset(roles)
        self._without_register = without_register

    async def __call__(self, request: Request) -> Caller:
        """Authenticate, then authorise: 401 without a valid token, 403 ROLE_DENIED with the wrong role."""
        return await _caller(request, self.roles, without_register=self._without_register)


def _with(*roles: Role, without_register: bool = False) -> Callable[[Request], Awaitable[Caller]]:
    return CallerWith(*roles, without_register=without_register)


_MANDATE_READERS = (Role.AGENT, Role.ADMIN, Role.AUDITOR)

LookupCaller = Annotated[Caller, Depends(_with(Role.SENDER, Role.CUSTOMER_SERVICE, without_register=True))]
SenderCaller = Annotated[Caller, Depends(_with(Role.SENDER, Role.CUSTOMER_SERVICE))]
CustomerServiceCaller = Annotated[Caller, Depends(_with(Role.CUSTOMER_SERVICE))]
ReleasingCaller = Annotated[Caller, Depends(_with(Role.CUSTOMER_SERVICE, Role.ADMIN))]
AgentCaller = Annotated[Caller, Depends(_with(Role.AGENT))]
ObjectingCaller = Annotated[Caller, Depends(_with(Role.AGENT, Role.CUSTOMER_SERVICE, Role.ADMIN))]
ObjectionReader = Annotated[
    Caller, Depends(_with(Role.AGENT, Role.CUSTOMER_SERVICE, Role.ADMIN, Role.AUDITOR))
]
MandateReader = Annotated[Caller, Depends(_with(*_MANDATE_READERS))]
MandateRevoker = Annotated[Caller, Depends(_with(Role.AGENT, Role.ADMIN))]
SourceCaller = Annotated[Caller, Depends(_with(Role.SOURCE, Role.ADMIN))]
AdminCaller = Annotated[Caller, Depends(_with(Role.ADMIN))]
AuditorCaller = Annotated[Caller, Depends(_with(Role.ADMIN, Role.AUDITOR))]
AnyCaller = Annotated[Caller, Depends(_with(*Role))]
