"""The page about findings says what the table has."""

from core.training.findings.findings import SIGNS
from docs.making.findings import PAGE, page


def test_the_page_is_fresh():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m docs.making.findings"


def test_every_finding_has_its_row_with_words_for_users():
    assert all(sign.title and sign.code in page() for sign in SIGNS)
    assert len({sign.title for sign in SIGNS}) == len(SIGNS)
    assert page().count("| nothing: ") == sum(not sign.cures for sign in SIGNS)
