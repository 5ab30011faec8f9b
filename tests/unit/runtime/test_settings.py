"""Settings, as a service says them when it starts."""

from wavegate.runtime.settings import ServiceSettings, shown


def test_credentials_in_an_address_are_not_shown() -> None:
    said = shown(ServiceSettings(nats_url="nats://ann:CAN@ARY@nats.example:4222,nats://CANARY@other:4222", workers=3))

    assert said["nats_url"] == "nats://nats.example:4222,nats://other:4222"
    assert said["workers"] == 3
