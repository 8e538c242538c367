"""Lists as programs really write them: other separators, line ends, quotes, and blocks that end in a row."""

import pytest

from app.domain.recipient_lists import RecipientList
from app.domain.recipient_rows import LONGEST_ROW, UnreadableListError, decoded, encoded
from app.domain.rows_of_csv import CsvList
from app.domain.rows_of_ndjson import NdjsonList, stated_in
from tests.domain.test_recipient_rows import asked, spoken

SAID = ',"decision":"allow","code":"OK"}\n'


@pytest.mark.parametrize(
    ("form", "text", "items"),
    [
        (CsvList("phone"), "\ufeffphone,name\n1,A\n", ["1"]),
        (CsvList("phone"), "id;phone\na,b,c,d;1\n", ["1"]),
        (CsvList("phone"), '"a,b,c";phone\n7;1\n', ["1"]),
        (CsvList("phone"), '"a";"b,c";phone\n7;8;1\n', ["1"]),
        (CsvList("phone"), 'id,phone\r\n"a",1\r\n"b",2\r\n', ["1", "2"]),
        (CsvList("phone"), 'id,phone\n"a",1\r2\n', ["1 2"]),
        (CsvList("phone"), "phone\n1,2\n3\n", [None, "3"]),
        (CsvList("phone"), "phone\n2\n" + "1" * 200_000 + "\n", ["2", "1" * 200_000]),
        (CsvList("phone"), "id,phone\n7,1 2\n", ["1 2"]),
        (CsvList("phone"), "id,phone\n7,1,x\n", [None]),
        (CsvList("phone"), "id,phone\n7,1,x,y\n", [None]),
        (CsvList("phone"), "id,name,phone\n7\n", [None]),
        (CsvList("phone"), "12345\n1\n", ["1"]),
        (CsvList("phone", "1"), "7,1\n", ["7"]),
        (CsvList("phone", "2"), "7,1\n", ["1"]),
        (CsvList("personal_number"), "id,personal_number\n7,1\n", ["1"]),
        (CsvList("personal_number"), "id,Identifier\n7,1\n", ["1"]),
    ],
)
def test_the_column_is_found_and_read(form: CsvList, text: str, items: list[object]) -> None:
    assert asked(form, text) == items


@pytest.mark.parametrize(
    ("blocks", "answer"),
    [
        (("phone\n",), "phone,decision,code\n"),
        (("phone\n", "1\n"), "phone,decision,code\n1,allow,OK\n"),
        (('id,phone\n"a",1\n"b",2\n',), 'id,phone,decision,code\n"a",1,allow,OK\n"b",2,allow,OK\n'),
        (('id,phone\r\n"a",1\r\n',), 'id,phone,decision,code\r\n"a",1,allow,OK\r\n'),
        (("id,phone\r\na,1\r\nb,2\n",), "id,phone,decision,code\r\na,1,allow,OK\r\nb,2,allow,OK\r\n"),
        (('"a\n', 'b",phone\n7,1\n'), '"a\nb",phone,decision,code\n7,1,allow,OK\n'),
        (('phone,"a\n', 'b"\n1,x\n'), 'phone,"a\nb",decision,code\n1,x,allow,OK\n'),
    ],
)
def test_each_row_comes_back_once_behind_the_header(blocks: tuple[str, ...], answer: str) -> None:
    assert spoken(CsvList("phone"), *blocks) == answer


@pytest.mark.parametrize(
    ("form", "text", "before"),
    [
        (CsvList("phone"), "\ufeffid,phone\n7,1\n", "\ufeffid,phone\n"),
        (CsvList("phone"), "åäö,phone\r\n7,1\r\n", "åäö,phone\r\n"),
        (CsvList("phone", "1"), "\ufeff7,1\n", "\ufeff"),
        (CsvList("phone", "1"), "7,1\n", ""),
        (NdjsonList(), '\ufeff"a"\n', "\ufeff"),
        (NdjsonList(), '"a"\n', ""),
    ],
)
def test_what_stands_before_the_first_row_is_counted_in_bytes(
    form: RecipientList, text: str, before: str
) -> None:
    form.read(text, last=False)
    assert form.skipped == len(encoded(before))


@pytest.mark.parametrize(
    ("form", "text", "sentence"),
    [
        (
            CsvList("phone"),
            "phone,code,sparr_code\n1,2,3\n",
            "The header has decision and sparr_decision, or code and sparr_code.",
        ),
        (CsvList("phone", "3"), "1,2\n", "The list has no column of this number."),
        (CsvList("phone", "0"), "1,2\n", "The list has no column of this number."),
        (
            CsvList("phone", header=False),
            "1,2\n",
            "Without a header the column is named by its number: column=1.",
        ),
        (
            CsvList("phone"),
            "a,b\n1,2\n",
            "No column, or more than one, can be the one meant; name it: column=…",
        ),
        (
            CsvList("phone"),
            "123456\n1\n",
            "The first line is a row and no header; number the column: column=1.",
        ),
        (
            CsvList("email"),
            "anna.test@example.com\n",
            "The first line is a row and no header; number the column: column=1.",
        ),
        (CsvList("phone"), 'phone\n"1\n', "A quote is not closed before the end of the list."),
        (
            CsvList("phone"),
            'phone\n"' + "1" * 200_000 + '"\n',
            "A field is too long; a quote may not be closed.",
        ),
    ],
)
def test_a_list_that_is_not_read_is_told_what_to_change(form: CsvList, text: str, sentence: str) -> None:
    with pytest.raises(UnreadableListError) as refused:
        form.read(text, last=True)
    assert str(refused.value) == sentence


