"""What can be asked about pictures."""

from collections.abc import Sequence

from sqlalchemy import select

from blueprints.articles.models import Picture
from blueprints.auth.models import User
from core.database import db
from core.paging import Page, cut

PICTURES_PER_PAGE = 20


def pictures_of(user: User, before: int | None = None) -> Page[Picture]:
    """Return somebody's newest pictures, or those older than the one with the id `before`; newest first."""
    query = select(Picture).where(Picture.uploaded_by_id == user.id)
    if before is not None:
        query = query.where(Picture.id < before)
    found = db.session.scalars(query.order_by(Picture.id.desc()).limit(PICTURES_PER_PAGE + 1)).all()
    return cut(found, PICTURES_PER_PAGE, has_earlier=before is not None)


def pictures_named(names: Sequence[str]) -> list[Picture]:
    """Return the pictures with these names in their order, each once; what is no name of one is left out."""
    found = {one.name: one for one in db.session.scalars(select(Picture).where(Picture.name.in_(names[:100])))}
    return [found[name] for name in dict.fromkeys(names) if name in found]
