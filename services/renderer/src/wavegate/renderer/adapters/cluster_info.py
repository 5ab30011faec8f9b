"""What charts may ask of the cluster, by the API server's discovery."""

from wavegate.kube.client import KubeClient
from wavegate.renderer.domain.helm import Cluster

FRESH_SECONDS = 60.0


class KubeClusterInfo:
    """The version once, the served types as discovery knows them, at most a minute old."""

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._version = ""

    async def capabilities(self) -> Cluster:
        """Return version and types."""
        if not self._version:
            self._version = str((await self._client.version()).get("gitVersion", ""))
        return Cluster(self._version, await self._client.catalog.api_versions(older_than=FRESH_SECONDS))
