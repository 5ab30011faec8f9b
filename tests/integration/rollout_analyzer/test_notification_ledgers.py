"""The notifier's ledgers on a real API server, written and read by each service under its own identity."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.events import Emitted
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.contracts.references import ObjectRef
from wavegate.contracts.rollout import RolloutAborted
from wavegate.kube import KubeClient
from wavegate.kube.errors import RefusedCall
from wavegate.notifier.adapters.ledgers import KubeLedgers
from wavegate.notifier.domain.ledger import Ledger
from wavegate.rollout_analyzer.adapters.notification_ledgers import LEDGER, NotificationLedgers
from wavegate.runtime import outbox
from wavegate.runtime.memory import EPOCH

pytestmark = pytest.mark.integration


class Place:
    """A namespace, and each service's own client."""

    def __init__(self, namespace: str, analyzer: KubeClient, notifier: KubeClient) -> None:
        self.namespace, self.analyzer, self.notifier = namespace, analyzer, notifier


@pytest.fixture
async def place(control_plane: Any) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        paths = [
            control_plane.kubeconfig,
            *(control_plane.kubeconfigs[one] for one in ("rollout-analyzer", "notifier")),
        ]
        admin, analyzer, notifier = [
            await stack.enter_async_context(KubeClient.connect(Path(path), field_manager="wavegate-test"))
            for path in paths
        ]
        namespace = f"ledgers-{secrets.token_hex(4)}"
        await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        yield Place(namespace, analyzer, notifier)


def aborted(occurrence: str) -> OutboxEntry:
    about = ObjectRef(namespace="n", name="web", uid="u")
    event = RolloutAborted(object=about, revision="h", reason=Reason.ANALYSIS_FAILED, detail="")
    return outbox.entry(Emitted(event, occurrence), EPOCH)


async def test_the_analyzer_sees_which_events_the_notifier_recorded(place: Place) -> None:
    key, first, second = f"{place.namespace}/web", aborted("1"), aborted("2")
    receipts = NotificationLedgers(place.analyzer, lambda _: None)
    assert await receipts.outstanding(key, [first, second]) == [first.id, second.id]

    ledgers = KubeLedgers(place.notifier, "rollout", lambda _: None)
    await ledgers.write(key, Ledger(uid="u", heard=(first.id,)), (), None)
    assert await receipts.outstanding(key, [first, second]) == [second.id]


async def test_the_analyzer_can_only_read_ledgers(place: Place) -> None:
    metadata = {"name": "rollout-web", "namespace": place.namespace}
    with pytest.raises(RefusedCall, match="ApiForbidden"):
        await place.analyzer.create({"apiVersion": LEDGER.api_version, "kind": LEDGER.kind, "metadata": metadata})
