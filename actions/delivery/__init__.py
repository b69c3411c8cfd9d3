"""Headless runs: where events come from, and how they go out.

On its way an event passes through: `sources`, `lines` and `scanning` (bytes become lines), `read_ahead` (in a thread),
`preparing` (lines become payloads, in several processes), `run` or `retry` (which owns what goes on record and in which
order), `outbox` with `sending`, `batching` and `following` (payloads become requests, and are followed until it is
known what became of them), `recorder` and `journal` (that goes on record), `report`.
"""
