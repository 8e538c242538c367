"""What a list asks about, and how it comes back: the sender's own columns as they were, and two more."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.recipient_lists import RecipientList
from app.domain.recipient_rows import (
    LONGEST_ROW,
    Rows,
    UnreadableListError,
    answered,
    decoded,
    encoded,
    summary_line,
)
from app.domain.rows_of_csv import CsvList
from app.domain.rows_of_ndjson import NdjsonList, _each, _plain


def asked(form: RecipientList, text: str) -> list[object]:
    rows, rest = form.read(text, last=True)
    assert rest == ""
    return rows.items


def spoken(form: RecipientList, *blocks: str) -> str:
    """The whole answer to a list that comes in these blocks; everybody is allowed."""
    said, held = "", ""
    for n, block in enumerate(blocks, 1):
        rows, held = form.read(held + block, last=n == len(blocks))
        said += answered(rows, [form.tail("allow", "OK")] * len(rows))
    return form.opening + said


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("phone\n1\n2\n", ["1", "2"]),
        ("phone\n1\n2", ["1", "2"]),
        ("\ufeffphone\r\n1\r\n2\r\n", ["1", "2"]),
        ("id;Mobil;name\n7;1;A\n8;2;B\n", ["1", "2"]),
        ("id\tmobile\n7\t1\n8\t2\n", ["1", "2"]),
        ("id|number\n7|1\n8|2\n", ["1", "2"]),
        ('id,phone\n"7,1",1\n"a\nb",2\n', ["1", "2"]),
        ('"a ""b""",phone\n7,"1"\n8,2\n', ["1", "2"]),
        ("phone\n\n2\n", ["", "2"]),
        ('phone\n\n"2"\n', [None, "2"]),
        ("id,phone\n7\n8,2,x\n9,3\n", [None, None, "3"]),
        ('5" pipe,phone\nb"c,1\n', ["1"]),
        ("phone\n", []),
        ("", []),
    ],
)
def test_a_csv_is_read_with_its_own_separator_quotes_and_line_ends(text: str, items: list[object]) -> None:
    assert asked(CsvList("phone"), text) == items


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("phone\n1\n", "phone,decision,code\n1,allow,OK\n"),
        ("\ufeffid;phone\r\n7;1\r\n", "\ufeffid;phone;decision;code\r\n7;1;allow;OK\r\n"),
        ('id,phone\n"a\r\n""b""",1', 'id,phone,decision,code\n"a\r\n""b""",1,allow,OK\n'),
        ("id,phone\n7\n", "id,phone,decision,code\n7,,allow,OK\n"),
        ("code,phone\n7,1\n", "code,phone,decision,sparr_code\n7,1,allow,OK\n"),
    ],
)
def test_the_columns_stay_as_they_were_written(text: str, answer: str) -> None:
    assert spoken(CsvList("phone"), text) == answer


def test_a_list_without_a_header_is_read_by_the_number_of_its_column() -> None:
    assert spoken(CsvList("phone", "2"), "7,1\n8,2\n") == "7,1,allow,OK\n8,2,allow,OK\n"
    assert asked(CsvList("phone", "2", header=True), "a,b\n8,2\n") == ["2"]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (CsvList("phone"), "+46701740605\n+46701740606\n"),
        (CsvList("email"), "anna.test@example.com\n"),
        (CsvList("phone"), "a,b\n1,2\n"),
        (CsvList("phone"), "phone,mobile\n1,2\n"),
        (CsvList("phone", "nobody"), "a,b\n1,2\n"),
        (CsvList("phone", "3"), "1,2\n"),
        (CsvList("phone", "a", header=False), "a,b\n"),
        (CsvList("phone"), "phone,code,sparr_code\n1,2,3\n"),
        (CsvList("phone"), 'phone\n"1\n2\n'),
        (CsvList("phone"), '"phone\n2\n'),
        (CsvList("phone"), 'phone\n"' + "1" * 200_000 + '"\n'),
    ],
)
def test_a_list_that_could_be_read_in_two_ways_is_not_read(form: CsvList, text: str) -> None:
    with pytest.raises(UnreadableListError) as refused:
        form.read(text, last=True)
    assert "4670" not in str(refused.value)


def test_a_quote_that_stays_open_does_not_swallow_the_memory() -> None:
    form = CsvList("phone")
    _, rest = form.read('id,phone\n7,1\n"a\n', last=False)
    assert rest == '"a\n'
    with pytest.raises(UnreadableListError):
        form.read(rest + ("x" * 1000 + "\n") * (LONGEST_ROW // 1000 + 1), last=False)


def test_a_type_that_the_channel_does_not_read_is_asked_as_what_it_is() -> None:
    form = CsvList("customer_ref", "ref", wrapped=True)
    assert asked(form, "id,ref\n7,K-1\n8\n") == [{"type": "customer_ref", "value": "K-1"}, None]


FIELD = st.text(st.sampled_from('ab"\n\r,; 1é')) | st.text()


@given(st.lists(st.lists(FIELD, min_size=2, max_size=2), max_size=6), st.data(), st.sampled_from(",;\t|"))
def test_what_a_program_for_tables_wrote_it_reads_back_with_two_more_columns(
    rows: list[list[str]], data: st.DataObject, separator: str
) -> None:
    written = io.StringIO()
    rows = [[name.replace("\0", ""), phone.replace("\0", "")] for name, phone in rows]
    csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["name", "phone"], *rows])
    text = written.getvalue()
    ends = [n + 1 for n, letter in enumerate(text) if letter == "\n"]
    cut = data.draw(st.sampled_from([0, *ends]))
    said = spoken(CsvList("phone"), text[:cut], text[cut:])
    read = list(csv.reader(io.StringIO(said, newline=""), delimiter=separator))
    assert read == [["name", "phone", "decision", "code"], *([*row, "allow", "OK"] for row in rows)]


