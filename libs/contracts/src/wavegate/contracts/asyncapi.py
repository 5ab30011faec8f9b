"""The AsyncAPI 3.0 description of the public events, generated from the models and the routing table (architecture §9).

`python -m wavegate.contracts.asyncapi` prints it.
"""

import json
from typing import Any

from wavegate.contracts.routing import ROUTES, Route

_ADDRESSES = {
    "repository": "wavegate.repository.{repositoryId}.{ref}",
    "platform": "wavegate.platform.{service}.{member}",
}
_DEFAULT_ADDRESS = "wavegate.{area}.{{namespace}}.{{name}}"


def document() -> dict[str, Any]:
    """Return the document."""
    public = [route for route in ROUTES if route.public]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Wavegate events",
            "version": "1",
            "description": "CloudEvents 1.0 in binary mode on NATS JetStream, stream EVENTS. Tokens of a subject "
            "percent-encode all but [A-Za-z0-9_-].",
        },
        "defaultContentType": "application/json",
        "channels": {route.message.name(): _channel(route) for route in public},
        "operations": {f"follow{route.message.name()}": _operation(route) for route in public},
    }


def _channel(route: Route) -> dict[str, Any]:
    area, name = route.message.AREA, route.message.name()
    address = f"{_ADDRESSES.get(area) or _DEFAULT_ADDRESS.format(area=area)}.{name}"
    parameters = [token[1:-1] for token in address.split(".") if token.startswith("{")]
    return {
        "address": address,
        "description": f"Said by {', '.join(route.publishers)}.",
        "parameters": {parameter: {} for parameter in parameters},
        "messages": {name: _message(route)},
    }


def _message(route: Route) -> dict[str, Any]:
    return {
        "name": route.message.type_name(),
        "summary": (route.message.__doc__ or "").strip().split("\n")[0],
        "headers": {
            "type": "object",
            "required": ["ce-id", "ce-type", "ce-source", "ce-specversion", "ce-time"],
            "properties": {
                "ce-type": {"const": route.message.type_name()},
                "ce-causationid": {"type": "string", "description": "Id of the event that caused this one."},
                "traceparent": {"type": "string", "description": "W3C trace context of the commit."},
            },
        },
        "payload": route.message.model_json_schema(by_alias=True, mode="serialization"),
    }


def _operation(route: Route) -> dict[str, Any]:
    return {"action": "receive", "channel": {"$ref": f"#/channels/{route.message.name()}"}}


def text() -> str:
    """Return the document as JSON text."""
    return json.dumps(document(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201 - its purpose
