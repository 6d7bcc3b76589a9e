"""How many connections are held, and who makes room."""

from ipaddress import ip_network

from facade.edge.doorway import DoorLimits, Doorway
from tests.requirements import requirement

pytestmark = requirement("serving:connections:bounded")

SMALL = DoorLimits(connections=3, per_address=2, exempt=(ip_network("10.0.0.0/8"),))


def test_an_address_gets_its_share_and_gets_it_again_when_one_leaves() -> None:
    door = Doorway(SMALL)
    entered = [door.enter("192.0.2.1") for _ in range(3)]
    door.leave("first", "192.0.2.1")
    assert (entered, door.enter("192.0.2.1"), len(door)) == ([True, True, False], True, 2)


def test_an_address_that_stands_for_many_has_no_share() -> None:
    door = Doorway(SMALL)
    assert [door.enter("10.1.2.3") for _ in range(4)] == [True, True, True, False]


def test_what_is_no_address_stands_for_nobody() -> None:
    door = Doorway(SMALL)
    assert [door.enter("") for _ in range(3)] == [True, True, False]


def test_the_connection_that_is_idle_longest_makes_room() -> None:
    door, closed = Doorway(SMALL), list[str]()
    for name in ("a", "b", "c"):
        door.enter(name)
        door.waits(name, lambda name=name: closed.append(name))  # type: ignore[misc]
    door.works("a")
    assert (door.enter("d"), closed) == (True, ["b"])


def test_a_full_house_in_which_all_are_at_work_takes_nobody() -> None:
    door = Doorway(SMALL)
    for name in ("a", "b", "c"):
        door.enter(name)
    assert not door.enter("d")


def test_no_share_means_no_bound_for_an_address() -> None:
    door = Doorway(DoorLimits(connections=5, per_address=0))
    assert all(door.enter("192.0.2.1") for _ in range(5))
