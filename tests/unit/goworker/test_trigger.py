"""Trigger conditions of notifications: dynamic typing, Go's times, `oncePer`."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wavegate.goworker import GoWorkerPool, NotificationScope, TriggerVerdict

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ON_DEPLOYED = (
    "app.status.operationState != nil and app.status.operationState.phase in ['Succeeded'] and "
    "app.status.health.status == 'Healthy' and (!time.Parse(app.status.health.lastTransitionTime)"
    ".Add(1 * time.Minute).Before(time.Parse(app.status.operationState.finishedAt)) or "
    "time.Parse(app.status.health.lastTransitionTime).Before(time.Parse(app.status.operationState.startedAt)))"
)


def app(**status: Any) -> NotificationScope:
    variables = {"app": {"metadata": {"name": "model"}, "status": status}, "context": {"argocdUrl": "https://x"}}
    return NotificationScope(variables, NOW)


def deployed(healthy_at: str) -> NotificationScope:
    return app(
        operationState={
            "phase": "Succeeded",
            "startedAt": "2026-03-04T05:00:00Z",
            "finishedAt": "2026-03-04T05:03:00Z",
            "syncResult": {"revision": "abc"},
        },
        health={"status": "Healthy", "lastTransitionTime": healthy_at},
    )


@pytest.mark.parametrize(
    ("healthy_at", "triggered"),
    [
        ("2026-03-04T05:02:30Z", True),  # within a minute before the end
        ("2026-03-04T05:04:00Z", True),  # after the end
        ("2026-03-04T04:59:00Z", True),  # before the start
        ("2026-03-04T05:01:30Z", False),  # in the middle, more than a minute before the end
    ],
)
async def test_on_deployed_of_the_catalog(pool: GoWorkerPool, healthy_at: str, triggered: bool) -> None:
    once_per = "app.status.operationState?.syncResult?.revision"
    verdict = await pool.evaluate_trigger(ON_DEPLOYED, deployed(healthy_at), once_per=once_per)
    assert verdict == TriggerVerdict(triggered, once_per="abc" if triggered else "")


@pytest.mark.parametrize(
    ("when", "triggered"),
    [
        ("true", True),
        ("", False),
        ("app.metadata.deletionTimestamp != nil", False),
        ("nobody == nil", True),
        ("app.status.sync.status == 'Unknown'", True),
        ("time.Now().Sub(time.Parse('2026-03-04T05:05:07Z')).Minutes() == 1", True),
        ("time.Now().Format(time.Kitchen) == '5:06AM'", True),
        ("strings.ReplaceAll(app.metadata.name, 'o', '0') == 'm0del'", True),
        ("repo.RepoURLToHTTPS('git@github.com:o/r.git') startsWith 'https://'", True),
        ("len(context.argocdUrl) > 5 and app.metadata.name matches '^m'", True),
    ],
)
async def test_conditions(pool: GoWorkerPool, when: str, triggered: bool) -> None:
    assert await pool.evaluate_trigger(when, app(sync={"status": "Unknown"})) == TriggerVerdict(triggered)


@pytest.mark.parametrize(
    ("once_per", "printed"),
    [("app.metadata.absent", "<nil>"), ("app.status.n", "1000000"), ("[1, 'a']", "[1 a]"), ("true", "true")],
)
async def test_once_per_is_printed_as_go_prints(pool: GoWorkerPool, once_per: str, printed: str) -> None:
    verdict = await pool.evaluate_trigger("true", app(n=1000000), once_per=once_per)
    assert verdict == TriggerVerdict(triggered=True, once_per=printed)


@pytest.mark.parametrize(
    ("when", "error"),
    [
        ("app.status.operationState.phase == 'x'", "cannot fetch phase from <nil>"),
        ("time.Parse('soon').Before(time.Now())", 'parsing time "soon" as'),
        ("1 +", "unexpected token EOF"),
        ("app.metadata.name", "expected bool, but got string"),
        ("1 > 'a'", "mismatched types int and string"),
    ],
)
async def test_what_cannot_run_does_not_trigger_and_says_why(pool: GoWorkerPool, when: str, error: str) -> None:
    verdict = await pool.evaluate_trigger(when, app(), once_per="app.metadata.name")
    assert (verdict.triggered, verdict.once_per) == (False, "")
    assert error in verdict.error


async def test_a_broken_once_per_leaves_the_trigger_and_says_why(pool: GoWorkerPool) -> None:
    verdict = await pool.evaluate_trigger("true", app(), once_per="app.a.b")
    assert (verdict.triggered, verdict.once_per) == (True, "")
    assert "cannot fetch b from <nil>" in verdict.error
