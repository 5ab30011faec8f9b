"""Argo Rollouts' Experiment. Wavegate does not run experiments yet; the kind is known so that it can be refused by name."""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.model import Free, Part, Resource


class ExperimentSpec(Part):
    """What an experiment wants."""

    templates: tuple[Free, ...] = ()
    analyses: tuple[Free, ...] = ()
    duration: str = ""
    terminate: bool = False


class Experiment(Resource):
    """Several versions that run side by side for a while."""

    spec: ExperimentSpec
    status: Free = Field(default_factory=dict)
