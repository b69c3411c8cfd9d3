"""The sample's event as a tree to move through; a key on a value binds it to the chosen field."""

from __future__ import annotations

from typing import ClassVar, cast

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from actions.values import Json
from studio.cli.text import shortened
from studio.event_paths import Keys, can_be_named, path_text
from studio.samples import Sample
from studio.tui.shown import value_text

_MEMBERS_SHOWN = 500
_NAME_WIDTH = 40


class EventTree(Tree[tuple[Keys, Json]]):
    """The tree. Members come to be when their node is opened, so that size does not matter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "bind('path')", "Bind", tooltip="Bind this value's path to the chosen field"),
        Binding("t", "bind('template')", "In template", tooltip="Put {{path}} into the chosen field's template"),
        Binding("e", "edit", "Edit", tooltip="Edit the sample's JSON"),
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]
    FOCUS_ON_CLICK: ClassVar[bool] = False  # the screen moves the focus, behind the click

    class Bound(Message):
        """A value was pointed at: bind its path, as a path or inside a template."""

        def __init__(self, path: str, how: str) -> None:
            super().__init__()
            self.path = path
            self.how = how

    class EditAsked(Message):
        """The sample's JSON is to be edited."""

    def __init__(self) -> None:
        super().__init__(Text("event"), id="event")  # a text would be read as markup, with a table of all emoji
        self.show_root = False
        self.guide_depth = 2
        self._sample: Sample | None = None

    def show(self, sample: Sample | None) -> None:
        """Show a sample's event; the same sample again changes nothing."""
        if sample is self._sample:
            return
        self._sample = sample
        self.clear()
        if sample is None:
            return
        self.root.data = ((), sample.event)
        self._fill(self.root)
        self.root.expand()
        for node in self.root.children:
            if node.data and node.data[0][0] in ("traits", "properties"):
                self._fill(node)  # the message of it comes too late for whoever asks how large the tree is
                node.expand()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[tuple[Keys, Json]]) -> None:
        self._fill(event.node)

    def _fill(self, node: TreeNode[tuple[Keys, Json]]) -> None:
        if node.data is None or node.children:
            return
        keys, value = node.data
        members: list[tuple[str | int, Json]] = []
        if isinstance(value, dict):
            members = list(cast("dict[str, Json]", value).items())
        elif isinstance(value, list):
            members = list(enumerate(cast("list[Json]", value)))
        for key, member in members[:_MEMBERS_SHOWN]:
            inner = (*keys, key)
            if isinstance(member, dict | list) and member:
                size = len(member)
                note = f"{{{size}}}" if isinstance(member, dict) else f"[{size}]"
                node.add(Text.assemble(_name(key), (f" {note}", "dim")), (inner, member))
            else:
                shown = value_text(member, 200) if member is not None else "null"
                node.add_leaf(Text.assemble((f"{_name(key)}: ", "dim"), shown), (inner, member))
        if len(members) > _MEMBERS_SHOWN:
            node.add_leaf(Text(f"… {len(members) - _MEMBERS_SHOWN:,} more", "dim"))

    def action_bind(self, how: str) -> None:
        """Bind what the cursor is on."""
        node = self.cursor_node
        if node is None or node.data is None or not node.data[0]:
            return
        if can_be_named(node.data[0]):
            self.post_message(self.Bound(path_text(node.data[0]), how))
        else:
            self.notify("No path leads there: a key has quotes of both kinds.", severity="warning")

    def action_edit(self) -> None:
        """Ask for the sample's JSON to be edited."""
        self.post_message(self.EditAsked())


def _name(key: str | int) -> str:
    return shortened(str(key), _NAME_WIDTH) or '""'
