"""A roster's file: bad rows are named with what to do, gaps are found, nothing is guessed."""

from datetime import timedelta

import pytest

from policy.errors import Unreadable
from policy.terms import Rank, Role
from store.roster_file import RosterFile, read_csv
from tests.store.samples import AT, minutes

HEADER = "person,name,rank,role,area,from,to,email,webhook,phone"
GOOD = "insp-a,Ann,inspector,duty_inspector,stoke,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z,,http://127.0.0.1:9/a,07"
AREAS = ("stoke", "newcastle")


def _read(*rows: str, header: str = HEADER) -> RosterFile:
    return read_csv("\n".join((header, *rows)), AT, areas=AREAS)


def _row(**cells: str) -> str:
    values = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | cells
    return ",".join(values[name] for name in HEADER.split(","))


def test_a_good_row_is_taken_as_it_stands() -> None:
    """Every column has its place."""
    file = _read(GOOD)
    assert file.refused == ()
    row = file.rows[0]
    assert (row.number, row.person, row.rank, row.role, row.area) == (
        2,
        "insp-a",
        Rank.INSPECTOR,
        Role.DUTY_INSPECTOR,
        "stoke",
    )
    assert (row.from_at, row.to_at) == (AT - timedelta(hours=5), AT + timedelta(hours=3))
    assert (row.email, row.webhook, row.phone) == (None, "http://127.0.0.1:9/a", "07")


def test_rank_follows_the_role_and_name_the_person() -> None:
    """Only what is left out is filled in; a person's rank is the highest that they serve in."""
    file = _read(_row(rank="", name=""), _row(rank="chief_inspector", role="duty_chief_inspector", name="Ann"))
    assert file.rows[0].rank is Rank.INSPECTOR
    assert file.people == {"insp-a": ("Ann", Rank.CHIEF_INSPECTOR)}
    assert _read(_row(name="")).people == {"insp-a": ("insp-a", Rank.INSPECTOR)}


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("person", ""),
        ("person", "Ann Example"),
        ("person", "a/b"),
        ("person", "vigil"),
        ("person", "x" * 65),
        ("rank", "major"),
        ("role", ""),
        ("role", "loi"),
        ("area", ""),
        ("area", "atlantis"),
        ("from", ""),
        ("from", "2026-01-10T14:00:00"),
        ("from", "yesterday"),
        ("from", "-40m"),
        ("from", "0001-01-01T00:00:00+14:00"),
        ("to", "2026-01-10T14:00:00Z"),
        ("to", "2026-01-10T13:00:00Z"),
        ("email", "nobody"),
        ("email", "a@b c@d"),
        ("webhook", "ftp://127.0.0.1/x"),
        ("webhook", "http://"),
        ("webhook", "http://h:99999/"),
        ("webhook", "http://[::1/"),
        ("webhook", "javascript:alert(1)"),
        ("phone", "0" * 501),
        ("name", "a\tb"),
    ],
)
def test_a_bad_cell_is_named(field: str, cell: str) -> None:
    """The row's number is that of the file, and there is always a remedy."""
    file = _read(GOOD.replace("insp-a", "insp-b"), "", _row(**{field: cell}))
    assert [(bad.row, bad.field) for bad in file.refused] == [(4, field)]
    assert file.refused[0].message
    assert file.refused[0].remedy
    assert [row.person for row in file.rows] == ["insp-b"]


def test_every_fault_of_a_row_is_told_at_once() -> None:
    """Nobody has to send the file again for each."""
    file = _read(_row(person="", role="loi", area="x", to="later", webhook="x"))
    assert {bad.field for bad in file.refused} == {"person", "role", "area", "to", "webhook"}


def test_the_same_duty_twice_is_refused() -> None:
    """Also when its instants are written in another zone; another area or role is another duty."""
    again = _row(**{"from": "2026-01-10T15:00:00+01:00"})
    file = _read(GOOD, again, _row(area="newcastle"))
    assert [(bad.row, bad.message) for bad in file.refused] == [(3, "the same duty stands in row 2")]
    assert len(file.rows) == 2


