"""Which addresses the gate lets through."""

import pytest

from wavegate.egress import AddressPolicy

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "::1",
        "0.0.0.0",
        "::",
        "169.254.169.254",
        "fe80::1%eth0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "fd00::1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_nothing_but_public_addresses_by_default(address: str) -> None:
    assert not AddressPolicy().permits(address, encrypted=True)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses_are_let_through_encrypted(address: str) -> None:
    assert AddressPolicy().permits(address, encrypted=True)
    assert not AddressPolicy().permits(address, encrypted=False)
    assert AddressPolicy(allow_plain_http=True).permits(address, encrypted=False)


def test_loopback_and_private_are_separate_settings() -> None:
    loopback, private = AddressPolicy(allow_loopback=True), AddressPolicy(allow_private=True)
    assert loopback.permits("127.0.0.1", encrypted=False)
    assert loopback.permits("::1", encrypted=False)
    assert not loopback.permits("10.0.0.1", encrypted=True)
    assert private.permits("10.0.0.1", encrypted=False)
    assert private.permits("100.64.3.4", encrypted=False)
    assert not private.permits("127.0.0.1", encrypted=True)


def test_a_named_network_is_let_through_and_no_other() -> None:
    policy = AddressPolicy(allow_networks=("10.96.0.0/12",))
    assert policy.permits("10.96.4.5", encrypted=False)
    assert not policy.permits("10.0.0.1", encrypted=False)


def test_cloud_metadata_is_out_of_reach_whatever_is_allowed() -> None:
    policy = AddressPolicy(
        allow_loopback=True, allow_private=True, allow_networks=("0.0.0.0/0",), allow_plain_http=True
    )
    assert not policy.permits("169.254.169.254", encrypted=False)
    assert not policy.permits("0.0.0.0", encrypted=False)
