"""What `ruilbrug feed status` prints."""

from __future__ import annotations

from federation.cli.feed import status_text


def test_a_group_has_a_line_and_below_it_what_is_wrong() -> None:
    well = {
        "name": "LETS Leuven",
        "posts": 12,
        "refreshed_at_s": 1_800_000_000,
        "reads_ours": True,
        "shown_here": False,
        "trouble": "",
        "trouble_at_s": 0,
        "left_out": {},
    }
    ill = well | {
        "name": "LETS Gent",
        "refreshed_at_s": 0,
        "trouble": "peer_wrong: its feed has no end",
        "trouble_at_s": 1_800_000_060,
        "left_out": {"price": 2, "malformed": 1},
    }

    lines = status_text([well, ill]).splitlines()

    assert lines[1].split() == ["LETS", "Leuven", "12", "2027-01-15", "08:00", "yes", "no"]
    assert "never" in lines[2]
    assert lines[3] == "  since 2027-01-15 08:01: peer_wrong: its feed has no end"
    assert lines[4] == "  left out: 1 malformed, 2 price"
