"""The parts of a renderer that tests look at."""

from wavegate.renderer.adapters.render_cache import StoredRenderCache
from wavegate.renderer.handlers.rendering import Rendering
from wavegate.runtime.memory import MemoryBundleStore


class Renderer:
    """The parts that tests look at."""

    def __init__(self, rendering: Rendering, store: MemoryBundleStore, cache: StoredRenderCache) -> None:
        self.rendering, self.store, self.cache = rendering, store, cache