def test_a_row_with_too_many_cells_is_refused() -> None:
    """A comma too many must not shift an address."""
    assert [bad.field for bad in _read(GOOD + ",07,x").refused] == ["row"]
    assert _read(GOOD + ",,").refused == ()


def test_a_row_that_only_adds_a_period_has_the_persons_addresses() -> None:
    """Else somebody would be told on Monday and not on Tuesday; a row with an address of its own keeps it."""
    later = {"from": "2026-01-11T14:00:00Z", "to": "2026-01-11T22:00:00Z"}
    mail = _row(area="newcastle", webhook="", email="a@force.example")
    file = _read(GOOD, _row(webhook="", phone="", **later), mail)
    assert [(row.webhook, row.email) for row in file.rows] == [
        ("http://127.0.0.1:9/a", None),
        ("http://127.0.0.1:9/a", None),
        (None, "a@force.example"),
    ]


TEXTED = HEADER + ",sms"


def test_a_text_gateway_is_a_column_that_may_be_left_out() -> None:
    """It is read where it stands, and a further duty of the person has it too."""
    later = {"from": "2026-01-11T14:00:00Z", "to": "2026-01-11T22:00:00Z"}
    only = _row(person="insp-b", webhook="") + ",https://text.force.example/b"
    bare = _row(person="insp-b", webhook="", **later) + ","
    file = _read(GOOD + ", https://text.force.example/a ", only, bare, header=TEXTED)
    assert file.refused == ()
    assert [(row.webhook, row.sms) for row in file.rows] == [
        ("http://127.0.0.1:9/a", "https://text.force.example/a"),
        (None, "https://text.force.example/b"),
        (None, "https://text.force.example/b"),
    ]
    assert _read(GOOD).rows[0].sms is None
    assert {bad.field for bad in _read(GOOD, header=HEADER + ",SMS,sms").refused} == {"sms"}


@pytest.mark.parametrize(
    "cell",
    [
        "07700900123",
        "+447700900123",
        "sms:07700900123",
        "ftp://h/x",
        "http://",
        "http://h:99999/",
        "http://a b/",
        "ü.x",
    ],
)
def test_a_number_is_no_address_of_a_gateway(cell: str) -> None:
    """Somebody who looks reachable by text must be; the number to ring stands in `phone`."""
    (bad,) = _read(f"{GOOD},{cell}", header=TEXTED).refused
    assert (bad.row, bad.field) == (2, "sms")
    assert "phone" in bad.remedy


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("person,role,area,from", {"to"}),
        (HEADER + ",e-mail", {"e-mail"}),
        (HEADER + ",email", {"email"}),
        (HEADER.replace(",", ";"), {"person", "role", "area", "from", "to", HEADER.replace(",", ";")[:40]}),
    ],
)
def test_a_bad_header_is_row_one(header: str, fields: set[str]) -> None:
    """A column that is missing, unknown or there twice: no row is read."""
    file = _read(GOOD, header=header)
    assert {(bad.row, bad.field) for bad in file.refused} == {(1, field) for field in fields}
    assert file.rows == ()


def test_only_the_columns_that_matter_are_needed() -> None:
    """Who has no address is told in the inbox; capitals and blanks in the header do no harm."""
    row = "insp-a,duty_inspector,*,2026-01-10T14:00:00Z,2026-01-10T22:00:00Z"
    file = _read(row, header=" Person,Role,AREA,From,To")
    assert file.refused == ()
    assert file.rows[0].area == "*"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_names_in_utf8(encoding: str) -> None:
    """With or without a byte order mark, and with the line ends of any machine."""
    text = f"{HEADER}\r\n{_row(name='Zoë')}\r\n"
    file = read_csv(text.encode(encoding), AT, areas=AREAS)
    assert file.refused == ()
    assert file.rows[0].name == "Zoë"


@pytest.mark.parametrize(
    "given",
    [
        b"",
        HEADER.encode("utf-16"),
        f"{HEADER}\n{_row(name='Zoë')}".encode("cp1252"),
        f'{HEADER}\n"never closed'.encode(),
        f"{HEADER}\n{GOOD}\0".encode(),
    ],
)
def test_what_is_no_csv_is_unreadable(given: bytes) -> None:
    """It says so instead of taking half of it."""
    with pytest.raises(Unreadable):
        read_csv(given, AT, areas=AREAS)


