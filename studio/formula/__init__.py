"""The one-line notation of bindings: what people type and read, where the file keeps Segment's directives.

`hello` is text, `$.traits.email` a path, `Hi {{traits.firstName}}` a template, and `= lower($.traits.email)` an
expression. JSON is part of the notation, so a binding without a shorter form is shown as JSON. Whatever
`format_formula` shows, `parse_formula` reads back as the same binding. Who only shows bindings needs no more than
the writer, so each module is imported by its own name.
"""
