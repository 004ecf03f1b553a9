"""How migrations run: on SQLite with foreign keys off, for batch mode drops and copies tables that others point at."""

from alembic import context
from flask import current_app
from sqlalchemy import text

database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            # Dropping a parent table with foreign keys on would delete the rows of its children, silently.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            connection.execution_options(writing=True)
        else:
            connection.execute(text("SET lock_timeout = '60s'"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transactional_ddl=True,
            include_name=is_ours,
            on_version_apply=[refuse_orphans] if is_sqlite else [],
            **current_app.extensions["migrate"].configure_args,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            if is_sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def is_ours(name, kind, _parents) -> bool:
    """Tell whether autogenerate looks at it: the index of search is made by hand, as no two databases have the same."""
    return kind not in ("table", "index") or not (name or "").startswith("search_words")


def refuse_orphans(ctx, **_step) -> None:
    """Called inside each migration's transaction: what raises here undoes it."""
    if broken := ctx.connection.execute(text("PRAGMA foreign_key_check")).fetchall():
        raise RuntimeError(f"the migration left rows that point nowhere: {broken[:3]}")


run_migrations()
