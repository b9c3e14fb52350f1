"""Limits of the search by date of birth and by record"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("search") as batch_op:
        batch_op.add_column(sa.Column("birth_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("subject_ref", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_search_subject_ref"), "subject", ["subject_ref"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index("ix_search_subject_ref_at", ["subject_ref", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("search") as batch_op:
        batch_op.drop_index("ix_search_subject_ref_at")
        batch_op.drop_constraint(batch_op.f("fk_search_subject_ref"), type_="foreignkey")
        batch_op.drop_column("subject_ref")
        batch_op.drop_column("birth_hash")
