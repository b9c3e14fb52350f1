"""Arrivals that are awaited after a transfer

Whoever left by transfer before this is asked of again, so that the clock knows of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "arrival_awaited",
        sa.Column("subject_ref", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_ref"], ["subject.id"], name=op.f("fk_arrival_awaited_subject_ref"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subject_ref", name=op.f("pk_arrival_awaited")),
    )
    op.create_index(op.f("ix_arrival_awaited_due_at"), "arrival_awaited", ["due_at"])
    op.execute("""
        INSERT INTO stints_changed (subject_ref)
        SELECT DISTINCT left_by.subject_ref FROM stint AS left_by
        WHERE lower(left_by.release_reason) LIKE '%transferred%'
        AND NOT EXISTS (
            SELECT 1 FROM stint AS later
            WHERE later.subject_ref = left_by.subject_ref AND later.book_in_at > left_by.book_in_at
        )
        AND left_by.subject_ref NOT IN (SELECT subject_ref FROM stints_changed)
    """)


def downgrade() -> None:
    op.drop_table("arrival_awaited")
