"""A page cut from a list that was asked for one more."""

import pytest

from core.paging import cut


@pytest.mark.parametrize(
    ("found", "items", "later"),
    [([], [], False), ([1], [1], False), ([1, 2], [1, 2], False), ([1, 2, 3], [1, 2], True)],
)
def test_a_page_has_at_most_its_size_and_knows_whether_there_are_more(found, items, later):
    page = cut(found, 2, has_earlier=False)

    assert (page.items, page.has_later, page.has_earlier) == (items, later, False)
