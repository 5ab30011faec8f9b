"""The canary steps that this part walks: setWeight, pause and inline analysis (rollouts.md §1)."""

from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.json_access import maps, only, section, text
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.problems import invalid
from wavegate.rollout_analyzer.domain.times import pause_seconds

PATH = "spec.strategy.canary.steps"
_KINDS = ("setWeight", "pause", "analysis")
_UNSUPPORTED = {
    "experiment": "the experiment step",
    "setCanaryScale": "the setCanaryScale step",
    "setHeaderRoute": "the setHeaderRoute step",
    "setMirrorRoute": "the setMirrorRoute step",
    "plugin": "the plugin step",
}
_ONE_KIND = "Step must have one of the following set: experiment, setWeight, setCanaryScale, plugin, pause or analysis"


@dataclass(frozen=True, slots=True)
class SetWeight:
    """Send this share of the traffic, in percent, to the canary."""

    weight: int

    @property
    def kind(self) -> str:
        """Return the step's key."""
        return "setWeight"

    def __str__(self) -> str:
        return f"setWeight: {self.weight}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for `seconds`, or for a person when None. `written` is the duration as given."""

    seconds: int | None = None
    written: str = ""

    @property
    def kind(self) -> str:
        """Return the step's key."""
        return "pause"

    def __str__(self) -> str:
        return f"pause: {self.written}" if self.written else "pause"


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """A template to measure by; `cluster` ones have no namespace."""

    name: str
    cluster: bool = False

    def __str__(self) -> str:
        return f"{'ClusterAnalysisTemplate' if self.cluster else 'AnalysisTemplate'} '{self.name}'"


@dataclass(frozen=True, slots=True)
class Analysis:
    """Measure; go on only if the verdict is good. `args` and `metadata` are as the step gives them."""

    templates: tuple[TemplateRef, ...]
    args: tuple[Json, ...] = ()
    metadata: Json | None = None

    @property
    def kind(self) -> str:
        """Return the step's key."""
        return "analysis"

    def __str__(self) -> str:
        return "analysis"


Step = SetWeight | Pause | Analysis


def read_steps(steps: list[Json]) -> tuple[Step, ...]:
    """Read the steps.

    Raises:
        Unusable: A step is invalid or of a kind that is not supported.
    """
    return tuple(_step(f"{PATH}[{index}]", step) for index, step in enumerate(steps))


def _step(path: str, step: Json) -> Step:
    only(step, path, _KINDS, _UNSUPPORTED)
    given = [kind for kind in _KINDS if step.get(kind) is not None]
    if len(given) != 1:
        raise invalid(path, step, _ONE_KIND)
    if given == ["setWeight"]:
        return _weight(path, step)
    if given == ["pause"]:
        return _pause(f"{path}.pause", section(step, path, "pause") or {})
    return _analysis(f"{path}.analysis", section(step, path, "analysis") or {})


def _weight(path: str, step: Json) -> SetWeight:
    weight = step["setWeight"]
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 100:
        raise invalid(f"{path}.setWeight", weight, "SetWeight needs to be between 0 and max weight")
    return SetWeight(weight)


def _pause(path: str, pause: Json) -> Pause:
    only(pause, path, ("duration",))
    duration = pause.get("duration")
    if duration is None:
        return Pause()
    seconds = pause_seconds(duration)
    if seconds < 0:
        raise invalid(f"{path}.duration", duration, "Duration needs to be greater than 0")
    return Pause(seconds, str(duration))


def _analysis(path: str, analysis: Json) -> Analysis:
    only(analysis, path, ("templates", "args", "analysisRunMetadata"))
    templates = tuple(
        TemplateRef(text(one, f"{path}.templates", "templateName"), bool(one.get("clusterScope")))
        for one in maps(analysis, path, "templates")
    )
    if not templates or not all(one.name for one in templates):
        raise invalid(f"{path}.templates", analysis.get("templates"), "must name at least one template")
    args = tuple(maps(analysis, path, "args"))
    if not all(isinstance(one.get("name"), str) and one["name"] for one in args):
        raise invalid(f"{path}.args", list(args), "every argument needs a name")
    return Analysis(templates, args, section(analysis, path, "analysisRunMetadata"))
