"""`@liquid`: Liquid templates with the results of LiquidJS, within bounds.

python-liquid reads the template; what it found is compiled to closures, because LiquidJS computes, compares and prints
differently. Segment allows 1,000 characters and 500 ms, and no loops. Beyond that, everything a template makes is
bounded in size, since doubling a text a few times needs no loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from liquid import Environment
from liquid.builtin import content, illegal
from liquid.builtin.expressions import FilteredExpression, logical, parse_identifier, tokenize
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    comment_tag,
    cycle_tag,
    decrement_tag,
    echo_tag,
    for_tag,
    if_tag,
    increment_tag,
    inline_comment_tag,
    liquid_tag,
    unless_tag,
)
from liquid.exceptions import LiquidError as PythonLiquidError
from liquid.exceptions import LiquidSyntaxError
from liquid.stream import TokenStream
from liquid.tag import Tag
from liquid.token import TOKEN_ASSIGN, TOKEN_EOF, TOKEN_EXPRESSION, TOKEN_OUTPUT, TOKEN_PIPE, TOKEN_TAG

from actions.mapping.liquid_expressions import Rendering, Value, compile_expression
from actions.mapping.liquid_values import LiquidError, is_truthy, read_path, stringify, to_number

if TYPE_CHECKING:
    from liquid.ast import Node
    from liquid.expression import Expression

    from actions.values import Json

__all__ = ["LONGEST", "LiquidError", "compile_liquid"]

LONGEST = 1000
"""Segment's limit for a template, in characters."""

_Step: TypeAlias = Callable[[Rendering], None]
_DISABLED_TAGS: Final = ("case", "for", "include", "layout", "render", "tablerow")


class _Stopped(Exception):
    pass


def compile_liquid(template: str) -> Callable[[Json], str]:
    """A function from an event to the text. Raises `LiquidError` for a template that Segment would refuse.

    The function raises `LiquidError` for an event with which the template fails or exceeds its limits.
    """
    if len(template) > LONGEST:
        raise LiquidError(f"it has {len(template):,} characters, {LONGEST:,} are allowed")
    try:
        run = _block(_ENVIRONMENT.from_string(template).nodes)
    except PythonLiquidError as error:
        raise LiquidError(_located(error, template)) from error
    except RecursionError:
        raise LiquidError("its expressions are nested too deeply") from None

    def render(event: Json) -> str:
        rendering = Rendering(event)
        try:
            run(rendering)
        except _Stopped:
            pass
        except UnicodeError as error:
            raise LiquidError("a text holds half of a surrogate pair") from error
        return "".join(rendering.output)

    return render


def _located(error: PythonLiquidError, template: str) -> str:
    """The message with line and column in LiquidJS's manner; those of a tag or an output are where its braces open."""
    message = str(error.message or "it cannot be read")
    if error.token is None or error.token.start_index < 0:
        return message
    at = error.token.start_index
    if error.token.kind == TOKEN_TAG:
        at = max(template.rfind("{%", 0, at), 0)
    line = template.count("\n", 0, at) + 1
    return f"{message}, line:{line}, col:{at - template.rfind(chr(10), 0, at)}"


# Reading: python-liquid, with LiquidJS's comparisons in outputs and assignments


def _parse_value(env: Environment, tokens: TokenStream) -> FilteredExpression:
    left = logical.parse_boolean_primitive(env, tokens)
    filters = Filter.parse(env, tokens, delim=(TOKEN_PIPE,))
    tokens.eat(TOKEN_EOF)
    return FilteredExpression(left.token, left, filters)


class _Output(Output):
    def parse(self, stream: TokenStream) -> OutputNode:
        token = stream.eat(TOKEN_OUTPUT)
        inner = stream.expect(TOKEN_EXPRESSION)
        return OutputNode(token, _parse_value(self.env, TokenStream(tokenize(inner.value, inner))))


class _Echo(echo_tag.EchoTag):
    def parse(self, stream: TokenStream) -> Node:
        token = stream.eat(TOKEN_TAG)
        return OutputNode(token, _parse_value(self.env, stream.into_inner(tag=token, eat=False)))


class _Assign(assign_tag.AssignTag):
    def parse(self, stream: TokenStream) -> assign_tag.AssignNode:
        token = stream.eat(TOKEN_TAG)
        tokens = stream.into_inner(tag=token, eat=False)
        name = parse_identifier(self.env, tokens, allow_trailing_question_mark=False)
        tokens.eat(TOKEN_ASSIGN)
        return assign_tag.AssignNode(token, name=name, expression=_parse_value(self.env, tokens))


