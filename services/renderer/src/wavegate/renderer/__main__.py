"""`python -m wavegate.renderer`."""

import asyncio

from wavegate.renderer.app import main
from wavegate.renderer.settings import RendererSettings

asyncio.run(main(RendererSettings()))
