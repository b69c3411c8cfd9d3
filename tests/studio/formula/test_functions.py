import pytest

from actions.mapping import compile_mapping
from actions.mapping.directives import DIRECTIVES
from studio.formula.functions import BY_DIRECTIVE, FUNCTIONS, Signature
from studio.formula.parser import parse_formula
from studio.formula.writer import format_formula


@pytest.mark.parametrize("signature", FUNCTIONS.values(), ids=str)
def test_the_example_of_a_function_is_a_sound_mapping_written_in_the_best_way(signature: Signature) -> None:
    binding = parse_formula(f"= {signature.example}")
    compile_mapping({"field": binding})
    assert f"{signature.name}(" in signature.example
    if signature.name != "template":  # a template alone needs no function
        assert format_formula(binding) == f"= {signature.example}"


def test_every_directive_of_the_mapping_language_has_a_function() -> None:
    assert set(BY_DIRECTIVE) == set(DIRECTIVES)


def test_a_signature_reads_as_it_is_typed() -> None:
    assert str(FUNCTIONS["flatten"]) == "flatten(value, [separator], [omit_arrays:])"
    assert str(FUNCTIONS["merge"]) == "merge(objects, …, [direction:])"


def test_every_option_of_a_function_is_written_somewhere() -> None:
    for signature in FUNCTIONS.values():
        if signature.form == "options":
            options = {one.option for one in signature.parameters if one.option} | dict(signature.fixed).keys()
            conditions = {"exists", "blank"} if signature.name == "if" else set()
            assert set(signature.order) == options | conditions
            assert len(signature.order) == len(set(signature.order))
