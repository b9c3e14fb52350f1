"""Notices: mail, links, number changes, people brought in from a file, the pace of sending, tasks with an owner"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
DUE = "next_at IS NOT NULL"
OPEN_ATTEMPT = "ended_at IS NULL"
CHANNELS = ("voice", "text", "mail")
FROM_CALLS = ("eligible_text", "eligible_at", "consent_text", "consent_at", "call_id")


def upgrade() -> None:
    _new_tables()
    _history()
    with op.batch_alter_table("subscriber") as table:
        for name, kind in (
            ("zones", sa.String(1000)),
            ("code_word_sealed", sa.LargeBinary()),
            ("mail_hash", sa.String(64)),
            ("mail_sealed", sa.LargeBinary()),
            ("mail_confirmed_at", TIME),
            ("mail_stopped_at", TIME),
        ):
            table.add_column(sa.Column(name, kind, nullable=True))
        table.create_index(table.f("ix_subscriber_mail_hash"), ["mail_hash"])
    with op.batch_alter_table("enrolment") as table:
        table.add_column(sa.Column("mails", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("fuller_texts", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("batch_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("batch_line", sa.Integer(), nullable=True))
        table.add_column(sa.Column("reconfirm_at", TIME, nullable=True))
        table.create_foreign_key(table.f("fk_enrolment_batch_id"), "enrolment_batch", ["batch_id"], ["id"])
        table.create_index(table.f("ix_enrolment_batch_id"), ["batch_id"])
        table.create_index(table.f("ix_enrolment_reconfirm_at"), ["reconfirm_at"])
        _nullable(table, True)
    with op.batch_alter_table("enrolment") as table:
        table.alter_column("mails", server_default=None)
        table.alter_column("fuller_texts", server_default=None)
    with op.batch_alter_table("pin_failure") as table:
        table.alter_column("call_id", existing_type=sa.String(22), nullable=True)
    _delivery()
    with op.batch_alter_table("attempt") as table:
        table.drop_index("ix_attempt_status")
        table.create_index(
            "ix_attempt_open",
            ["placed_at"],
            sqlite_where=sa.text(OPEN_ATTEMPT),
            postgresql_where=sa.text(OPEN_ATTEMPT),
        )
    with op.batch_alter_table("staff_task") as table:
        table.add_column(sa.Column("due_at", TIME, nullable=True))
        table.add_column(sa.Column("owner", sa.String(100), nullable=True))
        table.add_column(sa.Column("closed_by", sa.String(100), nullable=True))
    op.execute("UPDATE staff_task SET due_at = opened_at")
    with op.batch_alter_table("custody_event") as table:
        table.add_column(sa.Column("released_at", TIME, nullable=True))
        table.add_column(sa.Column("taken_back_at", TIME, nullable=True))
    op.execute("""
        INSERT INTO enrolment_change (enrolment_id, at, subscriber_id, status, calls, texts, mails, any_hour,
            calls_stopped, texts_stopped, mails_stopped, zones)
        SELECT e.id, CURRENT_TIMESTAMP, s.id, e.status, e.calls, e.texts, e.mails, e.any_hour,
            s.calls_stopped_at IS NOT NULL, s.texts_stopped_at IS NOT NULL, s.mail_confirmed_at IS NULL, s.zones
        FROM enrolment e JOIN subscriber s ON s.id = e.subscriber_id
    """)
    with op.batch_alter_table("staff_task") as table:
        table.alter_column("due_at", existing_type=TIME, nullable=False)


def _new_tables() -> None:
    op.create_table(
        "pace_bucket",
        sa.Column("channel", sa.String(5), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_pace_bucket")),
    )
    full = ", ".join(f"('{channel}', 0, '2026-01-01 00:00:00+00')" for channel in CHANNELS)
    op.execute(f"INSERT INTO pace_bucket VALUES {full}")
    op.create_table(
        "channel_pause",
        sa.Column("channel", sa.String(5), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_pause")),
    )
    op.create_table(
        "enrolment_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("file_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_batch")),
    )
    op.create_table(
        "number_change",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("enrolment_id", sa.String(22), nullable=False),
        sa.Column("subscriber_id", sa.String(22), nullable=False),
        sa.Column("calls", sa.Boolean(), nullable=False),
        sa.Column("texts", sa.Boolean(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_number_change_enrolment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_number_change_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_change")),
    )
    op.create_index(op.f("ix_number_change_enrolment_id"), "number_change", ["enrolment_id"])
    op.create_index(op.f("ix_number_change_subscriber_id"), "number_change", ["subscriber_id"])
    op.create_table(
        "link",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("enrolment_id", sa.String(22), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_link_enrolment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_link_token_hash")),
    )
    op.create_index(op.f("ix_link_enrolment_id"), "link", ["enrolment_id"])


def _history() -> None:
    op.create_table(
        "enrolment_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.String(22), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("subscriber_id", sa.String(22), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("calls", "texts", "mails", "any_hour", "calls_stopped", "texts_stopped", "mails_stopped")
        ),
        sa.Column("zones", sa.String(1000), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_change_enrolment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_change")),
    )
    op.create_index(op.f("ix_enrolment_change_enrolment_id"), "enrolment_change", ["enrolment_id"])


def _delivery() -> None:
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("subscriber_id", sa.String(22), nullable=True))
        table.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("retried_at", TIME, nullable=True))
        table.drop_column("lease_until")
        table.drop_index("ix_delivery_status_next_at")
    op.execute("""
        UPDATE delivery SET subscriber_id =
            (SELECT enrolment.subscriber_id FROM enrolment WHERE enrolment.id = delivery.enrolment_id)
    """)
    with op.batch_alter_table("delivery") as table:
        table.alter_column("subscriber_id", existing_type=sa.String(22), nullable=False)
        table.alter_column("turn", server_default=None)
        table.create_foreign_key(table.f("fk_delivery_subscriber_id"), "subscriber", ["subscriber_id"], ["id"])
        table.create_index(table.f("ix_delivery_subscriber_id"), ["subscriber_id"])
        table.create_index(
            "ix_delivery_due",
            ["channel", "urgency", "turn", "next_at"],
            sqlite_where=sa.text(DUE),
            postgresql_where=sa.text(DUE),
        )


def _nullable(table: BatchOperations, nullable: bool) -> None:
    kinds = {"eligible_at": TIME, "consent_at": TIME, "call_id": sa.String(22)}
    for name in FROM_CALLS:
        table.alter_column(name, existing_type=kinds.get(name, sa.String(12)), nullable=nullable)
    table.alter_column("pin_hash", existing_type=sa.String(120), nullable=nullable)


def downgrade() -> None:
    """Enrolments without a PIN, and mails, did not exist before: they go."""
    op.drop_table("enrolment_change")
    with op.batch_alter_table("custody_event") as table:
        table.drop_column("taken_back_at")
        table.drop_column("released_at")
    op.execute("DELETE FROM attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE channel = 'mail')")
    op.execute("DELETE FROM delivery WHERE channel = 'mail'")
    of_them = "enrolment_id IN (SELECT id FROM enrolment WHERE call_id IS NULL OR pin_hash IS NULL)"
    op.execute(f"DELETE FROM attempt WHERE delivery_id IN (SELECT id FROM delivery WHERE {of_them})")
    for name in ("delivery", "freeze", "pin_failure", "number_change", "link"):
        op.execute(f'DELETE FROM "{name}" WHERE {of_them}')
    op.execute("DELETE FROM enrolment WHERE call_id IS NULL OR pin_hash IS NULL")
    with op.batch_alter_table("staff_task") as table:
        for column in ("closed_by", "owner", "due_at"):
            table.drop_column(column)
    with op.batch_alter_table("attempt") as table:
        table.drop_index("ix_attempt_open")
        table.create_index("ix_attempt_status", ["status"])
    with op.batch_alter_table("delivery") as table:
        table.drop_index("ix_delivery_due")
        table.drop_index(table.f("ix_delivery_subscriber_id"))
        table.drop_constraint(table.f("fk_delivery_subscriber_id"), type_="foreignkey")
        table.drop_column("turn")
        table.drop_column("retried_at")
        table.add_column(sa.Column("lease_until", TIME, nullable=True))
        table.drop_column("subscriber_id")
        table.create_index("ix_delivery_status_next_at", ["status", "next_at"])
    op.execute("DELETE FROM pin_failure WHERE call_id IS NULL")
    with op.batch_alter_table("pin_failure") as table:
        table.alter_column("call_id", existing_type=sa.String(22), nullable=False)
    op.drop_table("link")
    op.drop_table("number_change")
    with op.batch_alter_table("enrolment") as table:
        table.drop_index(table.f("ix_enrolment_reconfirm_at"))
        table.drop_index(table.f("ix_enrolment_batch_id"))
        table.drop_constraint(table.f("fk_enrolment_batch_id"), type_="foreignkey")
        for column in ("reconfirm_at", "batch_line", "batch_id", "fuller_texts", "mails"):
            table.drop_column(column)
        _nullable(table, False)
    op.drop_table("enrolment_batch")
    with op.batch_alter_table("subscriber") as table:
        table.drop_index(table.f("ix_subscriber_mail_hash"))
        for column in ("mail_stopped_at", "mail_confirmed_at", "mail_sealed", "mail_hash", "code_word_sealed", "zones"):
            table.drop_column(column)
    op.drop_table("channel_pause")
    op.drop_table("pace_bucket")
