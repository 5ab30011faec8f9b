from typing import Any

from wavegate.manifests.identity import GroupKind
from wavegate.syncer.domain.hooks import phases_of
from wavegate.syncer.domain.wanted import Placing, wanted

PLACING = Placing("app", "prod")


def obj(kind: str, name: str, api: str = "v1", wave: int = 0, **more: Any) -> dict[str, Any]:
    metadata = {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": str(wave)}}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def served(kind: GroupKind) -> bool | None:
    return {"Namespace": False, "CustomResourceDefinition": False, "ConfigMap": True}.get(kind.kind)


def test_stages_are_waves_in_order_and_objects_stand_in_the_order_of_writing() -> None:
    made = wanted(
        [obj("ConfigMap", "late", wave=3), obj("Deployment", "d", "apps/v1"), obj("ConfigMap", "c")], PLACING, served
    )

    assert [(stage.wave, [key.name for key in stage.keys]) for stage in made.stages] == [(0, ["c", "d"]), (3, ["late"])]
    assert [key.name for key in made.objects] == ["c", "d", "late"]
    assert made.wave_numbers == (0, 3)


def test_a_definition_with_objects_of_its_kind_makes_a_stage_of_its_own() -> None:
    definition = obj(
        "CustomResourceDefinition",
        "widgets.example.com",
        "apiextensions.k8s.io/v1",
        spec={"group": "example.com", "names": {"kind": "Widget"}, "scope": "Namespaced"},
    )
    made = wanted([obj("Widget", "w", "example.com/v1"), obj("ConfigMap", "c"), definition], PLACING, served)

    assert [([key.kind for key in stage.keys], stage.defining) for stage in made.stages] == [
        (["ConfigMap", "CustomResourceDefinition"], True),
        (["Widget"], False),
    ]
    assert made.wave_numbers == (0,)


def test_hooks_are_read_from_both_annotations() -> None:
    assert phases_of({"kind": "Job", "metadata": {}}) is None
    assert phases_of({"metadata": {"annotations": {"argocd.argoproj.io/hook": "PreSync, PostSync"}}}) == (
        "PreSync",
        "PostSync",
    )
    assert phases_of({"metadata": {"annotations": {"argocd.argoproj.io/hook": "Skip"}}}) == ()
    assert phases_of({"metadata": {"annotations": {"helm.sh/hook": "pre-install,pre-upgrade"}}}) == ("PreSync",)
    assert phases_of({"metadata": {"annotations": {"helm.sh/hook": "test"}}}) == ()
    assert phases_of({"metadata": {"annotations": {"helm.sh/hook": "crd-install"}}}) is None
