"""What the room of search does when something happened in a lower one."""

from blueprints.articles.events import article_saved
from blueprints.comments.events import comment_hidden, comment_published, comment_rewritten
from blueprints.search.indexing import forget_comment, index_article, index_comment


def listen() -> None:
    """Begin to listen."""
    article_saved.connect(index_article)
    comment_published.connect(index_comment)
    comment_rewritten.connect(index_comment)
    comment_hidden.connect(forget_comment)
