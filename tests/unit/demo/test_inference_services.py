from datetime import UTC, datetime

from wavegate.demo.standins.inference_services import ready_status

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ASKED = {"metadata": {"name": "card-embeddings", "namespace": "fraud", "generation": 2}}


def test_what_is_asked_for_becomes_ready() -> None:
    status = ready_status(ASKED, NOW)

    assert status is not None
    assert status["observedGeneration"] == 2
    assert all(condition["status"] == "True" for condition in status["conditions"])


def test_a_generation_that_is_ready_is_left_alone() -> None:
    assert ready_status({**ASKED, "status": {"observedGeneration": 2}}, NOW) is None
    assert ready_status({**ASKED, "status": {"observedGeneration": 1}}, NOW) is not None
