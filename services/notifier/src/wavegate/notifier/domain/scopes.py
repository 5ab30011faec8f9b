"""What conditions and templates can see, per kind of object (argocd-notifications' expression environment)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from wavegate.notifier.domain import untrusted
from wavegate.notifier.domain.configuration import Configuration
from wavegate.notifier.domain.destinations import Destination

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Variables by name. `now` is what `time.Now()` answers; `numbers` is what whole numbers become in Go.

    The functions (`time`, `strings`, `repo`) belong to the language, not to the scope.
    """

    variables: Mapping[str, Any]
    now: datetime
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    numbers: Literal["int64", "float64"] = "int64"


def of_application(application: Json, project: Json | None, configured: Configuration, now: datetime) -> Scope:
    """Return the scope of an Application."""
    variables = {
        "app": _without_bookkeeping(application),
        "appProject": _without_bookkeeping(project or {}),
        "context": dict(configured.context),
    }
    return Scope(variables, now, configured.secrets)


def of_rollout(rollout: Json, configured: Configuration, now: datetime) -> Scope:
    """Return the scope of a Rollout. Argo Rollouts' objects hold every number as a float."""
    variables = {"rollout": _without_bookkeeping(rollout), "context": dict(configured.context)}
    return Scope(variables, now, configured.secrets, "float64")


def for_message(scope: Scope, destination: Destination) -> Scope:
    """Return the scope of a message's templates: status texts guarded, and whom the message is for."""
    variables = {name: _guarded_status(value) for name, value in scope.variables.items()}
    whom = {"serviceType": destination.service, "recipient": destination.recipient}
    return replace(scope, variables=variables | whom)


def _guarded_status(value: Any) -> Any:
    if isinstance(value, dict) and "status" in value:
        return value | {"status": untrusted.guarded(value["status"])}
    return value


def _without_bookkeeping(value: Json) -> Json:
    """Leave out `managedFields`, which no template reads and which can be larger than all the rest."""
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or "managedFields" not in metadata:
        return value
    return value | {"metadata": {key: part for key, part in metadata.items() if key != "managedFields"}}
