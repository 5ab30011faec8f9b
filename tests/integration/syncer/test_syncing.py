"""What the memory API server of the flow tests stands for, on the real one."""

from typing import Any

import pytest

from wavegate.kube import GroupVersionKind
from wavegate.manifests.identity import intent_of

URL = "https://git.example/team/fraud.git"

pytestmark = pytest.mark.integration

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
SERVICE = GroupVersionKind("", "v1", "Service")
ROLLOUT = GroupVersionKind("argoproj.io", "v1alpha1", "Rollout")


def config_map(name: str, wave: int = 0, **data: str) -> dict[str, Any]:
    annotations = {"argocd.argoproj.io/sync-wave": str(wave)}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "annotations": annotations},
        "data": data,
    }


def deployment(image: str = "nginx:1") -> dict[str, Any]:
    """With quantities that the API server spells otherwise, and much that it fills in."""
    container = {
        "name": "app",
        "image": image,
        "resources": {"requests": {"cpu": "1000m", "memory": "1024Mi"}},
        "ports": [{"containerPort": 80}],
        "env": [{"name": "A", "value": "1"}],
    }
    labels = {"app": "x"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "app"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


async def test_a_commit_is_applied_shown_and_owned(place) -> None:
    await place.application()
    sha = await place.push(config_map("one", a="1", b="2"), deployment())
    status = await place.status()

    assert status["sync"]["status"] == "Synced"
    assert status["sync"]["revision"] == sha
    assert status["operationState"]["phase"] == "Succeeded"
    assert status["operationState"]["syncResult"]["revision"] == sha
    assert status["summary"]["images"] == ["nginx:1"]
    assert status["health"]["status"] == "Progressing"
    live = await place.live(CONFIG_MAP, "one")
    assert live["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == (
        f"{place.name}:/ConfigMap:{place.namespace}/one"
    )
    assert intent_of(live) == 1
    assert [(e["manager"], e["operation"]) for e in live["metadata"]["managedFields"]] == [("wavegate-syncer", "Apply")]
    assert await place.is_quiet()


async def test_defaults_and_canonical_quantities_are_no_drift_and_a_second_look_writes_nothing(place) -> None:
    await place.application()
    await place.push(deployment())
    before = (await place.live(DEPLOYMENT, "app"))["metadata"]["resourceVersion"]
    shown = (await place.shown())["metadata"]["resourceVersion"]
    await place.look()
    await place.push(deployment(), config_map("more"))

    assert (await place.live(DEPLOYMENT, "app"))["metadata"]["resourceVersion"] == before
    assert (await place.shown())["metadata"]["resourceVersion"] != shown
    assert place.events("DriftDetected") == []
    result = (await place.status())["operationState"]["syncResult"]["resources"]
    assert [r["message"] for r in result] == ["configmap/more created", "deployment.apps/app unchanged"]


async def test_a_field_that_git_drops_goes(place) -> None:
    await place.application()
    await place.push(config_map("one", a="1", b="2"))
    await place.push(config_map("one", a="1"))

    assert (await place.live(CONFIG_MAP, "one"))["data"] == {"a": "1"}


async def test_a_hand_edit_is_told_with_fields_and_manager_and_healed(place) -> None:
    await place.application()
    await place.push(deployment())
    edit = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "evil:1"}]
    await place.people.patch(DEPLOYMENT, place.namespace, "app", edit)

    async def is_healed() -> bool:
        return bool(place.events("DriftHealed"))

    await place.looks_until(is_healed)
    live = await place.live(DEPLOYMENT, "app")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1"
    drift = place.events("DriftDetected")[0].data
    assert drift["fields"] == ["spec.template.spec.containers[app].image"]
    assert drift["manager"] == "kubectl-edit"
    assert len(place.events("DriftHealed")) == 1
    assert await place.is_quiet()


async def test_a_deleted_object_comes_back(place) -> None:
    await place.application()
    await place.push(config_map("one", a="1"))
    await place.people.delete(CONFIG_MAP, place.namespace, "one")

    async def is_back() -> bool:
        return await place.live(CONFIG_MAP, "one") is not None

    await place.looks_until(is_back)
    assert (await place.live(CONFIG_MAP, "one"))["data"] == {"a": "1"}


async def test_what_the_api_server_refuses_is_named_and_nothing_is_written(place) -> None:
    await place.application()
    broken = deployment()
    broken["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": 99999999}]
    await place.push(config_map("one"), broken)
    status = await place.status()

    assert await place.live(CONFIG_MAP, "one") is None
    assert status["operationState"]["message"].startswith("one or more objects failed to apply (dry run)")
    failed = [r for r in status["operationState"]["syncResult"]["resources"] if r["status"] == "SyncFailed"]
    assert [r["name"] for r in failed] == ["app"]
    assert "must be between 1 and 65535" in failed[0]["message"]
    assert place.events("SyncFailed")[0].data["resource"]["name"] == "app"
    assert await place.is_quiet()


async def test_unknown_fields_are_refused(place) -> None:
    await place.application()
    odd = config_map("one")
    odd["datta"] = {"a": "1"}
    await place.push(odd)

    failed = (await place.status())["operationState"]["syncResult"]["resources"]
    assert "datta" in failed[0]["message"]


async def test_what_git_dropped_is_pruned(place) -> None:
    await place.application(
        syncPolicy={"automated": {"prune": True}, "syncOptions": ["PrunePropagationPolicy=background"]}
    )
    await place.push(config_map("one"), config_map("two", wave=1))
    await place.push(config_map("one"))

    assert await place.live(CONFIG_MAP, "two") is None
    assert (await place.status())["sync"]["status"] == "Synced"
    assert await place.is_quiet()