class _Disabled(Tag):
    block = False

    def parse(self, stream: TokenStream) -> Node:
        raise LiquidSyntaxError(f'tag "{stream.current.value}" is disabled', token=stream.current)


class _Environment(Environment):
    shorthand_indexes = True
    logical_not_operator = True
    block_nesting_limit = 100

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:  # noqa: ARG002 - the library's signature
        """Know the tags of LiquidJS that Segment allows."""
        for tag in (
            content.Literal,
            illegal.Illegal,
            _Output,
            _Echo,
            _Assign,
            capture_tag.CaptureTag,
            comment_tag.CommentTag,
            cycle_tag.CycleTag,
            decrement_tag.DecrementTag,
            for_tag.BreakTag,
            for_tag.ContinueTag,
            if_tag.IfTag,
            increment_tag.IncrementTag,
            inline_comment_tag.InlineCommentTag,
            liquid_tag.LiquidTag,
            unless_tag.UnlessTag,
        ):
            self.add_tag(tag)
        for name in _DISABLED_TAGS:
            self.tags[name] = _Disabled(self)


_ENVIRONMENT: Final = _Environment()


# Running: a closure for every node


def _block(nodes: list[Node]) -> _Step:
    steps = [_step(node) for node in nodes]

    def run(rendering: Rendering) -> None:
        for step in steps:
            step(rendering)

    return run


def _step(node: Node) -> _Step:
    match node:
        case content.ContentNode():
            return _content(node.text)
        case OutputNode():
            value = compile_expression(node.expression)
            return lambda rendering: rendering.write(value(rendering))
        case if_tag.IfNode() | unless_tag.UnlessNode():
            return _choice(node)
        case liquid_tag.LiquidNode():
            return _block(node.block.nodes)
        case for_tag.BreakNode() | for_tag.ContinueNode():
            return _stop
        case comment_tag.CommentNode():
            return _block([])
        case _:
            return _variable_step(node)


def _variable_step(node: Node) -> _Step:
    match node:
        case assign_tag.AssignNode():
            return _assign(node.name, compile_expression(node.expression))
        case capture_tag.CaptureNode():
            return _capture(node.name, _block(node.block.nodes))
        case increment_tag.IncrementNode():
            return _count(node.name, before=0, after=1)
        case decrement_tag.DecrementNode():
            return _count(node.name, before=-1, after=0)
        case cycle_tag.CycleNode():
            return _cycle(node.group, node.args)
        case _:
            raise LiquidSyntaxError(f"unsupported tag {node}", token=node.token)


def _content(given: str) -> _Step:
    return lambda rendering: rendering.write(given)


def _stop(rendering: Rendering) -> None:  # noqa: ARG001 - a step like any other
    raise _Stopped


def _choice(node: if_tag.IfNode | unless_tag.UnlessNode) -> _Step:
    condition, wanted = compile_expression(node.condition), isinstance(node, if_tag.IfNode)
    branches = [(condition, wanted, _block(node.consequence.nodes))]
    branches += [(compile_expression(other.expression), True, _block(other.block.nodes)) for other in node.alternatives]
    otherwise = _block(node.default.nodes if node.default else [])

    def run(rendering: Rendering) -> None:
        for condition, wanted, block in branches:
            if is_truthy(condition(rendering)) is wanted:
                return block(rendering)
        return otherwise(rendering)

    return run


def _assign(name: str, value: Value) -> _Step:
    def run(rendering: Rendering) -> None:
        rendering.variables[name] = value(rendering)

    return run


def _capture(name: str, block: _Step) -> _Step:
    def run(rendering: Rendering) -> None:
        outer, rendering.output = rendering.output, []
        try:
            block(rendering)
            rendering.variables[name] = "".join(rendering.output)
        finally:
            rendering.output = outer

    return run


def _count(name: str, *, before: int, after: int) -> _Step:
    """`increment` and `decrement`: they start with the event's number of that name, which stays as it is."""

    def run(rendering: Rendering) -> None:
        found = rendering.counters.get(name)
        if found is None:
            number = read_path(rendering.event, [name])
            is_number = isinstance(number, int | float) and not isinstance(number, bool)
            found = to_number(number) if is_number else 0.0
        rendering.write(found + before)
        rendering.counters[name] = found + before + after

    return run


def _cycle(group: Expression | None, candidates: list[Expression]) -> _Step:
    name = compile_expression(group) if group else None
    values = [compile_expression(candidate) for candidate in candidates]
    written = ",".join(map(str, candidates))

    def run(rendering: Rendering) -> None:
        key = f"{stringify(name(rendering)) if name else ''}:{written}"
        at = rendering.cycles.get(key, 0)
        rendering.cycles[key] = (at + 1) % len(values)
        rendering.write(values[at](rendering))

    return run