def test_a_row_goes_on_as_long_as_a_row_may_be_and_no_longer() -> None:
    fields = "x," * (LONGEST_ROW // 2 - 2)
    longest = fields + '"' + "a" * (LONGEST_ROW - len(fields) - 2) + "\n"
    assert CsvList("phone").read("id,phone\n" + longest, last=False)[1] == longest
    with pytest.raises(UnreadableListError) as refused:
        CsvList("phone").read("id,phone\na" + longest, last=False)
    assert str(refused.value) == "A row is longer than a row may be; a quote may not be closed."


def test_a_header_that_goes_on_in_the_next_block_is_no_row_yet() -> None:
    rows, rest = CsvList("phone").read('"a\n', last=False)
    assert (rows.heads, rows.items, rest) == ([], [], '"a\n')


def test_in_a_list_of_one_column_bytes_that_are_no_text_ask_about_nobody() -> None:
    assert asked(CsvList("phone"), decoded(b"phone\n\xff1\n2\n")) == [None, "2"]
    assert asked(CsvList("phone"), decoded(b'id,phone\n"7",\xff1\n8,2\n')) == [None, "2"]


@pytest.mark.parametrize(
    ("blocks", "heads"),
    [
        (('"a"',), ['{"identifier":"a"']),
        (('"a"\n"b"',), ['{"identifier":"a"', '{"identifier":"b"']),
        (('"a b"\n', '"c"\n'), ['{"identifier":"a b"', '{"identifier":"c"']),
        (('"a"\r\n"b"\r\n',), ['{"identifier":"a"', '{"identifier":"b"']),
        (('\ufeff"a"\n', '"b"\n'), ['{"identifier":"a"', '{"identifier":"b"']),
        (("{no é\n",), ['{"line":"{no é"']),
        ((decoded(b'"\xff"\n'),), ['{"line":"\\"\ufffd\\""']),
        (('{"mine":1}\n',), ['{"mine":1']),
        ((), []),
    ],
)
def test_each_line_comes_back_once_with_two_more_members(blocks: tuple[str, ...], heads: list[str]) -> None:
    assert spoken(NdjsonList(), *blocks) == "".join(head + SAID for head in heads)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", []),
        ('"a"', ["a"]),
        ('"a"\n"b"', ["a", "b"]),
        ('"a"b', [None]),
        ('b"a"', [None]),
        ('"a""b"', [None]),
        ('\u00a0"a"', [None]),
        ('X"a"', [None]),
        ('"a"X', [None]),
        ('\t"a" \r\n', ["a"]),
        ('"a"\n\n"b"\n', ["a", None, "b"]),
        ('\ufeff"a"\n\ufeff"b"\n', ["a", None]),
        ('"a\n"\n', [None, None]),
        ('"\n\n"\n', [None, None, None]),
    ],
)
def test_a_line_is_one_json_value_and_nothing_beside_it(text: str, items: list[object]) -> None:
    assert asked(NdjsonList(), text) == items


def test_only_the_list_begins_with_a_byte_order_mark() -> None:
    form = NdjsonList()
    form.read('"a"\n', last=False)
    assert form.read('\ufeff"b"\n', last=True)[0].items == [None]
    assert form.skipped == 0
    assert NdjsonList().read("", last=True)[0].heads == []


def test_what_a_list_stated_of_people_is_their_value_where_their_type_was_put_to_it() -> None:
    form = CsvList("customer_ref", "ref", wrapped=True)
    rows, _ = form.read("id,ref\n7,K-1\n8\n", last=True)
    assert form.stated(rows.items) == ["K-1", None]
    assert CsvList("phone").stated(["1", None]) == ["1", None]


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ('"a"', "a"),
        ('{"identifier":"a","mine":7}', "a"),
        ('{"type":"email","value":"a","mine":7}', {"type": "email", "value": "a"}),
        ('{"identifier":{"type":"phone","value":"1"}}', {"type": "phone", "value": "1"}),
        ('{"identifier":{"type":"phone","value":"1","identifier":"2"}}', {"type": "phone", "value": "1"}),
        ('{"identifier":"a","code":"mine"}', "a"),
        ('{"type":"phone","value":"1","decision":"mine"}', {"type": "phone", "value": "1"}),
    ],
)
def test_what_a_line_asked_and_was_answered_is_read_again_in_the_answer(line: str, item: object) -> None:
    assert asked(NdjsonList(), line) == [item]
    assert stated_in(spoken(NdjsonList(), line)) == (item, "allow", "OK")
