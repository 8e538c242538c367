"""Customer service's door for what a controller knew before: files of existing opt-outs."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.api.acts import ActsDep, spoken
from app.api.batches import NDJSON
from app.api.bodies import RawBody, raw_body
from app.api.callers import CustomerServiceCaller
from app.api.problems import EdgeError
from app.api.schemas.base import LARGE_BODY_BYTES
from app.api.schemas.imports import ImportAnswer, RevertedImportAnswer
from app.usecases.import_opt_outs import IMPORTED, REVERTED, import_opt_outs, revert_import, try_opt_outs
from app.usecases.read_opt_outs import MOST_ROWS, TooManyRowsError, UnreadableFileError, read_opt_outs

router = APIRouter(prefix="/v1/imports", tags=["imports"])

_MEDIA: Final = ("text/csv", NDJSON)


@router.post("", status_code=201, response_model=ImportAnswer)
async def post_import(
    caller: CustomerServiceCaller,
    body: Annotated[RawBody, raw_body(media=_MEDIA, max_bytes=LARGE_BODY_BYTES)],
    acts: ActsDep,
    dry_run: Annotated[bool, Query(description="Only say what would happen.")] = False,  # noqa: FBT002 - a query
    region: Annotated[str | None, Query(pattern="^[A-Za-z]{2}$", description="Of national numbers.")] = None,
) -> Response:
    """Put the opt-outs of a file in force, in one transaction; up to 20,000 rows and 16 MiB. The columns tell
    whose export it is: SendGrid, Mailgun, Amazon SES, Postmark, listmonk, Mailchimp, or our own `identifier`,
    `type` and `channel`."""
    today = datetime.now(UTC).date()
    reading = partial(read_opt_outs, body.content, ndjson=body.media == NDJSON, region=region, today=today)
    try:
        file = await asyncio.to_thread(reading)
    except UnreadableFileError:
        raise EdgeError("UNREADABLE_FILE") from None
    except TooManyRowsError:
        raise EdgeError("BODY_TOO_LARGE", f"A file has at most {MOST_ROWS} rows.") from None
    work = try_opt_outs if dry_run else import_opt_outs
    return await acts.run(
        caller,
        IMPORTED,
        lambda unit, act: work(unit, act, file),
        lambda done: spoken(200 if dry_run else 201, ImportAnswer.of(done)),
    )


@router.post("/{import_id}/revert", response_model=RevertedImportAnswer)
async def post_import_revert(caller: CustomerServiceCaller, acts: ActsDep, import_id: UUID) -> Response:
    """Take an import back: what stands because of it alone is released. The entries stay known."""
    return await acts.run(
        caller,
        REVERTED,
        lambda unit, act: revert_import(unit, act, import_id),
        lambda done: spoken(200, RevertedImportAnswer.of(done)),
    )
