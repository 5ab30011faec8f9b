"""Message templates: which texts a message needs rendered, and how the results make one message.

Several templates of one trigger are merged in order, as argocd-notifications does: the last message text that is not
empty wins; a service's own section replaces an earlier template's section as a whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wavegate.notifier.domain import plain_values

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "slack": ("username", "icon", "attachments", "blocks", "groupingKey"),
    "pagerduty": ("title", "body", "urgency", "priorityID"),
    "pagerdutyv2": ("summary", "severity", "source", "component", "group", "class", "url", "dedupKey"),
}
"""Go-template fields of each service's section of a template."""

_PLAIN_FIELDS: Mapping[str, tuple[str, ...]] = {"slack": ("deliveryPolicy", "notifyBroadcast")}
"""Fields that are values, not templates."""


@dataclass(frozen=True, slots=True)
class Section:
    """One service's part of a template: `templates` are rendered, `plain` fields are taken as they are."""

    templates: Mapping[str, str]
    plain: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Template:
    """One template: the message text, and a section for each service type that has one."""

    message: str
    sections: Mapping[str, Section] = field(default_factory=dict)


def read(name: str, value: Any) -> Template:
    """Read a template's value.

    Raises:
        Rejected: `InvalidConfiguration`, naming the template.
    """
    where = f"template {name}"
    values = plain_values.mapping(value, where)
    found = {service: plain_values.field(values, service) for service in SECTIONS}
    sections = {
        service: _section(service, plain_values.mapping(content, f"{where}.{service}"), f"{where}.{service}")
        for service, content in found.items()
        if content is not None
    }
    return Template(plain_values.text(plain_values.field(values, "message"), where), sections)


def _section(service: str, values: Mapping[str, Any], where: str) -> Section:
    def pick(names: Sequence[str]) -> dict[str, str]:
        given = {name: plain_values.text(plain_values.field(values, name), f"{where}.{name}") for name in names}
        return {name: content for name, content in given.items() if content}

    return Section(pick(SECTIONS[service]), pick(_PLAIN_FIELDS.get(service, ())))


def sources(templates: Sequence[Template], service_type: str) -> dict[str, str]:
    """Return the Go templates to render for a message to a service, by a name that `merge` knows."""
    messages = {f"message.{index}": one.message for index, one in enumerate(templates) if one.message}
    section = _last_section(templates, service_type)
    fields = {f"field.{name}": source for name, source in section.templates.items()} if section else {}
    return messages | fields


def merge(templates: Sequence[Template], service_type: str, rendered: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the message text and the fields of the service's section, empty ones left out."""
    texts = [rendered.get(f"message.{index}", "") for index in range(len(templates))]
    section = _last_section(templates, service_type)
    prefix = "field."
    fields = {name.removeprefix(prefix): value for name, value in rendered.items() if name.startswith(prefix) and value}
    plain = dict(section.plain) if section else {}
    return next((text for text in reversed(texts) if text), ""), fields | plain


def has_section(templates: Sequence[Template], service_type: str) -> bool:
    """Tell whether any of the templates speaks to this service."""
    return _last_section(templates, service_type) is not None


def _last_section(templates: Sequence[Template], service_type: str) -> Section | None:
    return next((one.sections[service_type] for one in reversed(templates) if service_type in one.sections), None)