def test_offsets_are_for_the_example() -> None:
    """`-40m` and `+8h` count from now, only when asked for."""
    file = read_csv(
        f"{HEADER}\n{_row(**{'from': '-40m', 'to': '+8h'})}\n{_row(**{'from': '+0m', 'to': '+2d'})}",
        AT,
        areas=AREAS,
        relative=True,
    )
    assert file.refused == ()
    assert (file.rows[0].from_at, file.rows[0].to_at) == (AT - minutes(40), AT + timedelta(hours=8))
    assert file.rows[1].from_at == AT


def test_gaps_of_the_next_day() -> None:
    """Overlapping duties close a gap, force-wide duties count, what lies beyond 24 hours does not."""
    needed = [(Role.DUTY_INSPECTOR, "stoke"), (Role.DUTY_INSPECTOR, "newcastle"), (Role.DUTY_INSPECTOR, "stoke")]
    rows = [
        _row(**{"from": "2026-01-10T14:00:00Z", "to": "2026-01-10T22:00:00Z"}),
        _row(person="b", **{"from": "2026-01-10T21:00:00Z", "to": "2026-01-10T23:00:00Z"}),
        _row(person="c", area="*", **{"from": "2026-01-11T06:00:00Z", "to": "2026-01-12T06:00:00Z"}),
        _row(person="d", role="response_sergeant"),
    ]
    file = read_csv("\n".join([HEADER, *rows]), AT, areas=AREAS, needed=needed)
    hour = timedelta(hours=1)
    assert [(gap.area, gap.from_at - AT, gap.to_at - AT) for gap in file.gaps] == [
        ("stoke", 4 * hour, 11 * hour),
        ("newcastle", 0 * hour, 11 * hour),
    ]
    nobody = read_csv(HEADER, AT, areas=AREAS, needed=[(Role.FORCE_INCIDENT_MANAGER, "*")])
    assert [(gap.role, gap.to_at - gap.from_at) for gap in nobody.gaps] == [(Role.FORCE_INCIDENT_MANAGER, 24 * hour)]
    assert read_csv("\n".join([HEADER, *rows[2:3]]), AT + 12 * hour, areas=AREAS, needed=needed[:1]).gaps[
        0
    ].from_at == (AT + 35 * hour)


def test_the_control_room_of_another_force() -> None:
    """It stands in the roster under its force's key, which is no area of ours; a key that no force has is refused."""
    rows = [_row(area="west_midlands"), _row(person="b", area="west_midland")]
    file = read_csv("\n".join([HEADER, *rows]), AT, areas=AREAS, forces=("west_midlands",))
    assert [row.area for row in file.rows] == ["west_midlands"]
    assert [(bad.field, bad.message) for bad in file.refused] == [("area", "'west_midland' is not an area of the pack")]


def test_periods_that_overlap_count_as_one() -> None:
    """A shift that was lengthened stands there twice: both rows are taken, and nobody is on duty twice for it."""
    longer = _row(**{"from": "2026-01-10T20:00:00Z", "to": "2026-01-10T23:00:00Z"})
    file = _read(GOOD, longer)
    assert (len(file.rows), file.refused) == (2, ())


def test_two_ranks_in_one_role_at_once_are_a_contradiction() -> None:
    """Which of them may lower a risk would be a guess; one after the other is a promotion."""
    acting = {"rank": "chief_inspector", "to": "2026-01-10T23:00:00Z"}
    (bad,) = _read(GOOD, _row(**{"from": "2026-01-10T21:00:00Z", **acting})).refused
    assert (bad.row, bad.field) == (3, "rank")
    assert bad.message == "says chief_inspector, and row 2 says inspector for the same role at the same time"
    assert _read(GOOD, _row(**{"from": "2026-01-10T22:00:00Z", **acting})).refused == ()


def test_two_roles_at_once_are_two_duties() -> None:
    """A small force at night: one person is inspector and Force Incident Manager."""
    both = _read(GOOD, _row(role="force_incident_manager", area="*"))
    assert [row.role for row in both.rows] == [Role.DUTY_INSPECTOR, Role.FORCE_INCIDENT_MANAGER]
    assert both.refused == ()