CELL = st.text(st.sampled_from("a1é ,;"), max_size=3)


@given(
    st.lists(st.lists(CELL, min_size=1, max_size=4).map(",".join), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_rows_that_are_read_together_are_read_as_one_by_one(lines: list[str], end: str) -> None:
    text = end.join(["phone,name", *lines])
    items = [line.split(",")[0] if line.count(",") == 1 else None for line in lines]
    assert asked(CsvList("phone"), text) == (items[:-1] if lines and not lines[-1] else items)


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ('"+46701740605"', "+46701740605"),
        ('  "a"  ', "a"),
        ('"a\\u0041"', "aA"),
        ('{"type":"email","value":"a","mine":7}', {"type": "email", "value": "a"}),
        ('{"mine":7,"identifier":"a"}', "a"),
        ('{"identifier":{"type":"phone","value":"1","x":2}}', {"type": "phone", "value": "1"}),
        ('{"all":[{"type":"phone","value":"1"}],"x":2}', {"all": [{"type": "phone", "value": "1"}]}),
        ("7", None),
        ("", None),
        ("{}", None),
        ("[1]", None),
        ("NaN", None),
        ('{"value":"a","value":"b"}', None),
        ('"\\ud800"', None),
        ('"a" "b"', None),
        ('"a', None),
        ("[" * 100_000, None),
    ],
)
def test_a_line_is_a_text_or_an_object_or_cannot_be_read(line: str, item: object) -> None:
    rows, _ = NdjsonList().read(line + '\n"b"\n', last=True)
    assert rows.items == [item, "b"]
    said = answered(rows, [NdjsonList().tail("allow", "OK")] * 2)
    members = [json.loads(one) for one in said.splitlines()]
    assert [(one["decision"], one["code"]) for one in members] == [("allow", "OK")] * 2


def test_an_object_keeps_its_members_also_those_that_are_called_like_ours() -> None:
    text = '{"mine":[1,{"x":"é"}],"identifier":"a"}\n{"identifier":"a","code":"mine"}\n"é"\n'
    assert [json.loads(line) for line in spoken(NdjsonList(), text).splitlines()] == [
        {"mine": [1, {"x": "é"}], "identifier": "a", "decision": "allow", "code": "OK"},
        {"identifier": {"identifier": "a", "code": "mine"}, "decision": "allow", "code": "OK"},
        {"identifier": "é", "decision": "allow", "code": "OK"},
    ]


TEXT = st.text(st.sampled_from('a"\\ \t,{}1é\n'), max_size=6)
LINES = st.lists(TEXT.map(json.dumps) | TEXT, min_size=1, max_size=5)


@given(LINES)
def test_lines_that_are_read_together_are_read_as_one_by_one(lines: list[str]) -> None:
    body = "\n".join(lines)
    together = _plain(body)
    assert together is None or together == _each(body)


@pytest.mark.parametrize(
    ("most", "parts"), [(1, ["a", "b", "c"]), (2, ["ab", "c"]), (3, ["abc"]), (9, ["abc"])]
)
def test_rows_are_taken_so_many_at_a_time_each_with_its_item(most: int, parts: list[str]) -> None:
    found = list(Rows(list("abc"), list("ABC")).parts(most))
    assert ["".join(one.heads) for one in found] == parts
    assert ["".join(one.items) for one in found] == [part.upper() for part in parts]
    assert list(Rows([], []).parts(most)) == []


def test_a_list_is_handed_on_as_it_is_where_it_is_short() -> None:
    rows = Rows(["a"], ["A"])
    assert next(rows.parts(1)) is rows


def test_the_last_line_tells_in_json_without_blanks_what_became_of_the_list() -> None:
    assert summary_line("summary", {"rows": 2, "name": "Åsa"}) == '{"summary":{"rows":2,"name":"Åsa"}}'


@given(st.binary(max_size=50))
def test_bytes_that_are_no_text_are_carried_through(block: bytes) -> None:
    assert encoded(decoded(block)) == block


def test_a_row_that_is_no_text_asks_about_nobody_and_keeps_its_bytes() -> None:
    block = b"name,phone\nBj\xf6rn,1\nAnna,\xff2\n"
    form = CsvList("phone")
    rows, _ = form.read(decoded(block), last=True)
    assert rows.items == ["1", None]
    said = encoded(answered(rows, [form.tail("allow", "OK"), form.tail("block", "NO")]))
    assert said == b"Bj\xf6rn,1,allow,OK\nAnna,\xff2,block,NO\n"
    rows, _ = NdjsonList().read(decoded(b'"\xff"\n"a"\n'), last=True)
    assert rows.items == [None, "a"]
