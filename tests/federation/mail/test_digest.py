"""What a digest tells: each thing once to each reader, nearest first, whatever the rhythm."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from federation.mail.compose import digest as compose
from federation.mail.digest import (
    AHEAD_S,
    DAY_S,
    ELSEWHERE_MAX,
    HERE_MAX,
    NEWS_MAX,
    Block,
    Date,
    Digest,
    Edition,
    Near,
    Post,
    Rhythm,
    Story,
    Subscriber,
    choose,
)
from federation.mail.digest_days import due_s, is_due, month_due_s, next_due_s
from federation.mail.own_words import SAID_MAX, filled
from federation.members.postcodes import Spot
from schemas.texts.words import Language
from tests.federation.mail.letters import DESK, to

BRUSSELS = ZoneInfo("Europe/Brussels")
WEEK_S = 7 * DAY_S
START_S = 1_800_000_000
HOME = Spot(51.05, 3.72)
NEAR = Spot(51.06, 3.73)
FAR = Spot(50.63, 5.57)


def post(number: int, known_s: int, **said: object) -> Post:
    facts = {"account": 9, "title": f"T{number}", "placed_at_s": known_s, **said}
    return Post(post=str(number), known_s=known_s, **facts)  # type: ignore[arg-type]


weeks = st.integers(0, 12)


@given(
    st.lists(weeks, max_size=HERE_MAX),
    st.lists(st.tuples(weeks, st.integers(0, 120)), max_size=6),
    st.lists(st.sampled_from(Rhythm), min_size=14, max_size=14),
)
def test_all_is_told_once_however_the_rhythm_changes(
    posts: list[int], dates: list[tuple[int, int]], rhythms: list[Rhythm]
) -> None:
    """At most `HERE_MAX` posts, so that none falls out; the last edition is for everybody."""
    first_s = due_s(START_S, BRUSSELS, 4)
    dues = [first_s]
    while len(dues) < len(rhythms):
        dues.append(next_due_s(dues[-1], BRUSSELS, 4))
    all_posts = tuple(post(n, dues[week]) for n, week in enumerate(posts))
    all_dates = tuple(
        Date(path=str(n), title="", starts_at_s=dues[week] + days * DAY_S + 1, known_s=dues[week])
        for n, (week, days) in enumerate(dates)
    )
    told: list[str] = []
    told_dates: list[str] = []
    last_s, read = dues[0] - WEEK_S, []
    for due, rhythm in zip(dues, [*rhythms[:-1], Rhythm.WEEKLY], strict=True):
        if not is_due(rhythm, last_s, due, BRUSSELS):
            continue
        edition = Edition(due_s=due, posts=all_posts, dates=all_dates)
        found = choose(edition, Subscriber(account=1, last_s=last_s))
        told += [near.post.post for near in found.here]
        told_dates += [one.path for one in found.dates]
        last_s = due
        read.append(due)

    assert sorted(told) == sorted(one.post for one in all_posts)
    assert len(told_dates) == len(set(told_dates))
    for one in all_dates:
        can = any(one.known_s <= due < one.starts_at_s <= due + AHEAD_S for due in read)
        assert (one.path in told_dates) is can


def test_the_nearest_come_first_and_those_nobody_can_place_last() -> None:
    posts = (
        post(1, START_S),
        post(2, START_S, spot=FAR),
        post(3, START_S, spot=NEAR),
        post(4, START_S, placed_at_s=START_S + 1),
    )

    reader = Subscriber(account=1, last_s=START_S - 1, spot=HOME)
    found = choose(Edition(due_s=START_S, posts=posts), reader)

    assert [near.post.post for near in found.here] == ["3", "2", "4", "1"]
    assert found.here[0].away_m is not None
    assert 1_000 < found.here[0].away_m < 2_000


def test_other_groups_far_away_and_own_posts_are_left_out() -> None:
    posts = (
        post(1, START_S, node="b", account=None, spot=FAR),
        post(2, START_S, node="b", account=None, spot=NEAR),
        post(3, START_S, node="b", account=None),
        post(4, START_S, account=1),
    )

    reader = Subscriber(account=1, last_s=START_S - 1, spot=HOME)
    found = choose(Edition(due_s=START_S, posts=posts), reader)

    assert [near.post.post for near in found.elsewhere] == ["2", "3"]
    assert found.here == ()


def test_what_is_old_is_no_news_when_it_comes_late() -> None:
    old = post(1, START_S, placed_at_s=START_S - 60 * DAY_S)
    late = post(2, START_S, placed_at_s=START_S - 20 * DAY_S)

    reader = Subscriber(account=1, last_s=START_S - WEEK_S)
    found = choose(Edition(due_s=START_S, posts=(old, late)), reader)

    assert [near.post.post for near in found.here] == ["2"]


def test_a_block_that_is_not_wanted_is_empty_and_full_ones_say_how_many_more() -> None:
    edition = Edition(
        due_s=START_S,
        stories=tuple(
            Story(item=n, title="", placed_at_s=START_S + n, known_s=START_S) for n in range(9)
        ),
        posts=(
            *(post(n, START_S) for n in range(HERE_MAX + 3)),
            *(post(n, START_S, node="b", account=None) for n in range(ELSEWHERE_MAX + 2)),
        ),
        dates=(Date(path="d", title="", starts_at_s=START_S + 1, known_s=START_S),),
    )

    found = choose(edition, Subscriber(account=1, last_s=START_S - 1))
    assert (len(found.here), found.more_here) == (HERE_MAX, 3)
    assert (len(found.elsewhere), found.more_elsewhere) == (ELSEWHERE_MAX, 2)
    assert [story.item for story in found.stories] == [8, 7, 6, 5, 4][:NEWS_MAX]
    for block in Block:
        only = choose(edition, Subscriber(account=1, last_s=0, blocks=frozenset({block})))
        filled = {name for name in ("stories", "dates", "here", "elsewhere") if getattr(only, name)}
        assert len(filled) == 1
    assert not choose(edition, Subscriber(account=1, last_s=0, blocks=frozenset()))


@given(st.integers(0, 4_000_000_000), st.integers(0, 6))
def test_an_edition_is_due_on_one_morning_of_each_week(now_s: int, weekday: int) -> None:
    due = due_s(now_s, BRUSSELS, weekday)
    at = datetime.fromtimestamp(due, BRUSSELS)

    assert due <= now_s < next_due_s(now_s, BRUSSELS, weekday)
    assert (at.weekday(), at.hour, at.minute) == (weekday, 9, 0)
    first = datetime.fromtimestamp(month_due_s(due, BRUSSELS), BRUSSELS)
    assert first.month == at.month
    assert first.day <= 7
    assert first.weekday() == weekday


def test_a_month_has_one_edition_for_who_wants_one() -> None:
    due = due_s(int(datetime(2026, 1, 1, tzinfo=BRUSSELS).timestamp()), BRUSSELS, 4)
    told, days = due - 40 * DAY_S, []
    for _ in range(53):
        if is_due(Rhythm.MONTHLY, told, due, BRUSSELS):
            told = due
            days.append(datetime.fromtimestamp(due, BRUSSELS).date())
        due = next_due_s(due, BRUSSELS, 4)

    assert days[:3] == [date(2025, 12, 26), date(2026, 1, 2), date(2026, 2, 6)]
    assert len(days) == 13


def test_a_digest_fits_its_mail_whatever_people_write() -> None:
    long = "😀" * 5_000
    near = Near(post=post(1, START_S, title=long, poster=long, place=long), away_m=2_000)
    other = Near(
        post=post(1, START_S, node="b" * 52, title=long, poster=long, place=long, group=long),
        away_m=900,
    )
    found = Digest(
        stories=(Story(item=1, title=long, text=long, placed_at_s=1, known_s=1),) * NEWS_MAX,
        dates=(Date(path="/calendar/1", title=long, place=long, starts_at_s=1, known_s=1),) * 10,
        here=(near,) * HERE_MAX,
        elsewhere=(other,) * ELSEWHERE_MAX,
        more_here=5,
    )

    for language in Language:
        somebody = to(language)
        own = filled(long[:SAID_MAX], DESK, somebody)
        letter = compose.digest(DESK, somebody, found, Rhythm.WEEKLY, due_s=START_S, own=own)
        assert letter.text.count("/posts/") == HERE_MAX + ELSEWHERE_MAX
        assert letter.html.count("/posts/") == HERE_MAX + ELSEWHERE_MAX


def test_a_digest_escapes_and_says_the_same_in_both_forms() -> None:
    near = Near(post=post(1, START_S, title="<b>Fiets</b>", want=True, poster="An"), away_m=6_200)
    found = Digest(here=(near,), stories=(Story(item=3, title="Feest", placed_at_s=1, known_s=1),))

    letter = compose.digest(DESK, to(), found, Rhythm.MONTHLY, due_s=START_S)

    assert "&lt;b&gt;Fiets&lt;/b&gt;" in letter.html
    for said in (letter.html, letter.text):
        for words in ("Feest", "vraag · An · 6 km", "/posts/1", "/news/3", "vorige maand"):
            assert words in said
    assert letter.stop_url
    assert letter.stop_url in letter.text
