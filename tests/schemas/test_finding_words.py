"""What auditors read about a finding: sentences in their language, and never a code."""

from __future__ import annotations

import pytest

from federation.web.pages.flow_findings import PROVEN
from schemas.codes import Code
from schemas.evidence import EvidenceKind
from schemas.finding_words import words_for_code, words_of
from schemas.findings import What, found
from schemas.texts import en_audit, fr_audit, nl_audit
from schemas.texts.words import Language

ROOMS = (nl_audit, fr_audit, en_audit)
WITH_REASON = [what for what in What if "{reason}" in words_for_code(what).what]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("what", WITH_REASON)
def test_no_code_stands_in_a_sentence(what: What, language: Language) -> None:
    for reason in [*Code, "a chain", ""]:
        said = words_of(found(what, "a", reason=reason), language).what

        assert not set("{}_()") & set(said)
        assert not reason or reason not in said


def test_each_language_knows_the_same_reasons() -> None:
    assert len({frozenset(room.WHY) for room in ROOMS}) == 1
    assert set(nl_audit.WHY) <= set(Code)


def test_a_reason_is_told_in_words() -> None:
    finding = found(What.LOG_REFUSED, "a", reason=Code.BAD_SIGNATURE.value)

    assert "the signature is not the group's" in words_of(finding).what


def test_every_kind_of_proof_has_words() -> None:
    assert set(PROVEN) == set(EvidenceKind)
