import pytest

from wavegate.manifests.identity import key_of
from wavegate.manifests.waves import by_kind, by_wave, wave_of


def obj(kind: str, name: str, wave: str | None = None, api: str = "v1", namespace: str = "n", **more: object) -> dict:
    annotations = {"argocd.argoproj.io/sync-wave": wave} if wave is not None else {}
    metadata = {"name": name, "annotations": annotations, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


@pytest.mark.parametrize(
    ("annotations", "wave"),
    [
        ({}, 0),
        ({"argocd.argoproj.io/sync-wave": "-5"}, -5),
        ({"argocd.argoproj.io/sync-wave": "+3"}, 3),
        ({"argocd.argoproj.io/sync-wave": "x", "helm.sh/hook-weight": "4"}, 4),
        ({"helm.sh/hook-weight": "4"}, 4),
        ({"argocd.argoproj.io/sync-wave": "1.5"}, 0),
        ({"argocd.argoproj.io/sync-wave": ""}, 0),
    ],
)
def test_waves_are_integers_or_nothing(annotations: dict, wave: int) -> None:
    assert wave_of({"metadata": {"annotations": annotations}}) == wave


def test_waves_then_kinds_then_names() -> None:
    objects = [
        obj("Deployment", "z", api="apps/v1"),
        obj("Widget", "a", api="example.com/v1"),
        obj("ConfigMap", "b"),
        obj("ConfigMap", "a"),
        obj("ServiceAccount", "s"),
        obj("Job", "early", "-1", api="batch/v1"),
        obj("Namespace", "late", "2", namespace=""),
    ]
    ordered = [(wave, [o["metadata"]["name"] for o in members]) for wave, members in by_wave(objects)]

    assert ordered == [(-1, ["early"]), (0, ["s", "a", "b", "z", "a"]), (2, ["late"])]


def test_a_namespace_comes_no_later_than_what_lives_in_it() -> None:
    objects = [obj("Namespace", "n", "5", namespace=""), obj("ConfigMap", "c", "1")]

    assert [wave for wave, _ in by_wave(objects)] == [1]
    assert [key_of(o).kind for _, members in by_wave(objects) for o in members] == ["Namespace", "ConfigMap"]


def test_a_definition_comes_no_later_than_objects_of_its_kind() -> None:
    spec = {"group": "example.com", "names": {"kind": "Widget"}}
    definition = obj("CustomResourceDefinition", "w", "9", api="apiextensions.k8s.io/v1", namespace="", spec=spec)
    objects = [obj("Widget", "a", "-1", api="example.com/v1"), definition]

    assert [(wave, [o["kind"] for o in members]) for wave, members in by_wave(objects)] == [
        (-1, ["CustomResourceDefinition", "Widget"])
    ]


def test_runs_of_one_kind_are_written_together() -> None:
    members = by_wave([obj("ConfigMap", "a"), obj("ConfigMap", "b"), obj("Service", "s")])[0][1]

    assert [[o["metadata"]["name"] for o in run] for run in by_kind(members)] == [["a", "b"], ["s"]]
