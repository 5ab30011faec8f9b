"""`python -m wavegate.rollout_analyzer`."""

import asyncio

from wavegate.rollout_analyzer.app import main
from wavegate.rollout_analyzer.settings import RolloutAnalyzerSettings

asyncio.run(main(RolloutAnalyzerSettings()))
