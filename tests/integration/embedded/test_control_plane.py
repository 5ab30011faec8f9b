"""What the API server lets each caller do, and what it writes down about it."""

import base64
import json
import ssl

import pytest

from wavegate.contracts.routing import SERVICES
from wavegate.embedded.platform import NAMESPACE
from wavegate.embedded.probes import http_ready
from wavegate.kube import Forbidden, GroupVersionKind, KubeClient, Selection

pytestmark = pytest.mark.integration

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
SECRET = GroupVersionKind("", "v1", "Secret")
POD = GroupVersionKind("", "v1", "Pod")
PROJECT = GroupVersionKind("argoproj.io", "v1alpha1", "AppProject")
APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")


def connect(kubeconfig):
    return KubeClient.connect(kubeconfig, field_manager="test")


async def test_it_begins_with_the_default_project_as_argo_cd_does(control_plane):
    async with connect(control_plane.kubeconfig) as kube:
        project = await kube.get(PROJECT, NAMESPACE, "default")
    assert project["spec"]["sourceRepos"] == ["*"]
    assert project["spec"]["destinations"] == [{"namespace": "*", "server": "*"}]


@pytest.mark.parametrize("service", SERVICES)
async def test_each_service_is_known_by_its_own_name(control_plane, service):
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}}
    async with connect(control_plane.kubeconfigs[service]) as kube:
        answer = await kube.create(review)
    assert answer["status"]["userInfo"]["username"] == f"wavegate:{service}"


@pytest.mark.parametrize("service", ["git-watcher", "notifier"])
async def test_a_service_reads_applications_in_the_control_plane_namespace(control_plane, service):
    async with connect(control_plane.kubeconfigs[service]) as kube:
        await kube.list(APPLICATION, Selection(NAMESPACE))
        with pytest.raises(Forbidden):
            await kube.list(POD, Selection("default"))
        with pytest.raises(Forbidden):
            await kube.list(SECRET, Selection("kube-system"))


async def test_the_renderer_reads_the_version_and_no_object(control_plane):
    async with connect(control_plane.kubeconfigs["renderer"]) as kube:
        assert await kube.version()
        for kind in (APPLICATION, SECRET):
            with pytest.raises(Forbidden):
                await kube.list(kind, Selection(NAMESPACE))


async def test_git_watcher_reads_the_webhooks_secret_and_no_other(control_plane):
    async with connect(control_plane.kubeconfigs["git-watcher"]) as kube:
        await kube.list(SECRET, Selection(NAMESPACE, fields="metadata.name=argocd-secret"))
        with pytest.raises(Forbidden):
            await kube.list(SECRET, Selection(NAMESPACE))


@pytest.mark.shows(
    "A Kubernetes identity with least privilege for each service", "works", "the syncer alone may write any kind"
)
async def test_only_the_syncer_may_create_what_it_likes(control_plane):
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "default", "name": "by-syncer"}}
    for service in SERVICES:
        async with connect(control_plane.kubeconfigs[service]) as kube:
            if service == "syncer":
                await kube.create(made)
            else:
                with pytest.raises(Forbidden):
                    await kube.create(made)


async def test_nobody_is_let_in_without_a_certificate(control_plane):
    config = json.loads(control_plane.kubeconfig.read_text())["clusters"][0]["cluster"]
    trusting = ssl.create_default_context(cadata=base64.b64decode(config["certificate-authority-data"]).decode())
    assert not await http_ready(int(config["server"].rsplit(":", 1)[1]), "/api/v1/namespaces", trusting)()


async def test_the_audit_log_tells_who_wrote_which_field(control_plane):
    made = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": "default", "name": "audited"},
        "data": {"field": "value"},
    }
    async with connect(control_plane.kubeconfigs["syncer"]) as kube:
        await kube.create(made)
    lines = [json.loads(line) for line in control_plane.audit_log.read_text().splitlines()]
    (written,) = [line for line in lines if line.get("objectRef", {}).get("name") == "audited"]
    assert written["user"]["username"] == "wavegate:syncer"
    assert written["verb"] == "create"
    assert written["requestObject"]["data"] == {"field": "value"}


async def test_the_audit_log_holds_no_secret(control_plane):
    async with connect(control_plane.kubeconfig) as kube:
        held = await kube.get(SECRET, NAMESPACE, "argocd-secret")
    assert held["data"]["webhook.github.secret"]
    logged = control_plane.audit_log.read_text()
    assert control_plane.webhook_secret not in logged
    assert held["data"]["webhook.github.secret"] not in logged
