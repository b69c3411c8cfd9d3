"""The terminal app: widgets show what the session holds and post messages; they decide nothing."""

import os

# A key's previews come one frame behind the letter itself: with Textual's 60 frames that alone would be 17 ms.
os.environ.setdefault("TEXTUAL_FPS", "120")
