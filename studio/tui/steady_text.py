"""Text that is put in anew at every key, and has the screen laid out anew only where it takes more or fewer lines."""

from __future__ import annotations

from textual.visual import VisualType
from textual.widgets import Static


class SteadyText(Static):
    """The text."""

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Put another text in."""
        width = self.content_size.width
        before = self.visual.get_height(self.styles.get_render_rules(), width) if width else 0
        super().update(content, layout=False)
        if layout and (not width or self.visual.get_height(self.styles.get_render_rules(), width) != before):
            self.refresh(layout=True)
