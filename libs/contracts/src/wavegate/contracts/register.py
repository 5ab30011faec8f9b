"""Every event and command by its CloudEvents type."""

from wavegate.contracts import application, commands, notification, platform, repository, rollout
from wavegate.contracts.events import Message

_MODULES = (repository, application, rollout, notification, platform, commands)


def _concrete(module: object) -> list[type[Message]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Message)
        and value.__module__ == getattr(module, "__name__", "")
        and not value.__subclasses__()
    ]


MESSAGES: dict[str, type[Message]] = {cls.type_name(): cls for module in _MODULES for cls in _concrete(module)}
