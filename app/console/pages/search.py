"""Search by identifier. It is posted, so that no identifier stands in an address or a log, and says why."""

from typing import Any

from starlette.responses import Response

from app.console.doors import page, reading
from app.console.identifying import REGIONS, TYPES, given_identifier
from app.console.masking import masked
from app.console.visits import Visit
from app.domain.channels import channel_codes
from app.domain.identifier import UnreadableIdentifier
from app.domain.refusals import Refusal, RefusedError
from app.usecases.read_identifiers import read_identifier
from app.usecases.search_everywhere import SEARCHED, search_everywhere


async def form(visit: Visit) -> Response:
    return _page(visit)


async def find(visit: Visit) -> Response:
    """Entries and mandates of an identifier. What cannot be read is told beside the field, and not echoed."""
    purpose = visit.text("purpose")
    try:
        given = given_identifier(visit.form)
        asked = read_identifier(given, visit.now.date())
        found = await visit.act(SEARCHED, lambda unit, act_: search_everywhere(unit, act_, given), purpose)
    except UnreadableIdentifier:
        return _page(visit, 422, failed=True)
    except RefusedError as refused:
        if refused.code is not Refusal.INVALID_IDENTIFIER:
            raise
        return _page(visit, 422, failed=True)
    return _page(
        visit,
        found=found,
        asked=masked(given.type, getattr(asked, "value", None)),
        purpose=purpose,
        channel_codes=channel_codes,
    )


def _page(visit: Visit, status: int = 200, **values: Any) -> Response:
    """What was looked for is not written into the form again; its type and country are."""
    kept = {"kind": visit.form.get("type", ""), "region": visit.form.get("region", "")}
    shown = {"found": None, "failed": False, **kept, **values}
    return visit.page("search.html", status, **shown, types=TYPES, regions=REGIONS)


DOORS = (page("/search", form), reading("/search/found", find))
