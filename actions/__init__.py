"""Segment's action engine for Klaviyo: mappings, triggers, the eight actions and their delivery.

::

    config = Config.load("klaviyo.toml")
    async with Engine(KLAVIYO, {"api_key": "pk_…"}) as engine:
        results = await engine.handle(config, event)
"""

from actions.config import Config, ConfigError, Mapping
from actions.engine import Engine, Outcome
from actions.errors import MappingError, Problem, TriggerError

__all__ = ["Config", "ConfigError", "Engine", "Mapping", "MappingError", "Outcome", "Problem", "TriggerError"]
