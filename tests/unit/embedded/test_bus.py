import json
import stat

import nkeys
import pytest

from wavegate.contracts.access import permissions
from wavegate.embedded.bus import Place, configuration, write_keys

PLACE = Place("127.0.0.1", 4222, "/store")


@pytest.fixture
def keys(tmp_path):
    return write_keys(tmp_path, permissions())


def test_every_user_has_a_key_and_nobody_else_is_let_in(keys):
    _, public = keys
    users = json.loads(configuration(PLACE, public, permissions()))["authorization"]["users"]
    assert {user["nkey"] for user in users} == set(public.values())
    assert len(users) == len(permissions())
    assert all(set(user) == {"nkey", "permissions"} for user in users)


def test_a_seed_is_readable_by_its_owner_only_and_fits_its_public_key(keys):
    seeds, public = keys
    for user, path in seeds.items():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        pair = nkeys.from_seed(bytearray(path.read_bytes().strip()))
        assert pair.public_key.decode() == public[user]


def test_allow_lists_are_those_of_the_contracts(keys):
    _, public = keys
    users = json.loads(configuration(PLACE, public, permissions()))["authorization"]["users"]
    by_key = {user["nkey"]: user["permissions"] for user in users}
    for name, allowed in permissions().items():
        assert by_key[public[name]] == {
            "publish": {"allow": list(allowed.publish)},
            "subscribe": {"allow": list(allowed.subscribe)},
        }


def test_streams_reach_the_disk_before_they_are_confirmed(keys):
    content = json.loads(configuration(PLACE, keys[1], permissions()))
    assert content["jetstream"]["sync_interval"] == "always"
    assert content["listen"] == "127.0.0.1:4222"
    assert "http" not in content
