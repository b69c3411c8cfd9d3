"""Segment's action engine for Klaviyo: mappings, triggers, the eight actions and their delivery.

::

    config = Config.load("klaviyo.toml")
    async with Engine(KLAVIYO, {"api_key": "pk_…"}) as engine:
        results = await engine.handle(config, event)
"""

from typing import TYPE_CHECKING, Any

from actions.config import Config, ConfigError, Mapping
from actions.errors import MappingError, Problem, TriggerError

if TYPE_CHECKING:
    from actions.engine import Engine, Outcome
else:

    def __getattr__(name: str) -> Any:
        """The engine comes with the first who asks for it: reading and checking configurations does without."""
        if name not in ("Engine", "Outcome"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from actions import engine

        return getattr(engine, name)


__all__ = ["Config", "ConfigError", "Engine", "Mapping", "MappingError", "Outcome", "Problem", "TriggerError"]
