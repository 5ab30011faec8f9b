"""Argo CD's own catalog of triggers, and templates as people write them, through the real Go worker."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.goworker import GoWorkerPool, binary
from wavegate.notifier.adapters.languages import GoLanguages
from wavegate.notifier.domain.scopes import Scope

AT, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"
NOW = datetime(2026, 1, 1, 1, tzinfo=UTC)
ONCE = "app.status.operationState?.syncResult?.revision"
CATALOG = {
    "on-created": "true",
    "on-deleted": "app.metadata.deletionTimestamp != nil",
    "on-deployed": (
        "app.status.operationState != nil and app.status.operationState.phase in ['Succeeded'] "
        "and app.status.health.status == 'Healthy' and (!time.Parse(app.status.health.lastTransitionTime)"
        ".Add(1 * time.Minute).Before(time.Parse(app.status.operationState.finishedAt)) or "
        "time.Parse(app.status.health.lastTransitionTime).Before(time.Parse(app.status.operationState.startedAt)))"
    ),
    "on-health-degraded": "app.status.health.status == 'Degraded'",
    "on-sync-failed": "app.status.operationState != nil and app.status.operationState.phase in ['Error', 'Failed']",
    "on-sync-running": "app.status.operationState != nil and app.status.operationState.phase in ['Running']",
    "on-sync-status-unknown": "app.status.sync.status == 'Unknown'",
    "on-sync-succeeded": "app.status.operationState != nil and app.status.operationState.phase in ['Succeeded']",
}


@pytest.fixture
async def languages() -> AsyncIterator[GoLanguages]:
    async with GoWorkerPool(binary.locate(), size=1) as pool:
        yield GoLanguages(pool)


def application(phase: str, health: str = "Healthy", moved: str = AT) -> dict[str, Any]:
    operation = {"phase": phase, "startedAt": AT, "finishedAt": AT, "syncResult": {"revision": "abc", "n": 1234567}}
    return {
        "metadata": {"name": "fraud"},
        "status": {
            "sync": {"status": "Synced"},
            "health": {"status": health, "lastTransitionTime": moved},
            "operationState": operation,
        },
    }


def scope(app: dict[str, Any], **variables: Any) -> Scope:
    return Scope({"app": app, "context": {"argocdUrl": "https://argocd.example.com"}} | variables, NOW, {"k": b"s3"})


@pytest.mark.shows(
    "Notifications: triggers, templates and subscriptions of Argo CD",
    "works",
    "`repo.GetCommitMetadata` and `repo.GetAppDetails` are errors",
)
@pytest.mark.parametrize(
    ("app", "fires"),
    [
        (application("Succeeded"), {"on-created", "on-deployed", "on-sync-succeeded"}),
        (application("Succeeded", moved="2025-12-31T23:00:00Z"), {"on-created", "on-deployed", "on-sync-succeeded"}),
        (application("Failed", "Degraded", LATER), {"on-created", "on-sync-failed", "on-health-degraded"}),
        (application("Running"), {"on-created", "on-sync-running"}),
    ],
)
async def test_the_catalogs_triggers_fire_as_they_do_in_argo_cd(
    languages: GoLanguages, app: dict[str, Any], fires: set[str]
) -> None:
    verdicts = {name: await languages.evaluate(when, ONCE, scope(app)) for name, when in CATALOG.items()}
    assert {name for name, verdict in verdicts.items() if verdict.triggered} == fires
    assert {verdict.once_per for verdict in verdicts.values() if verdict.triggered} == {"abc"}
    assert {verdict.error for verdict in verdicts.values()} == {""}


async def test_a_condition_over_what_is_not_there_is_an_error_and_its_once_per_is_nil(languages: GoLanguages) -> None:
    empty = scope({"metadata": {}, "status": {}})
    assert (await languages.evaluate(CATALOG["on-health-degraded"], "", empty)).error
    assert (await languages.evaluate("true", ONCE, empty)).once_per == "<nil>"
    assert "unexpected token" in (await languages.evaluate("true &&", "", empty)).error


async def test_templates_print_as_in_argo_cd(languages: GoLanguages) -> None:
    app = application("Succeeded")
    texts = {
        "a": '{{if eq .serviceType "slack"}}:x:{{end}} {{.app.metadata.name | upper}} {{.recipient}}',
        "b": "{{.app.status.operationState.syncResult.n}} {{.app.nope}} {{.secrets.k | toString}}",
        "c": "{{(call .time.Parse .app.status.operationState.startedAt).Year}} {{.context.argocdUrl}}",
    }
    rendered = await languages.render(texts, scope(app, serviceType="slack", recipient="ml"))
    assert rendered == {
        "a": ":x: FRAUD ml",
        "b": "1234567 <no value> s3",
        "c": "2026 https://argocd.example.com",
    }


@pytest.mark.parametrize("text", ["{{.app.metadata.name | nope}}", "{{if}}", '{{fail "no"}}', '{{env "HOME"}}'])
async def test_a_template_that_fails_is_refused_with_gos_own_words(languages: GoLanguages, text: str) -> None:
    with pytest.raises(Rejected) as failure:
        await languages.render({"message.0": text}, scope({"metadata": {"name": "x"}}))
    assert failure.value.reason is Reason.TEMPLATE_FAILED
    assert "message.0" in failure.value.message


async def test_a_template_without_end_is_stopped(languages: GoLanguages) -> None:
    with pytest.raises(Rejected) as failure:
        await languages.render({"message.0": '{{range until 100000000}}{{"x" | repeat 1000}}{{end}}'}, scope({}))
    assert failure.value.reason is Reason.TEMPLATE_FAILED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("- when: yes\n  send: [a]\n", [{"when": True, "send": ["a"]}]),
        ("", None),
        ("# only a comment\n", None),
        ("---\n[a, b]\n", ["a", "b"]),
    ],
)
async def test_yaml_is_read_as_kubernetes_reads_it(languages: GoLanguages, text: str, value: Any) -> None:
    assert await languages.value_of(text) == value


@pytest.mark.parametrize("text", ["{", "a: 1\n---\nb: 2\n", "a: &a [*a]\n"])
async def test_what_is_no_yaml_is_refused_by_name(languages: GoLanguages, text: str) -> None:
    with pytest.raises(Rejected) as failure:
        await languages.value_of(text)
    assert failure.value.reason is Reason.INVALID_CONFIGURATION
