"""`compose.yaml` against the Compose specification's own schema (tests/contracts/data, Apache-2.0, compose-go 2.16.2)."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from wavegate.contracts.routing import SERVICES

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((Path(__file__).parent / "data" / "compose-spec.json").read_text())


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_compose_is_valid(compose: dict[str, Any]) -> None:
    jsonschema.validate(compose, SCHEMA)


def test_the_schema_would_refuse_a_typing_error(compose: dict[str, Any]) -> None:
    compose["services"]["nats"]["imagee"] = "nats"

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose, SCHEMA)


def test_every_service_is_there_with_a_key_of_its_own_and_an_image_target(compose: dict[str, Any]) -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "deploy/images/Dockerfile").read_text(), re.MULTILINE))
    for name in SERVICES:
        service = compose["services"][name]
        assert service["build"]["target"] == name
        assert name in targets
        assert {secret["source"] for secret in service["secrets"]} == {f"nkey-{name}", f"kubeconfig-{name}"}


def test_every_mounted_secret_is_declared(compose: dict[str, Any]) -> None:
    used = {secret["source"] for service in compose["services"].values() for secret in service.get("secrets", ())}

    assert used == set(compose["secrets"])
