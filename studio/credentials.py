"""Where the API key comes from: the environment, else the system's keyring. Never a file of ours, never a screen."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

KEY_VARIABLE = "KLAVIYO_API_KEY"
_SERVICE = "mapping-studio"
_ACCOUNT = "klaviyo"


class KeyringUnavailable(Exception):
    """The machine has no keyring that works; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class Credential:
    """An API key and where it was found. Its text shows no part of the key."""

    key: str
    origin: Literal["environment", "keyring"]

    def __repr__(self) -> str:
        return f"Credential(origin={self.origin!r})"


def find() -> Credential | None:
    """The key of the environment, else of the keyring; None where there is neither, or no keyring."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key:
        return Credential(key, "environment")
    try:
        key = _keyring().get_password(_SERVICE, _ACCOUNT)
    except KeyringUnavailable:
        return None
    return Credential(key, "keyring") if key else None


def keyring_problem() -> str | None:
    """Why the system's keyring cannot be used and what to do instead; None where it can."""
    try:
        _keyring().get_password(_SERVICE, _ACCOUNT)
    except KeyringUnavailable as error:
        return str(error)
    return None


def store(key: str) -> None:
    """Keep the key in the system's keyring. Raises `KeyringUnavailable`."""
    _keyring().set_password(_SERVICE, _ACCOUNT, key)


def remove() -> bool:
    """Take the key out of the keyring; False where there was none. Raises `KeyringUnavailable`."""
    keyring = _keyring()
    if keyring.get_password(_SERVICE, _ACCOUNT) is None:
        return False
    keyring.delete_password(_SERVICE, _ACCOUNT)
    return True


class _Keyring:
    """The system's keyring, its many ways to fail told as one."""

    def __init__(self) -> None:
        import keyring  # it looks for backends when imported, which takes time
        import keyring.backends.fail

        if isinstance(keyring.get_keyring(), keyring.backends.fail.Keyring):
            raise _unavailable("there is none on this machine")
        self._keyring = keyring

    def get_password(self, service: str, account: str) -> str | None:
        try:
            return self._keyring.get_password(service, account)
        except Exception as error:
            raise _unavailable(str(error)) from error

    def set_password(self, service: str, account: str, password: str) -> None:
        try:
            self._keyring.set_password(service, account, password)
        except Exception as error:
            raise _unavailable(str(error).replace(password, "…")) from error

    def delete_password(self, service: str, account: str) -> None:
        try:
            self._keyring.delete_password(service, account)
        except Exception as error:
            raise _unavailable(str(error)) from error


def _keyring() -> _Keyring:
    return _Keyring()


def _unavailable(why: str) -> KeyringUnavailable:
    return KeyringUnavailable(
        f"The system's keyring cannot be used: {why}. Set the environment variable {KEY_VARIABLE} instead."
    )
