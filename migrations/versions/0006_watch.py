"""Watching over the feed and over who is shown: stretches, checks, closures, pages, facilities, freezes"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_stretch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("staff_told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subscribers_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["custody_import.id"], name=op.f("fk_feed_stretch_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_stretch")),
    )
    op.create_table(
        "exclusion_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_check")),
    )
    op.create_index(op.f("ix_exclusion_check_at"), "exclusion_check", ["at"])
    op.create_table(
        "search_closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_closure")),
    )
    op.create_index(op.f("ix_search_closure_reopened_at"), "search_closure", ["reopened_at"])
    op.create_table(
        "staff_page",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_page")),
    )
    op.create_index(op.f("ix_staff_page_next_at"), "staff_page", ["next_at"])
    op.create_table(
        "facility",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=True),
        sa.Column("public_number", sa.String(length=20), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_facility")),
    )
    op.create_table(
        "freeze",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("enrolment_id", sa.String(length=22), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=True),
        sa.Column("first_by", sa.String(length=100), nullable=True),
        sa.Column("second_by", sa.String(length=100), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_freeze_enrolment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze")),
    )
    op.create_index(op.f("ix_freeze_enrolment_id"), "freeze", ["enrolment_id"])


def downgrade() -> None:
    for table in ("freeze", "facility", "staff_page", "search_closure", "exclusion_check", "feed_stretch"):
        op.drop_table(table)
