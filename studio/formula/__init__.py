"""The one-line notation of bindings: what people type and read, where the file keeps Segment's directives.

`hello` is text, `$.traits.email` a path, `Hi {{traits.firstName}}` a template, and `= lower($.traits.email)` an
expression. JSON is part of the notation, so a binding without a shorter form is shown as JSON. Whatever
`format_formula` shows, `parse_formula` reads back as the same binding.
"""

from studio.formula.completion import completed_path, with_key, with_placeholder
from studio.formula.cursor import Context, context_at
from studio.formula.functions import FUNCTIONS, Parameter, Signature
from studio.formula.parser import parse_formula
from studio.formula.syntax import FormulaError
from studio.formula.writer import format_formula

__all__ = [
    "FUNCTIONS",
    "Context",
    "FormulaError",
    "Parameter",
    "Signature",
    "completed_path",
    "context_at",
    "format_formula",
    "parse_formula",
    "with_key",
    "with_placeholder",
]
