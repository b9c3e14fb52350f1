"""The index of names: words, pairs of words, and how many people there are

The people who are there already are indexed by the next look after what is due, or the next import.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TO_INDEX = "disclosable AND NOT protected AND NOT findable"
UNUSED = "given_count = 0 AND surname_count = 0"


def upgrade() -> None:
    op.drop_table("name_token")
    op.create_table(
        "name_country",
        sa.Column("country", sa.String(length=4), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("given_words", sa.Integer(), nullable=False),
        sa.Column("surname_words", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("country", name=op.f("pk_name_country")),
    )
    op.create_table(
        "name_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=4), nullable=False),
        sa.Column("token", sa.String(length=100), nullable=False),
        sa.Column("given_count", sa.Integer(), nullable=False),
        sa.Column("surname_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_word")),
        sa.UniqueConstraint("country", "token", name=op.f("uq_name_word_country_token")),
    )
    op.create_index("ix_name_word_country_id", "name_word", ["country", "id"])
    op.create_index(op.f("ix_name_word_token"), "name_word", ["token"])
    op.create_index(
        "ix_name_word_unused",
        "name_word",
        ["country"],
        sqlite_where=sa.text(UNUSED),
        postgresql_where=sa.text(UNUSED),
    )
    op.create_table(
        "name_pair",
        sa.Column("pair", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("born", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_ref", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("pair", "born", "subject_ref", name=op.f("pk_name_pair")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("subject") as batch_op:
        batch_op.add_column(sa.Column("findable", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_subject_to_index",
        "subject",
        ["adult_on"],
        sqlite_where=sa.text(TO_INDEX),
        postgresql_where=sa.text(TO_INDEX),
    )


def downgrade() -> None:
    op.drop_index("ix_subject_to_index", "subject")
    with op.batch_alter_table("subject") as batch_op:
        batch_op.drop_column("findable")
    op.drop_table("name_pair")
    op.drop_table("name_word")
    op.drop_table("name_country")
    op.create_table(
        "name_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_ref", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=4), nullable=False),
        sa.Column("token", sa.String(length=100), nullable=False),
        sa.Column("keys", sa.String(length=100), nullable=False),
        sa.Column("skeleton", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_ref"], ["subject.id"], name=op.f("fk_name_token_subject_ref"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_token")),
    )
    op.create_index("ix_name_token_country_keys", "name_token", ["country", "keys"])
    op.create_index("ix_name_token_country_skeleton", "name_token", ["country", "skeleton"])
    op.create_index("ix_name_token_country_token", "name_token", ["country", "token"])
    op.create_index(op.f("ix_name_token_subject_ref"), "name_token", ["subject_ref"])
