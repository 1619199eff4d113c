"""The words of the field, explained: one dictionary."""

from __future__ import annotations

from autograd.text.terms import FORMS, TERMS, marked


def test_the_words_that_a_first_reader_asks_for_are_explained() -> None:
    assert {"adjoint", "leaf", "root", "user"} <= set(TERMS)
    assert set(FORMS.values()) <= set(TERMS)


def test_the_first_word_for_a_term_is_marked_and_no_part_of_another_word() -> None:
    text = "The leaves, a leaf, the rooted root, users of the local derivatives."
    assert marked(text, lambda word, term: f"[{word}:{term}]") == (
        "The [leaves:leaf], a leaf, the rooted [root:root], [users:user] of the [local derivatives:local derivative]."
    )
