"""The CustomResourceDefinitions: Wavegate's own four kinds, and Argo's where a cluster does not have them yet.

Names, scopes and subresources of Argo's kinds are Argo's: an Application has no status subresource, a Rollout has `status`
and `scale`, an AnalysisRun and an Experiment have none, so their controllers patch the whole object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wavegate.argo import analysis, own, project
from wavegate.argo.application_status import Application
from wavegate.argo.experiment import Experiment
from wavegate.argo.model import ARGO_API_VERSION, OWN_API_VERSION, Resource
from wavegate.argo.rollout_status import Rollout
from wavegate.argo.schema import Schema, schema_of

SCALE: Schema = {
    "specReplicasPath": ".spec.replicas",
    "statusReplicasPath": ".status.HPAReplicas",
    "labelSelectorPath": ".status.selector",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0

    def to_json(self) -> Schema:
        """The `additionalPrinterColumns` entry."""
        column: Schema = {"name": self.name, "type": self.type, "jsonPath": self.path}
        return {**column, "priority": self.priority} if self.priority else column


AGE = Column("Age", ".metadata.creationTimestamp", "date")
RUN_STATUS = Column("Status", ".status.phase")


def _in_state(name: str, path: str, type_: str = "string") -> Column:
    """A column from a service's own state; it stays empty where the service does not write the field."""
    return Column(name, f".status.state.{path}", type_)


@dataclass(frozen=True, slots=True)
class Definition:
    """What distinguishes one kind's definition."""

    model: type[Resource]
    api_version: str
    plural: str
    short_names: tuple[str, ...] = ()
    is_namespaced: bool = True
    subresources: tuple[str, ...] = ()
    columns: tuple[Column, ...] = (AGE,)

    @property
    def kind(self) -> str:
        """The kind, which is the model's name."""
        return self.model.__name__

    @property
    def name(self) -> str:
        """The definition's own name: `<plural>.<group>`."""
        return f"{self.plural}.{self.api_version.partition('/')[0]}"

    def to_json(self) -> Schema:
        """The manifest."""
        group, _, version = self.api_version.partition("/")
        names: Schema = {
            "kind": self.kind,
            "listKind": f"{self.kind}List",
            "plural": self.plural,
            "singular": self.kind.lower(),
        }
        if self.short_names:
            names["shortNames"] = list(self.short_names)
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": self.name},
            "spec": {
                "group": group,
                "names": names,
                "scope": "Namespaced" if self.is_namespaced else "Cluster",
                "versions": [self._version(version)],
            },
        }

    def _version(self, version: str) -> Schema:
        result: Schema = {
            "name": version,
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": self._schema()},
            "additionalPrinterColumns": [column.to_json() for column in self.columns],
        }
        if self.subresources:
            known: Schema = {"status": {}, "scale": SCALE}
            result["subresources"] = {name: known[name] for name in self.subresources}
        return result

    def _schema(self) -> Schema:
        properties: Schema = {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
        }
        for name, field in self.model.model_fields.items():
            if name not in {"api_version", "kind", "metadata"}:
                properties[name] = schema_of(field.annotation, keep_unknown=name != "status")
        required = ["metadata", "spec"] if self.model.model_fields["spec"].is_required() else ["metadata"]
        return {"type": "object", "required": required, "properties": properties}


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        Application,
        ARGO_API_VERSION,
        "applications",
        ("app", "apps"),
        columns=(
            Column("Sync Status", ".status.sync.status"),
            Column("Health Status", ".status.health.status"),
            Column("Revision", ".status.sync.revision", priority=10),
            Column("Project", ".spec.project", priority=10),
        ),
    ),
    Definition(project.AppProject, ARGO_API_VERSION, "appprojects", ("appproj", "appprojs"), columns=()),
    Definition(
        Rollout,
        ARGO_API_VERSION,
        "rollouts",
        ("ro",),
        subresources=("scale", "status"),
        columns=(
            Column("Desired", ".spec.replicas", "integer"),
            Column("Current", ".status.replicas", "integer"),
            Column("Up-to-date", ".status.updatedReplicas", "integer"),
            Column("Available", ".status.availableReplicas", "integer"),
            AGE,
        ),
    ),
    Definition(analysis.AnalysisTemplate, ARGO_API_VERSION, "analysistemplates", ("at",)),
    Definition(
        analysis.ClusterAnalysisTemplate, ARGO_API_VERSION, "clusteranalysistemplates", ("cat",), is_namespaced=False
    ),
    Definition(analysis.AnalysisRun, ARGO_API_VERSION, "analysisruns", ("ar",), columns=(RUN_STATUS, AGE)),
    Definition(Experiment, ARGO_API_VERSION, "experiments", ("exp",), columns=(RUN_STATUS, AGE)),
    Definition(
        own.RepositoryState,
        OWN_API_VERSION,
        "repositorystates",
        subresources=("status",),
        columns=(_in_state("Repository", "url"), AGE),
    ),
    Definition(
        own.ApplicationState,
        OWN_API_VERSION,
        "applicationstates",
        subresources=("status",),
        columns=(_in_state("Intent", "fence", "integer"), _in_state("Phase", "operation.phase"), AGE),
    ),
    Definition(
        own.RolloutState,
        OWN_API_VERSION,
        "rolloutstates",
        subresources=("status",),
        columns=(_in_state("Revision", "revision"), _in_state("Step", "step", "integer"), AGE),
    ),
    Definition(own.NotificationLedger, OWN_API_VERSION, "notificationledgers", subresources=("status",)),
)


def manifests() -> tuple[dict[str, Any], ...]:
    """All definitions as manifests, ready to be applied."""
    return tuple(definition.to_json() for definition in DEFINITIONS)
