"""A piece that is left out of the migrations is noticed: the short form, and how pieces are found."""

import pytest

from tests.proofs.schema_mutation import mutants, run, scripts
from tests.proofs.sql_removals import removals, statements


def test_a_sample_of_what_can_be_left_out_of_the_migrations_is_noticed() -> None:
    result = run(full=False, seed=7229)
    assert result["violations"] == [], result
    assert result["removals"] >= 50
    assert len(result["kinds"]) >= 5


def test_every_kind_of_piece_is_found_in_the_migrations() -> None:
    found = mutants(scripts())
    kinds = {mutant.removal.kind for mutant in found}
    wanted = {
        "statement",
        "statement in a block",
        "privilege of a grant",
        "object of a grant",
        "role of a grant",
    }
    wanted |= {"element of a list", "reference", "unique", "key", "default", "table constraint", "not null"}
    wanted |= {"last column of a key", "condition of a policy", "option of a view", "option of a function"}
    assert kinds == wanted | {"option of a role", "condition of an index"}
    assert len(found) > 700
    for verb in (
        "GRANT ",
        "REVOKE ",
        "CREATE POLICY",
        "ENABLE ROW",
        "FORCE ROW",
        "OWNER TO",
        "CREATE EVENT TRIGGER",
    ):
        assert any(verb in mutant.removal.removed for mutant in found), verb


def test_only_views_that_are_made_anew_may_go_unnoticed() -> None:
    excused = [str(one).partition(": --")[0] for one in mutants(scripts()) if one.made_anew]
    assert {
        "0001/views.sql:3: option of a view: WITH (security_invoker = true)",
        "0010/evidence.sql:32: statement",
        "0010/evidence.sql:33: option of a view: WITH (security_invoker = true)",
    } <= set(excused)
    assert all(": statement" in one or ": option of a view" in one for one in excused)
    assert len(excused) < 20


@pytest.mark.parametrize(
    ("script", "kind", "left"),
    [
        ("GRANT SELECT, INSERT ON a TO b;", "privilege of a grant", "GRANT INSERT ON a TO b;"),
        ("GRANT SELECT ON a, c TO b;", "object of a grant", "GRANT SELECT ON a TO b;"),
        ("CREATE TABLE a (\n    b uuid NOT NULL\n);", "not null", "CREATE TABLE a (\n    b uuid\n);"),
        (
            "CREATE TABLE a (\n    b int,\n    PRIMARY KEY (b, c)\n);",
            "last column of a key",
            "CREATE TABLE a (\n    b int,\n    PRIMARY KEY (b)\n);",
        ),
        (
            "CREATE POLICY p ON a USING (f((1))) WITH CHECK (x);",
            "condition of a policy",
            "CREATE POLICY p ON a USING (f((1))) ;",
        ),
    ],
)
def test_a_removal_leaves_the_rest_as_it_was(script: str, kind: str, left: str) -> None:
    assert left in {one.text.replace("GRANT  ", "GRANT ") for one in removals(script) if one.kind == kind}


def test_a_semicolon_in_a_text_a_comment_or_a_block_ends_no_statement() -> None:
    script = "SELECT ';'; -- a; b\nDO $$ BEGIN x; END $$; SELECT (1;2);"
    found = [script[start:end].split(maxsplit=1)[0] for start, end in statements(script)]
    assert found == ["SELECT", "--", "SELECT"]
