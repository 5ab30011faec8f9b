import pytest

from wavegate.embedded.parts import Preparation, required


async def nothing():
    pass


NODES = {
    name: Preparation(name, nothing, needs)
    for name, needs in {"store": (), "server": ("store",), "other": (), "service": ("server", "other")}.items()
}


def test_what_a_part_needs_comes_with_it_and_nothing_else():
    assert [node.name for node in required(["server"], NODES)] == ["store", "server"]


def test_needs_of_needs_come_too_and_once():
    assert [node.name for node in required(["service", "server"], NODES)] == ["store", "server", "other", "service"]


def test_an_unknown_part_is_named():
    with pytest.raises(ValueError, match="oven is no part"):
        required(["oven"], NODES)
