"""The notification configuration, as argocd-notifications defines it in one ConfigMap and one Secret."""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain import plain_values, selectors
from wavegate.notifier.domain.templates import Template
from wavegate.notifier.domain.templates import read as read_template

SUPPORTED_SERVICES = ("slack", "pagerduty", "pagerdutyv2")

_SECRET_REFERENCE = re.compile(r"\$([\w-]+)")
_SINGLE_KEYS = frozenset({"context", "subscriptions", "defaultTriggers"})
_PREFIXES = ("service.", "trigger.", "template.", "defaultTriggers.")


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of a trigger: when it fires, which templates it sends, and what it fires once for.

    `position` is its index in the trigger; with the condition's text it makes the key under which Argo remembers what was
    sent, so that editing or moving a condition fires it again, as there.
    """

    position: int
    when: str
    send: tuple[str, ...] = ()
    once_per: str = ""

    @property
    def key(self) -> str:
        """Return `[position].hash` (triggers/service.go)."""
        hashed = hashlib.sha1(self.when.encode(), usedforsecurity=False).digest()
        return f"[{self.position}].{base64.urlsafe_b64encode(hashed).decode().rstrip('=')}"


@dataclass(frozen=True, slots=True)
class Service:
    """One configured service. `options` hold credentials: they are never shown."""

    type: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One of the configuration's own subscriptions: for every object that the selector admits."""

    recipients: tuple[str, ...]
    triggers: tuple[str, ...]
    selector: selectors.Selector


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that was configured. `version` names the ConfigMap and Secret that it was read from."""

    version: str = ""
    services: Mapping[str, Service] = field(default_factory=dict)
    triggers: Mapping[str, tuple[Condition, ...]] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    subscriptions: tuple[Subscription, ...] = ()
    default_triggers: tuple[str, ...] = ()
    service_default_triggers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def is_ours(key: str) -> bool:
    """Tell whether a key of the ConfigMap is read at all; others are passed over, as Argo does."""
    return key in _SINGLE_KEYS or key.startswith(_PREFIXES)


def read(values: Mapping[str, Any], secrets: Mapping[str, bytes], version: str) -> Configuration:
    """Read the ConfigMap's keys, each already parsed from YAML, with the Secret's data.

    Raises:
        Rejected: `InvalidConfiguration`, naming the key: one malformed key spoils the whole, as with Argo.
    """
    known = _texts_of(secrets)
    services = [_service(key, value, known) for key, value in values.items() if key.startswith("service.")]
    return Configuration(
        version=version,
        services={service.name: service for service in services},
        triggers={name: _conditions(name, value) for name, value in _under("trigger.", values)},
        templates={name: read_template(name, value) for name, value in _under("template.", values)},
        subscriptions=_subscriptions(values.get("subscriptions")),
        default_triggers=plain_values.texts(values.get("defaultTriggers"), "defaultTriggers"),
        service_default_triggers={
            name: plain_values.texts(value, f"defaultTriggers.{name}")
            for name, value in _under("defaultTriggers.", values)
        },
        context={
            name: plain_values.text(value, f"context.{name}")
            for name, value in plain_values.mapping(values.get("context"), "context").items()
        },
        secrets=dict(secrets),
    )


def _under(prefix: str, values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key.removeprefix(prefix), value) for key, value in values.items() if key.startswith(prefix)]


def _service(key: str, value: Any, secrets: Mapping[str, str]) -> Service:
    parts = key.split(".")
    if len(parts) not in {2, 3} or not all(parts):
        raise plain_values.invalid(key, "service.<type> or service.<type>.<name>")
    return Service(parts[1], parts[-1], _with_secrets(plain_values.mapping(value, key), secrets))


def _with_secrets(value: Any, secrets: Mapping[str, str]) -> Any:
    """Put the Secret's values where `$key` stands inside any text; an unknown key is left as written, as Argo does."""
    if isinstance(value, str):
        return _SECRET_REFERENCE.sub(lambda match: secrets.get(match[1], match[0]), value)
    if isinstance(value, Mapping):
        return {key: _with_secrets(part, secrets) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_secrets(part, secrets) for part in value]
    return value


def _texts_of(secrets: Mapping[str, bytes]) -> dict[str, str]:
    return {key: value.decode("utf-8", errors="replace") for key, value in secrets.items()}


def _conditions(name: str, value: Any) -> tuple[Condition, ...]:
    where = f"trigger {name}"
    return tuple(
        _condition(index, plain_values.mapping(entry, where), where)
        for index, entry in enumerate(plain_values.listing(value, where))
    )


def _condition(index: int, entry: Mapping[str, Any], where: str) -> Condition:
    return Condition(
        position=index,
        when=plain_values.text(plain_values.field(entry, "when"), f"{where}.when"),
        send=plain_values.texts(plain_values.field(entry, "send"), f"{where}.send"),
        once_per=plain_values.text(plain_values.field(entry, "oncePer"), f"{where}.oncePer"),
    )


def _subscriptions(value: Any) -> tuple[Subscription, ...]:
    where = "subscriptions"
    entries = [plain_values.mapping(entry, where) for entry in plain_values.listing(value, where)]
    return tuple(
        Subscription(
            recipients=plain_values.texts(plain_values.field(entry, "recipients"), where),
            triggers=plain_values.texts(plain_values.field(entry, "triggers"), where),
            selector=selectors.parse(plain_values.text(plain_values.field(entry, "selector"), where)),
        )
        for entry in entries
    )


def service_for(configured: Configuration, name: str) -> Service:
    """Return the service that a destination names.

    Raises:
        Rejected: `ServiceNotConfigured`: there is none, or it is of a type that Wavegate does not speak.
    """
    service = configured.services.get(name)
    if service is None:
        raise Rejected(Reason.SERVICE_NOT_CONFIGURED, f"notification service {name!r} is not configured")
    if service.type not in SUPPORTED_SERVICES:
        spoken = ", ".join(SUPPORTED_SERVICES)
        raise Rejected(
            Reason.SERVICE_NOT_CONFIGURED, f"notification service type {service.type!r} is not supported; {spoken} are"
        )
    return service
