"""What a deployment is made of, as the edge sees it. Put together in main, found through the request."""

from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from app.api.asking_who import AskingWho
from app.api.change_watch import ChangeWatch
from app.api.gathering import Gathering
from app.crypto.keys import KeyRing
from app.crypto.tokens import VerificationKeys
from app.crypto.verified_tokens import VerifiedTokens
from app.domain.quotas import Quota
from app.storage.database import Database
from app.usecases.note_lookup import LookupNotes
from app.usecases.receive_wash import Laundry
from app.usecases.watch_journal import JournalWatch


@dataclass(frozen=True, slots=True)
class Deployment:
    """`issuer` is the public URL; it is the issuer and audience of tokens and the signer of receipts. Without
    a `laundry` no files are washed, and without a `watch` no checkpoint is kept outside the database."""

    database: Database
    ring: KeyRing
    verified_tokens: VerifiedTokens
    receipt_keys: VerificationKeys
    issuer: str
    token_audiences: frozenset[str]
    metrics_token: str | None
    gathering: Gathering
    asking_who: AskingWho
    changes: ChangeWatch
    notes: LookupNotes = field(default_factory=LookupNotes)
    laundry: Laundry | None = None
    sequencing: bool = False
    quota: Quota = field(default_factory=Quota)
    watch: JournalWatch | None = None


def deployment_of(request: Request) -> Deployment:
    """The deployment that this request came to."""
    app: Any = request.app
    found: Deployment = app.state.deployment
    return found
