"""Mapping Studio's faces: the terminal app and the command line. All work is done by the engine in `actions`."""
