"""The configuration's ConfigMap and Secret, watched; the last good one stays in force."""

import asyncio
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import structlog

from wavegate.contracts.failures import Failure, Rejected
from wavegate.kube import GroupVersionKind, JsonObject, SharedWatch
from wavegate.notifier.domain import configuration
from wavegate.notifier.domain.configuration import Configuration
from wavegate.notifier.ports import Current, Languages

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
SECRET = GroupVersionKind("", "v1", "Secret")
RETRY_SECONDS = 2.0

log = structlog.get_logger()


class KubeConfigurations:
    """One ConfigMap and one Secret, as a configuration. Without the ConfigMap nothing is configured."""

    def __init__(self, config_map: SharedWatch, secret: SharedWatch, languages: Languages) -> None:
        self._config_map, self._secret, self._languages = config_map, secret, languages
        self._current = Current(Configuration())
        self._moved = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        for watch in (config_map, secret):
            watch.on_change(lambda _: self._moved.set())

    @property
    def exists(self) -> bool:
        """Tell whether the ConfigMap is there."""
        return bool(self._config_map.items())

    def current(self) -> Current:
        """Return the configuration in force."""
        return self._current

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever another configuration came into force, or failed to."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Follow the objects until cancelled."""
        await self.synced()
        while True:
            await self._moved.wait()
            self._moved.clear()
            try:
                await self.refresh()
            except Failure as failure:
                log.warning("configuration not read yet", reason=failure.reason, detail=failure.message)
                await asyncio.sleep(RETRY_SECONDS)
                self._moved.set()

    async def synced(self) -> None:
        """Return once both objects were looked for."""
        await self._config_map.synced.wait()
        await self._secret.synced.wait()

    async def refresh(self) -> None:
        """Read the objects as they are now.

        Raises:
            RetryLater: The parser itself failed.
        """
        before = self._current
        try:
            self._current = Current(await self._read())
        except Rejected as failure:
            log.warning("configuration refused", reason=failure.reason, detail=failure.message)
            self._current = Current(before.configured, failure.message)
        if self._current != before:
            for listener in self._listeners:
                listener()

    async def _read(self) -> Configuration:
        config_map, secret = _only(self._config_map), _only(self._secret)
        version = f"{_version(config_map)}.{_version(secret)}"
        values: dict[str, Any] = {}
        for key, text in (config_map.get("data") or {}).items():
            if configuration.is_ours(key):
                values[key] = await self._value(key, text)
        secrets = {key: b64decode(value) for key, value in (secret.get("data") or {}).items()}
        return configuration.read(values, secrets, version)

    async def _value(self, key: str, text: str) -> Any:
        try:
            return await self._languages.value_of(text)
        except Rejected as failure:
            raise Rejected(failure.reason, f"{key}: {failure.message}") from failure


class PreferredConfigurations:
    """A configuration of its own where there is one, else the general one."""

    def __init__(self, own: KubeConfigurations, general: KubeConfigurations) -> None:
        self._own, self._general = own, general

    def current(self) -> Current:
        """Return the configuration in force."""
        return (self._own if self._own.exists else self._general).current()


def _only(watch: SharedWatch) -> JsonObject:
    return next(iter(watch.items()), {})


def _version(item: JsonObject) -> str:
    return str((item.get("metadata") or {}).get("resourceVersion", ""))
