"""Receipts: kept for who asked, verifiable by everybody."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request

from app.api.bodies import body_of
from app.api.callers import SenderCaller
from app.api.schemas.lookups import ReceiptAnswer, VerifyAnswer, VerifyRequest
from app.api.state import deployment_of
from app.usecases.note_lookup import kept_receipt
from app.usecases.verify_receipt import verify_receipt_text

router = APIRouter(prefix="/v1/receipts", tags=["receipts"])


@router.get("/{lookup_id}")
async def get_receipt(request: Request, caller: SenderCaller, lookup_id: UUID) -> ReceiptAnswer:
    """The receipt of an earlier lookup of the caller's controllers."""
    async with deployment_of(request).database.read() as unit:
        receipt = await kept_receipt(unit, caller, lookup_id)
    return ReceiptAnswer(lookup_id=lookup_id, receipt=receipt)


@router.post("/verify")
async def post_receipt_verification(
    request: Request, body: Annotated[VerifyRequest, body_of(VerifyRequest)]
) -> VerifyAnswer:
    """Check a receipt; no token needed. `at` asks whether the answer could still be relied on then."""
    keys = deployment_of(request).receipt_keys
    row = body.row.model_dump() if body.row else None
    found = verify_receipt_text(body.receipt, keys, body.at or datetime.now(UTC), row)
    return VerifyAnswer(valid=found.code == "VALID", code=found.code, claims=found.claims)