async def test_a_definition_and_its_objects_come_in_one_sync(place) -> None:
    kind = f"Thing{place.name[-8:]}"
    plural = kind.lower() + "s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    await place.application()
    await place.push({"apiVersion": "example.com/v1", "kind": kind, "metadata": {"name": "t"}, "spec": {}}, definition)

    async def ended() -> bool:
        return (await place.status())["operationState"]["phase"] != "Running"

    await place.looks_until(ended)
    assert (await place.status())["operationState"]["phase"] == "Succeeded"
    assert await place.live(GroupVersionKind("example.com", "v1", kind), "t") is not None


async def test_a_canary_is_left_alone(place) -> None:
    """The selector that another controller sets on a Rollout's Service is kept, and no drift."""
    selector = {"app": "x"}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "canary"},
        "spec": {"selector": selector, "ports": [{"port": 80}]},
    }
    template = deployment()["spec"]["template"]
    rollout = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "model", "annotations": {"argocd.argoproj.io/sync-wave": "1"}},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": selector},
            "template": template,
            "strategy": {"canary": {"canaryService": "canary", "steps": [{"setWeight": 10}]}},
        },
    }
    await place.application()
    await place.push(service, rollout)
    hashed = {"app": "x", "rollouts-pod-template-hash": "abc"}
    await place.people.patch(SERVICE, place.namespace, "canary", {"spec": {"selector": hashed}})
    await place.until(lambda: place.name in place.touched)
    await place.look()
    labelled = {**service, "metadata": {"name": "canary", "labels": {"team": "fraud"}}}
    await place.push(labelled, rollout)

    live = await place.live(SERVICE, "canary")
    assert live["spec"]["selector"] == hashed
    assert live["metadata"]["labels"] == {"team": "fraud"}
    assert place.events("DriftDetected") == []
    cause = (await place.live(ROLLOUT, "model"))["metadata"]["annotations"]["wavegate.dev/cause"]
    assert '"seq":1' in cause


async def test_a_secret_never_shows(place) -> None:
    await place.application()
    password = "correct-horse-battery"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s"},
        "type": "Opaque",
        "stringData": {"p": password},
    }
    bad = {**secret, "metadata": {"name": "bad"}, "stringData": {"p": password, "not/allowed": password}}
    await place.push(secret, bad)
    everything = repr(await place.shown()) + repr([entry.data for entry in place.bus.stored.values()])

    assert "SyncFailed" in everything
    assert password not in everything
    assert "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5" not in everything


async def test_lost_state_is_rebuilt_without_a_write(place) -> None:
    await place.application()
    await place.push(config_map("one", a="1"), deployment())
    before = (await place.live(DEPLOYMENT, "app"))["metadata"]["resourceVersion"]
    state = GroupVersionKind("wavegate.dev", "v1alpha1", "ApplicationState")
    await place.people.delete(state, "argocd", place.name)
    place.store.forget(place.key)
    await place.push(config_map("one", a="1"), deployment())

    assert (await place.live(DEPLOYMENT, "app"))["metadata"]["resourceVersion"] == before
    assert (await place.status())["sync"]["status"] == "Synced"
    assert (await place.status())["history"][-1]["id"] == 1


async def test_a_requested_sync_is_done_and_the_request_taken_out(place) -> None:
    await place.application(syncPolicy={})
    await place.push(config_map("one"))
    assert (await place.status())["sync"]["status"] == "OutOfSync"
    request = {"operation": {"initiatedBy": {"username": "ann"}, "sync": {}}}
    patched = await place.people.patch(
        GroupVersionKind("argoproj.io", "v1alpha1", "Application"), "argocd", place.name, request
    )
    await place.until(
        lambda: (
            place.records.application(place.key)["metadata"]["resourceVersion"]
            == patched["metadata"]["resourceVersion"]
        )
    )
    await place.look()

    assert "operation" not in await place.shown()
    assert (await place.status())["operationState"]["phase"] == "Succeeded"
    assert await place.live(CONFIG_MAP, "one") is not None
    assert await place.is_quiet()


async def test_several_sources_are_shown_in_the_plural(place) -> None:
    sources = [{"repoURL": URL, "path": "deploy", "targetRevision": "main"}, {"repoURL": URL, "ref": "values"}]
    await place.application(source=None, sources=sources)
    sha = await place.push(config_map("one"))
    status = await place.status()

    assert status["sync"]["revisions"] == [sha]
    assert status["sync"]["comparedTo"]["sources"] == sources
    assert status["sourceTypes"] == ["Directory"]
    assert status["history"][0]["revisions"] == [sha]
    assert await place.is_quiet()


async def test_a_refused_application_says_so_once(place) -> None:
    await place.application(project="none", ignoreDifferences=[{"kind": "Deployment", "jqPathExpressions": [".x"]}])
    await place.push(config_map("one"))
    status = await place.status()

    assert [each["type"] for each in status["conditions"]] == ["InvalidSpecError", "InvalidSpecError"]
    assert status["sync"]["status"] == "Unknown"
    assert await place.is_quiet()


async def test_a_namespace_and_what_lives_in_it_come_in_one_sync(place) -> None:
    """The dry run leaves out what lives in a namespace that is not there yet."""
    name = f"{place.name}-own"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    inside = config_map("one", a="1")
    inside["metadata"]["namespace"] = name
    await place.application()
    await place.push(inside, namespace, config_map("two"))
    status = await place.status()

    assert status["operationState"]["phase"] == "Succeeded", status["operationState"]
    assert (await place.live(CONFIG_MAP, "one", name))["data"] == {"a": "1"}
