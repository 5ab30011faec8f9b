"""Prometheus as a part: scrapes what is written into a folder of targets, every second."""

import json
from pathlib import Path

from wavegate.embedded.addresses import LOOPBACK
from wavegate.embedded.parts import Part
from wavegate.embedded.probes import http_ready

PROMETHEUS = "prometheus"


def configuration(targets: Path) -> str:
    """Return Prometheus's configuration: targets are files in that folder, in its file discovery's form."""
    return json.dumps(
        {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "scrape_configs": [
                {
                    "job_name": "wavegate",
                    "file_sd_configs": [{"files": [f"{targets}/*.json"], "refresh_interval": "1s"}],
                }
            ],
        },
        indent=2,
    )


def prometheus_part(program: Path, configured: Path, store: Path, port: int) -> Part:
    """Return Prometheus as a part that keeps two hours."""
    command = (
        str(program),
        f"--config.file={configured}",
        f"--storage.tsdb.path={store}",
        "--storage.tsdb.retention.time=2h",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--log.level=warn",
    )
    return Part(PROMETHEUS, command, ready=http_ready(port, "/-/ready"), grace=2.0)
