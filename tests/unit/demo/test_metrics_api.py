from datetime import UTC, datetime
from typing import Any

from wavegate.demo.standins.metrics_api import matching, usage

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def pod(name: str, phase: str = "Running", **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "fraud", "labels": labels},
        "spec": {"containers": [{"name": "server"}]},
        "status": {"phase": phase},
    }


def test_pods_are_chosen_by_labels_and_only_while_they_run() -> None:
    pods = [
        pod("a", app="model"),
        pod("b", app="other"),
        pod("c", "Pending", app="model"),
        pod("d", app="model", x="1"),
    ]

    assert [each["metadata"]["name"] for each in matching(pods, "app=model")] == ["a", "d"]
    assert [each["metadata"]["name"] for each in matching(pods, "app=model,x==1")] == ["d"]


def test_without_a_selector_every_running_pod_is_chosen() -> None:
    assert len(matching([pod("a"), pod("b", "Failed")], "")) == 1


def test_usage_is_what_the_autoscaler_reads() -> None:
    told = usage(pod("a", app="model"), NOW)

    assert told["timestamp"] == "2026-05-04T12:00:00Z"
    assert told["containers"][0]["usage"]["cpu"] == "150m"
