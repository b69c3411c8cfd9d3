from dataclasses import replace
from pathlib import Path

import pytest

import presets
from actions.config import CommentsWouldBeLost, Config, ConfigError
from actions.klaviyo import KLAVIYO
from studio.documents import samples_beside
from studio.recovery import Recovery, recovery_path
from studio.samples import Sample
from studio.session import Session


@pytest.fixture
def session() -> Session:
    return Session.open(None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.toml"
    path.write_bytes(presets.config_path("starter").read_bytes())
    samples_beside(path).write_bytes(presets.samples_path("starter").read_bytes())
    return path


def test_without_a_file_the_starter_is_open_with_its_samples(session: Session):
    assert session.name == "starter (preset)"
    assert len(session.document.mappings) == 8
    assert session.sample is not None
    assert not session.changed
    assert session.problems() == []


def test_every_edit_can_be_undone_and_done_again(session: Session):
    states = [session.document]
    session.toggle_mapping()
    states.append(session.document)
    session.rename_mapping("People")
    states.append(session.document)
    session.bind(("location", "zip"), {"@path": "$.traits.zip"})
    states.append(session.document)
    session.delete_sample()
    states.append(session.document)
    session.move_mapping(1)
    states.append(session.document)
    for expected in reversed(states[:-1]):
        assert session.undo() is not None
        assert session.document == expected
    assert session.undo() is None
    assert not session.changed
    for expected in states[1:]:
        assert session.redo() is not None
        assert session.document == expected
    assert session.redo() is None


def test_an_edit_after_undo_forgets_what_was_undone(session: Session):
    session.toggle_mapping()
    session.undo()
    session.rename_mapping("People")
    assert session.redo() is None


def test_edits_that_belong_together_are_undone_together(session: Session):
    before = session.document
    for text in ("$.a", "$.ab", "$.abc"):
        session.bind(("email",), {"@path": text}, merge=True)
    session.undo()
    assert session.document == before


def test_a_mapping_is_added_off_with_its_defaults_and_selected(session: Session):
    session.add_mapping(KLAVIYO.actions["trackEvent"])
    assert session.mapping is not None
    assert session.mapping.name == "Track Event"
    assert not session.mapping.enabled
    assert session.mapping.fields["metric_name"] == {"@path": "$.event"}


def test_a_copy_is_off_and_says_that_it_is_one(session: Session):
    session.duplicate_mapping()
    assert session.mapping is not None
    assert session.mapping.name == "Profiles from identify (Copy)"
    assert not session.mapping.enabled
    session.mapping_index = 0
    session.duplicate_mapping()
    assert session.mapping.name == "Profiles from identify (Copy) 2"


def test_there_are_fifty_mappings_at_most(session: Session):
    for _ in range(42):
        session.add_mapping(KLAVIYO.actions["trackEvent"])
    with pytest.raises(ValueError, match="50 mappings"):
        session.add_mapping(KLAVIYO.actions["trackEvent"])


@pytest.mark.parametrize("name", ["", "  ", "Events"])
def test_a_name_must_be_one_and_not_taken(session: Session, name: str):
    with pytest.raises(ValueError, match=r"needs a name|is called"):
        session.rename_mapping(name)


def test_binding_a_part_of_a_field_that_is_a_directive_makes_an_object_of_it(session: Session):
    session.bind(("location",), {"@path": "$.traits.address"})
    session.bind(("location", "city"), "Bern")
    assert session.binding(("location",)) == {"city": "Bern"}


def test_clearing_the_last_part_clears_the_field(session: Session):
    session.bind(("location",), {"city": "Bern"})
    session.unbind(("location", "city"))
    assert session.binding(("location",)) is None


def test_saving_changes_only_what_was_changed(file: Path):
    session = Session.open(file)
    before = file.read_text()
    session.bind(("title",), "Customer")
    session.save()
    assert not session.changed
    lines = [
        (old, new) for old, new in zip(before.splitlines(), file.read_text().splitlines(), strict=True) if old != new
    ]
    assert lines == [('title = { "@path" = "$.traits.title" }', 'title = "Customer"')]
    assert Config.load(file).mappings == list(session.document.mappings)


def test_samples_are_saved_beside_the_file(file: Path):
    session = Session.open(file)
    session.add_samples((Sample({"type": "track", "event": "Mine"}),))
    session.save()
    assert [sample.label for sample in Session.open(file).document.samples][1] == "Mine"


def test_comments_are_not_lost_without_being_asked(file: Path):
    session = Session.open(file)
    session.mapping_index = 1
    session.delete_mapping()
    before = file.read_bytes()
    with pytest.raises(CommentsWouldBeLost):
        session.save()
    assert file.read_bytes() == before
    session.save(lose_comments=True)
    assert "Events" not in {mapping.name for mapping in Config.load(file).mappings}


def test_a_file_with_problems_opens_and_tells_their_places(file: Path):
    text = file.read_text().replace("trigger = 'type = \"identify\"'", "trigger = 'type == \"identify\"'")
    file.write_text(text.replace('title = { "@path"', 'title = { "@pth"'))
    problems = Session.open(file).problems()
    assert [(problem.mapping_index, problem.field_path[:1], problem.on_trigger) for problem in problems] == [
        (0, (), True),
        (0, ("title",), False),
    ]


def test_somebody_elses_writing_is_noticed(file: Path):
    session = Session.open(file)
    assert not session.changed_on_disk()
    file.write_text(file.read_text() + "\n# mine\n")
    assert session.changed_on_disk()
    session.keep_mine()
    assert not session.changed_on_disk()


def test_unsaved_work_can_be_found_again(file: Path):
    session = Session.open(file)
    session.rename_mapping("People")
    kept = Recovery(file)
    kept.keep(session.document)
    found = kept.find()
    assert found is not None
    assert [mapping.name for mapping in found.mappings] == [mapping.name for mapping in session.document.mappings]
    assert [sample.event for sample in found.samples] == [sample.event for sample in session.document.samples]
    kept.forget()
    assert kept.find() is None


def test_unsaved_work_with_problems_is_found_again_too(file: Path):
    session = Session.open(file)
    session.bind(("email",), {"@pth": "$.traits.email"})
    session.bind(("title",), "half of an emoji: \ud83d")
    session.set_trigger("type = ")
    kept = Recovery(file)
    assert kept.keep(session.document) is None
    found = kept.find()
    assert found is not None
    assert found.mappings == session.document.mappings


def test_a_key_in_a_binding_is_a_problem_and_is_kept_nowhere(file: Path):
    session = Session.open(file)
    kept = Recovery(file)
    session.rename_mapping("People")
    kept.keep(session.document)
    session.bind(("title",), "pk_0123456789abcdef0123456789abcdef01")
    assert [problem.field_path for problem in session.problems() if problem.severity == "error"] == [("title",)]
    assert "API key" in (kept.keep(session.document) or "")
    assert kept.find() is None


def test_samples_that_nobody_changed_keep_their_bytes(file: Path):
    beside = file.with_name(f"{file.stem}.samples.ndjson")
    beside.write_text('{"type":  "page"}\n')
    session = Session.open(file)
    session.rename_mapping("People")
    session.save()
    assert beside.read_text() == '{"type":  "page"}\n'


def test_samples_that_somebody_else_writes_are_noticed(file: Path):
    session = Session.open(file)
    session.save()
    assert session.samples_path is not None
    session.samples_path.write_text('{"type": "page"}\n')
    assert session.changed_on_disk()
    assert "page" in session.text_on_disk()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 3, "mappings": [{"x": 1}], "samples": []}'])
