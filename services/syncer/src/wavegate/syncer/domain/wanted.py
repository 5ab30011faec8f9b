"""A bundle as the objects that an application wants, and the stages in which they are written.

A stage is a wave, or the part of one: where a wave brings a CustomResourceDefinition together with objects of its kind, the
definition's part comes first and only it is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from wavegate.manifests import waves
from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey, group_kind_of, key_of, tracked
from wavegate.manifests.normalising import normalised
from wavegate.syncer.domain import hooks


class Placing(NamedTuple):
    """What decides how rendered objects are named: the tracking name and the namespace of those without one."""

    application: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Stage:
    """Objects that are written together. `defining` means that a definition in it is to be served before the next stage."""

    wave: int
    keys: tuple[ObjectKey, ...]
    defining: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """The objects of one bundle, in the order of writing.

    Attributes:
        objects: by key, tracking ids included.
        stages: all keys, stage by stage.
        waves: each object's effective wave.
        repeated: keys that were rendered more than once, and how often.
        hooks: objects that are no part of the sync set, with why (see `hooks`).
    """

    objects: Mapping[ObjectKey, JsonObject]
    stages: tuple[Stage, ...] = ()
    waves: Mapping[ObjectKey, int] = field(default_factory=dict)
    repeated: Mapping[ObjectKey, int] = field(default_factory=dict)
    hooks: tuple[hooks.Hook, ...] = ()

    @property
    def wave_numbers(self) -> tuple[int, ...]:
        """The waves, lowest first."""
        return tuple(dict.fromkeys(stage.wave for stage in self.stages))

    def defines(self, kind: GroupKind) -> bool:
        """Say whether a definition of `kind` is among the objects."""
        return any(waves.defined_kind(obj) == kind for obj in self.objects.values())


NOTHING = Wanted({})


def wanted(rendered: Iterable[JsonObject], placing: Placing, namespaced: Callable[[GroupKind], bool | None]) -> Wanted:
    """Return what a rendered bundle wants."""
    ready = normalised(rendered, placing.namespace, namespaced)
    kept, found = hooks.parted(ready.objects)
    marked = [tracked(obj, placing.application, placing.namespace) for obj in kept]
    numbers = waves.effective_waves(marked)
    stages = tuple(stage for wave, members in waves.by_wave(marked) for stage in _stages(wave, members))
    by_key = {key_of(obj): obj for obj in marked}
    ordered = {key: by_key[key] for stage in stages for key in stage.keys}
    return Wanted(ordered, stages, numbers, ready.repeated, found)


def _stages(wave: int, members: list[JsonObject]) -> Iterable[Stage]:
    defined = {kind for obj in members if (kind := waves.defined_kind(obj)) is not None}
    if not any(group_kind_of(obj) in defined for obj in members):
        yield Stage(wave, tuple(map(key_of, members)))
        return
    last = max(index for index, obj in enumerate(members) if waves.defined_kind(obj) is not None)
    yield Stage(wave, tuple(map(key_of, members[: last + 1])), defining=True)
    yield Stage(wave, tuple(map(key_of, members[last + 1 :])))


def kinds_of(wanted_: Wanted) -> tuple[tuple[str, str], ...]:
    """Return the (apiVersion, kind) pairs of the objects, each once."""
    return tuple(dict.fromkeys((str(obj["apiVersion"]), str(obj["kind"])) for obj in wanted_.objects.values()))
