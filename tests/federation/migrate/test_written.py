"""What is written in the shape of G3 reads back as what it was."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from federation.migrate import written
from federation.migrate.cells import free_text, line_text, moment
from federation.migrate.csv_rows import Column, Rows
from federation.migrate.file_form import FileForm, open_as
from federation.migrate.html_text import plain_text
from federation.migrate.issues import Issues
from schemas.bodies import Posting
from tests.federation.migrate.conftest import OpenTables

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('",\n<>&;'))


def test_a_row_has_nulls_empty_and_empty_texts_quoted() -> None:
    row = written.line([1, None, "", "Soep", 'zei "ja", of', " in ", "a\nb", -3])

    assert row == b'1,,"",Soep,"zei ""ja"", of"," in ","a\nb",-3\n'


def test_texts_read_back_as_they_were(open_tables: OpenTables) -> None:
    said = ['<b>vet</b> & "zo"', "a, b;\nc\n\nd", "'t is 3 < 4 &amp; klaar", "=1+1", "é ☕"]
    table = b"id,value\n" + b"".join(
        written.line([n, text]) for n, text in enumerate(said, start=1)
    )
    archive, issues = open_tables({"contact": table.decode()}), Issues()

    with open_as(archive.open("contact"), FileForm()) as stream:
        rows = Rows(stream, "contact.csv", (Column("id"), Column("value")), FileForm())
        found = [cells[1] for _, cells in rows.read(issues)]

    assert found == said


@given(TEXTS)
@example("<b>vet</b> &amp; &lt;")
@example("<!-- weg -->")
def test_html_and_titles_read_back_as_they_were(text: str) -> None:
    text, title = free_text(text), line_text(text)

    assert plain_text(written.html(text), 20_000) == text
    assert plain_text(written.title(title), 20_000) == title


@given(st.integers(0, 253_402_300_799))
def test_times_read_back_to_the_second(at_s: int) -> None:
    assert moment(written.moment(at_s), "created_at") == at_s


def test_what_never_ends_has_no_time() -> None:
    assert written.moment(2**53 - 1) is None
    assert written.moment(None) is None


def test_a_limit_beyond_all_numbers_is_none() -> None:
    assert [written.limit(bound) for bound in (None, 999_999_999, -999_999_999, -500, 0)] == [
        *(None, None, None, -500, 0)
    ]


@given(st.dictionaries(st.integers(1, 9), st.integers(-100, 100), max_size=8))
def test_legs_move_what_the_postings_say(moved: dict[int, int]) -> None:
    postings = [Posting(account, amount) for account, amount in moved.items()]
    postings.append(Posting(10, -sum(moved.values())))

    found = written.legs(postings)

    after: dict[int, int] = {}
    for leg in found:
        assert leg.amount_minor > 0
        assert leg.payer != leg.payee
        after[leg.payer] = after.get(leg.payer, 0) - leg.amount_minor
        after[leg.payee] = after.get(leg.payee, 0) + leg.amount_minor
    assert after == {p.account: p.amount_minor for p in postings if p.amount_minor}
    assert len(found) < max(2, len(after))


def test_a_collective_booking_gives_a_row_for_each_member() -> None:
    postings = [Posting(1, 6), Posting(2, -2), Posting(3, -2), Posting(4, -2)]

    assert written.legs(postings) == [(2, 1, 2), (3, 1, 2), (4, 1, 2)]
