"""Headless runs: where events come from, and how they go out."""
