"""KServe's controller as far as the story needs it: an InferenceService that is asked for becomes ready."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wavegate.demo.standins.kinds import INFERENCE_SERVICE
from wavegate.kube.client import KubeClient
from wavegate.kube.errors import KubeError
from wavegate.kube.watches import SharedWatches

CONDITIONS = ("IngressReady", "PredictorReady", "Ready")


def ready_status(inference_service: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Return the status of a ready InferenceService; None if it already says so of this generation."""
    metadata = inference_service["metadata"]
    if (inference_service.get("status") or {}).get("observedGeneration") == metadata["generation"]:
        return None
    since = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "observedGeneration": metadata["generation"],
        "url": f"http://{metadata['name']}.{metadata['namespace']}.example.com",
        "conditions": [{"type": type_, "status": "True", "lastTransitionTime": since} for type_ in CONDITIONS],
        "modelStatus": {
            "states": {"activeModelState": "Loaded", "targetModelState": "Loaded"},
            "transitionStatus": "UpToDate",
        },
    }


class InferenceServices:
    """Writes the status of every InferenceService."""

    def __init__(self, client: KubeClient, watches: SharedWatches) -> None:
        self._client = client
        self._watch = watches.watch(INFERENCE_SERVICE)
        self._news = asyncio.Event()
        self._watch.on_change(lambda _: self._news.set())

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            for item in self._watch.items():
                await self._write(item)

    async def _write(self, item: Mapping[str, Any]) -> None:
        status = ready_status(item, datetime.now(UTC))
        if status is None:
            return
        metadata = item["metadata"]
        try:
            await self._client.patch(
                INFERENCE_SERVICE, metadata["namespace"], metadata["name"], {"status": status}, subresource="status"
            )
        except KubeError:
            # Changed or gone meanwhile: the watch tells.
            await asyncio.sleep(0.2)
            self._news.set()
