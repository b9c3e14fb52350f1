"""The import: who is still to be asked of, which files were taken"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stints_changed",
        sa.Column("subject_ref", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject_ref", name=op.f("pk_stints_changed")),
    )
    # What an import that was killed before this left untold is asked of everybody.
    op.execute(
        """INSERT INTO stints_changed SELECT id FROM subject WHERE EXISTS (
            SELECT 1 FROM custody_import WHERE finished_at IS NULL AND id >
            (SELECT coalesce(max(id), 0) FROM custody_import WHERE finished_at IS NOT NULL))"""
    )
    op.add_column("stint", sa.Column("fingerprint", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_stint_fingerprint"), "stint", ["fingerprint"])
    op.add_column("quarantine", sa.Column("settled", sa.String(length=10), nullable=True))
    op.add_column("quarantine", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_quarantine_settled_at"), "quarantine", ["settled_at"])
    op.add_column("custody_import", sa.Column("file_name", sa.String(length=200), nullable=True))
    op.add_column("custody_import", sa.Column("file_hash", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_custody_import_file_hash"), "custody_import", ["file_hash"])


def downgrade() -> None:
    op.drop_index(op.f("ix_custody_import_file_hash"), "custody_import")
    with op.batch_alter_table("custody_import") as batch_op:
        batch_op.drop_column("file_hash")
        batch_op.drop_column("file_name")
    op.drop_index(op.f("ix_quarantine_settled_at"), "quarantine")
    with op.batch_alter_table("quarantine") as batch_op:
        batch_op.drop_column("settled_at")
        batch_op.drop_column("settled")
    op.drop_index(op.f("ix_stint_fingerprint"), "stint")
    with op.batch_alter_table("stint") as batch_op:
        batch_op.drop_column("fingerprint")
    op.drop_table("stints_changed")
