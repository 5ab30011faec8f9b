"""Who subscribed to what: annotations on objects, and the configuration's own subscriptions.

Unlike Argo's loop over annotations, an annotation that is no subscription subscribes nobody (there, it repeats the
recipients of whichever annotation happened to come before).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from wavegate.notifier.domain import plain_values
from wavegate.notifier.domain.configuration import Configuration
from wavegate.notifier.domain.destinations import Destination, Subscribed, merged

PREFIX = "notifications.argoproj.io"
SUBSCRIPTIONS = f"{PREFIX}/subscriptions"
LEGACY = "recipients.argocd-notifications.argoproj.io"

_SUBSCRIBE = f"{PREFIX}/subscribe."


def is_ours(annotation: str) -> bool:
    """Tell whether an annotation subscribes anybody, or tries to."""
    return annotation.startswith(_SUBSCRIBE) or annotation in {SUBSCRIPTIONS, LEGACY}


def of_annotations(annotations: Mapping[str, str], configured: Configuration) -> Subscribed:
    """Return the subscriptions of `subscribe.<trigger>.<service>` and `subscribe.<service>` annotations."""
    found = [
        _one(key.removeprefix(_SUBSCRIBE).split("."), value, configured)
        for key, value in sorted(annotations.items())
        if key.startswith(_SUBSCRIBE)
    ]
    return merged(found)


def _one(parts: list[str], value: str, configured: Configuration) -> Subscribed:
    trigger, service = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    recipients = [one.strip() for one in value.split(";") if one.strip()] if value else [""]
    return _to(_triggers(trigger, service, configured), service, recipients)


def _triggers(trigger: str, service: str, configured: Configuration) -> Iterable[str]:
    if trigger:
        return (trigger,)
    return configured.service_default_triggers.get(service, configured.default_triggers)


def _to(triggers: Iterable[str], service: str, recipients: Iterable[str]) -> Subscribed:
    destinations = tuple(Destination(service, recipient) for recipient in recipients)
    return dict.fromkeys(triggers, destinations) if destinations else {}


def of_listing(value: Any, configured: Configuration) -> Subscribed:
    """Return the subscriptions of the annotation `notifications.argoproj.io/subscriptions`, parsed from YAML.

    Raises:
        Rejected: `InvalidConfiguration`.
    """
    where = f"annotation {SUBSCRIPTIONS}"
    entries = [plain_values.mapping(entry, where) for entry in plain_values.listing(value, where)]
    return merged(part for entry in entries for part in _of_entry(entry, where, configured))


def _of_entry(entry: Mapping[str, Any], where: str, configured: Configuration) -> Iterable[Subscribed]:
    named = plain_values.texts(plain_values.field(entry, "trigger"), where)
    for one in plain_values.listing(plain_values.field(entry, "destinations"), where):
        destination = plain_values.mapping(one, where)
        service = plain_values.text(plain_values.field(destination, "service"), where)
        recipients = plain_values.texts(plain_values.field(destination, "recipients"), where)
        yield _to(named or _triggers("", service, configured), service, recipients)


def of_configuration(labels: Mapping[str, str], configured: Configuration) -> Subscribed:
    """Return the configuration's own subscriptions that admit an object with these labels."""
    found = [
        {trigger: tuple(_recipient(text) for text in subscription.recipients)}
        for subscription in configured.subscriptions
        if subscription.selector.admits(labels)
        for trigger in subscription.triggers or configured.default_triggers
    ]
    return merged(found)


def _recipient(text: str) -> Destination:
    """Read `service:recipient`; as with Argo, what follows a second colon is lost, and a service alone is enough."""
    service, _, rest = text.partition(":")
    return Destination(service, rest.partition(":")[0])