def test_what_is_no_unsaved_work_is_none(tmp_path: Path, content: bytes):
    kept = Recovery(tmp_path / "shop.toml")
    recovery_path(tmp_path / "shop.toml").write_bytes(content)
    assert kept.find() is None


def test_the_selection_stays_within_the_document(session: Session):
    session.mapping_index = 7
    session.edit("drop", replace(session.document, mappings=session.document.mappings[:2]))
    assert session.mapping_index == 1
    session.undo()
    assert session.mapping_index == 7


def test_lines_that_are_no_events_stay_in_the_file_of_samples(file: Path):
    beside = samples_beside(file)
    beside.write_bytes(b'{"type": "page"}\n{"half": \n["a list"]\n')
    session = Session.open(file)
    session.change_sample({"type": "screen"})
    session.save()
    assert beside.read_bytes() == b'{"type":"screen"}\n{"half": \n["a list"]\n'


def test_a_file_of_samples_that_cannot_be_read_is_not_written_over(file: Path):
    beside = samples_beside(file)
    content = '{"type": "page"}\n'.encode("utf-16")
    beside.write_bytes(content)
    session = Session.open(file)
    session.add_samples((Sample({"type": "screen"}),))
    with pytest.raises(ConfigError, match="mend it or move it"):
        session.save()
    assert beside.read_bytes() == content
