import socket

import pytest

from wavegate.embedded import addresses


def test_ports_are_distinct_and_can_be_bound():
    ports = addresses.free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        with socket.socket() as bound:
            bound.bind((addresses.LOOPBACK, port))


def test_a_busy_port_means_another_port(monkeypatch):
    with socket.socket() as busy, socket.socket() as free:
        busy.bind((addresses.LOOPBACK, 0))
        busy.listen()
        free.bind((addresses.LOOPBACK, 0))
        taken, other = busy.getsockname()[1], free.getsockname()[1]
        free.close()
        monkeypatch.setattr(addresses, "_RANGE", [taken, other])
        assert addresses.free_ports(1) == [other]


def test_too_few_free_ports_are_said_so(monkeypatch):
    monkeypatch.setattr(addresses, "_RANGE", range(1, 1))
    with pytest.raises(addresses.NoFreePort):
        addresses.free_ports(1)
