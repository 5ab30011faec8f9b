"""Digests say whether something moved; managedFields say what and by whom."""

import copy
from typing import Any

from wavegate.manifests.drift import baseline, drift_of, in_sync
from wavegate.manifests.identity import annotated
from wavegate.manifests.projection import projected

OURS = "wavegate-syncer"


def deployment() -> dict[str, Any]:
    container = {
        "name": "app",
        "image": "a:1",
        "resources": {"requests": {"cpu": "1000m"}},
        "ports": [{"containerPort": 80}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "n", "labels": {"team": "x"}},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [container]}}},
    }


def returned() -> dict[str, Any]:
    """As the API server answers: canonical quantities, defaults, status, a book of owners."""
    live = copy.deepcopy(deployment())
    live["metadata"].update(uid="u", resourceVersion="5", generation=1)
    live["spec"]["progressDeadlineSeconds"] = 600
    container = live["spec"]["template"]["spec"]["containers"][0]
    container["resources"]["requests"]["cpu"] = "1"
    container["ports"] = [{"containerPort": 80, "protocol": "TCP"}]
    container["terminationMessagePath"] = "/dev/termination-log"
    live["status"] = {"replicas": 2}
    owned_container = {
        ".": {},
        "f:name": {},
        "f:image": {},
        "f:resources": {"f:requests": {"f:cpu": {}}},
        "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
    }
    fields = {
        "f:metadata": {"f:labels": {"f:team": {}}},
        "f:spec": {
            "f:replicas": {},
            "f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': owned_container}}},
        },
    }
    live["metadata"]["managedFields"] = [
        {"manager": OURS, "operation": "Apply", "fieldsV1": fields, "time": "2026-01-01T00:00:00Z"},
    ]
    return live


def test_what_the_server_filled_in_is_no_drift() -> None:
    assert in_sync(deployment(), returned(), baseline(deployment(), returned()))
    assert drift_of(deployment(), returned(), OURS).fields == ()


def test_status_and_fields_of_others_are_no_drift() -> None:
    live = returned()
    live["status"] = {"replicas": 1}
    live["spec"]["minReadySeconds"] = 3
    live["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": "2"}
    live["spec"]["template"]["spec"]["containers"].append({"name": "sidecar", "image": "s"})

    assert in_sync(deployment(), live, baseline(deployment(), returned()))


def test_a_changed_field_is_named_with_who_changed_it() -> None:
    live = returned()
    live["spec"]["template"]["spec"]["containers"][0]["image"] = "evil"
    book = live["metadata"]["managedFields"]
    del book[0]["fieldsV1"]["f:spec"]["f:template"]["f:spec"]["f:containers"]['k:{"name":"app"}']["f:image"]
    book.append({"manager": "kubectl-edit", "operation": "Update", "fieldsV1": {}, "time": "2026-01-02T00:00:00Z"})
    book.append(
        {
            "manager": "kube-controller-manager",
            "operation": "Update",
            "subresource": "status",
            "time": "2026-01-03T00:00:00Z",
        }
    )

    assert not in_sync(deployment(), live, baseline(deployment(), returned()))
    drift = drift_of(deployment(), live, OURS)
    assert drift.fields == ("spec.template.spec.containers[app].image",)
    assert drift.manager == "kubectl-edit"


def test_a_removed_field_is_named() -> None:
    live = returned()
    del live["metadata"]["labels"]

    assert drift_of(deployment(), live, OURS).fields == ("metadata.labels.team",)


def test_our_own_marks_are_outside_every_digest() -> None:
    marks = {"wavegate.dev/intent": "9", "wavegate.dev/cause": "{}"}

    assert baseline(annotated(deployment(), marks), annotated(returned(), marks)) == baseline(deployment(), returned())


def test_an_atomic_map_is_compared_whole() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"selector": {"app": "x"}}}
    stolen = {**service, "spec": {"selector": {"app": "x", "also": "y"}}}

    assert projected(service, stolen)["spec"] == {"selector": {"app": "x", "also": "y"}}


def test_lists_of_custom_resources_are_compared_whole() -> None:
    wanted = {"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "spec": {"http": [{"name": "a"}]}}
    live = {**wanted, "spec": {"http": [{"name": "a"}, {"name": "b"}]}}

    assert projected(wanted, live)["spec"] == live["spec"]


def test_excluded_places_do_not_count() -> None:
    live = returned()
    live["spec"]["replicas"] = 7
    paths = [("spec", "replicas")]

    assert in_sync(deployment(), live, baseline(deployment(), returned(), paths), paths)
