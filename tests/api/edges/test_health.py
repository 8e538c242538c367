"""Alive, ready, and what the registry says about itself."""

from app.domain.channels import CHANNELS
from app.domain.identifiers import IDENTIFIER_TYPES
from tests.api.edges.service import Service


async def test_a_process_that_answers_is_alive_even_when_it_is_not_ready(service: Service) -> None:
    service.ready = [("database", False)]
    answer = await service.client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_one_failed_check_makes_the_service_unready_and_all_are_told(service: Service) -> None:
    assert (await service.client.get("/readyz")).json()["status"] == "ready"
    service.ready = [("database", True), ("canary", False)]
    answer = await service.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unready",
        "checks": [{"name": "database", "ok": True}, {"name": "canary", "ok": False}],
    }


async def test_the_registry_lists_its_closed_tables(service: Service) -> None:
    found = (await service.client.get("/.well-known/objection-registry")).json()
    assert [one["code"] for one in found["channels"]] == list(CHANNELS)
    assert {"code": "voice_live", "class": "T", "bare_identifier": "phone"} in found["channels"]
    assert {"code": "fundraising", "direct_marketing": True} in found["purposes"]
    assert found["identifier_types"] == sorted(IDENTIFIER_TYPES)
    assert "object_dm" in found["rights"]
    assert "erasure" in found["excluded_rights"]
    assert "agent_jws" in found["evidence_kinds"]
    assert "auditor" in found["roles"]
    assert found["limits"]["lookup_identifiers"] == 50_000


async def test_the_description_of_the_registry_leads_to_the_others(service: Service) -> None:
    links = (await service.client.get("/.well-known/objection-registry")).json()["links"]
    for name in ("openapi", "problems", "docs"):
        assert (await service.client.get(links[name])).status_code == 200
