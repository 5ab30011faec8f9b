import json

import pytest

pytestmark = pytest.mark.integration


def test_control_plane_answers_its_administrator(control_plane):
    config = json.loads(control_plane.kubeconfig.read_text())
    assert config["clusters"][0]["cluster"]["server"].startswith("https://127.0.0.1:")
    assert {"etcd", "kube-apiserver"} == set(control_plane.pids)


async def test_bus_lets_a_service_in_with_its_key(nats_server):
    import nats

    for user, seed in nats_server.seeds.items():
        connection = await nats.connect(nats_server.nats_url, nkeys_seed=str(seed), allow_reconnect=False)
        assert connection.is_connected, user
        await connection.close()
