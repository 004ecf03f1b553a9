"""What moderators teach: each text they judged is a lesson, and the classifier learns from the lessons."""

from blueprints.comments.models import Comment
from blueprints.comments.screening_models import Lesson
from core import clock
from core.database import db


def learn(comment: Comment, *, is_wanted: bool) -> None:
    """Keep what a moderator decided as a lesson; the last decision counts."""
    lesson = db.session.get(Lesson, comment.id)
    if lesson is None:
        db.session.add(Lesson(comment_id=comment.id, is_wanted=is_wanted))
    else:
        lesson.is_wanted, lesson.created_at = is_wanted, clock.now()
    db.session.flush()


def unlearn(comment: Comment) -> None:
    """Drop the lesson of a decision that was undone."""
    lesson = db.session.get(Lesson, comment.id)
    if lesson is not None:
        db.session.delete(lesson)
        db.session.flush()
