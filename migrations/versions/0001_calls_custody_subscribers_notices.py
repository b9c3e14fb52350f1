"""Calls, custody, subscribers, notices"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("attempt_id", sa.String(length=22), nullable=True),
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("caller_hash", sa.String(length=64), nullable=True),
        sa.Column("caller_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("session_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("waiting_token", sa.String(length=22), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("read_backs", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("sid", name=op.f("uq_call_sid")),
    )
    with op.batch_alter_table("call") as batch_op:
        batch_op.create_index(batch_op.f("ix_call_caller_hash"), ["caller_hash"], unique=False)
        batch_op.create_index("ix_call_ended_at_touched_at", ["ended_at", "touched_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_started_at"), ["started_at"], unique=False)

    op.create_table(
        "custody_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_import")),
    )
    with op.batch_alter_table("custody_import") as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_import_finished_at"), ["finished_at"], unique=False)

    op.create_table(
        "search",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("call_id", sa.String(length=22), nullable=False),
        sa.Column("caller_hash", sa.String(length=64), nullable=False),
        sa.Column("person_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search")),
    )
    with op.batch_alter_table("search") as batch_op:
        batch_op.create_index(batch_op.f("ix_search_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_search_call_id"), ["call_id"], unique=False)
        batch_op.create_index("ix_search_caller_hash_at", ["caller_hash", "at"], unique=False)

    op.create_table(
        "subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("given_names", sa.Text(), nullable=False),
        sa.Column("surnames", sa.Text(), nullable=False),
        sa.Column("other_names", sa.Text(), nullable=True),
        sa.Column("sex", sa.String(length=32), nullable=True),
        sa.Column("birth_date", sa.String(length=10), nullable=True),
        sa.Column("birth_country", sa.String(length=4), nullable=False),
        sa.Column("disclosable", sa.Boolean(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=True),
        sa.Column("adult_on", sa.Date(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_import", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_subject_subject_id")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("block_hash", sa.String(length=64), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls_stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("texts_stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("number_hash", name=op.f("uq_subscriber_number_hash")),
    )
    with op.batch_alter_table("subscriber") as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriber_block_hash"), ["block_hash"], unique=False)

    op.create_table(
        "text_in",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=False),
        sa.Column("sender_hash", sa.String(length=64), nullable=True),
        sa.Column("meaning", sa.String(length=10), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_in")),
        sa.UniqueConstraint("sid", name=op.f("uq_text_in_sid")),
    )
    with op.batch_alter_table("text_in") as batch_op:
        batch_op.create_index("ix_text_in_sender_hash_at", ["sender_hash", "at"], unique=False)

    op.create_table(
        "tombstone",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "call_step",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("call_id", sa.String(length=22), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Double(), nullable=False),
        sa.Column("flow", sa.String(length=40), nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=10), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("heard_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=81), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_step_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_step")),
        sa.UniqueConstraint("call_id", "token", name=op.f("uq_call_step_call_id_token")),
    )
    op.create_table(
        "custody_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_ref", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["custody_import.id"], name=op.f("fk_custody_event_import_id")),
        sa.ForeignKeyConstraint(
            ["subject_ref"], ["subject.id"], name=op.f("fk_custody_event_subject_ref"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_event")),
        sa.UniqueConstraint("subject_ref", "key", name=op.f("uq_custody_event_subject_ref_key")),
    )
    with op.batch_alter_table("custody_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_custody_event_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_custody_event_kind"), ["kind"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("subscriber_id", sa.String(length=22), nullable=False),
        sa.Column("subject_ref", sa.Integer(), nullable=True),
        sa.Column("watch_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("calls", sa.Boolean(), nullable=False),
        sa.Column("texts", sa.Boolean(), nullable=False),
        sa.Column("voicemail", sa.Boolean(), nullable=False),
        sa.Column("any_hour", sa.Boolean(), nullable=False),
        sa.Column("confirmation_hash", sa.String(length=64), nullable=False),
        sa.Column("pin_hash", sa.String(length=120), nullable=False),
        sa.Column("call_id", sa.String(length=22), nullable=False),
        sa.Column("eligible_text", sa.String(length=12), nullable=False),
        sa.Column("eligible_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent_text", sa.String(length=12), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["subject_ref"], ["subject.id"], name=op.f("fk_enrolment_subject_ref")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_enrolment_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("call_id", name=op.f("uq_enrolment_call_id")),
        sa.UniqueConstraint("confirmation_hash", name=op.f("uq_enrolment_confirmation_hash")),
    )
    with op.batch_alter_table("enrolment") as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_subject_ref"), ["subject_ref"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_subscriber_id"), ["subscriber_id"], unique=False)

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
    with op.batch_alter_table("name_token") as batch_op:
        batch_op.create_index("ix_name_token_country_keys", ["country", "keys"], unique=False)
        batch_op.create_index("ix_name_token_country_skeleton", ["country", "skeleton"], unique=False)
        batch_op.create_index("ix_name_token_country_token", ["country", "token"], unique=False)
        batch_op.create_index(batch_op.f("ix_name_token_subject_ref"), ["subject_ref"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("row_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["custody_import.id"], name=op.f("fk_quarantine_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    with op.batch_alter_table("quarantine") as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_import_id"), ["import_id"], unique=False)

    op.create_table(
        "stint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_ref", sa.Integer(), nullable=False),
        sa.Column("stay_id", sa.String(length=64), nullable=False),
        sa.Column("stint_id", sa.String(length=64), nullable=False),
        sa.Column("facility_code", sa.String(length=64), nullable=True),
        sa.Column("facility_name", sa.String(length=200), nullable=True),
        sa.Column("facility_state", sa.String(length=64), nullable=True),
        sa.Column("book_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("book_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.String(length=500), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subject_ref"], ["subject.id"], name=op.f("fk_stint_subject_ref"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stint")),
        sa.UniqueConstraint("subject_ref", "stint_id", name=op.f("uq_stint_subject_ref_stint_id")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("enrolment_id", sa.String(length=22), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=5), nullable=False),
        sa.Column("urgency", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_delivery_enrolment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["event_id"], ["custody_event.id"], name=op.f("fk_delivery_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "enrolment_id", "occasion", "channel", name=op.f("uq_delivery_enrolment_id_occasion_channel")
        ),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_event_id"), ["event_id"], unique=False)
        batch_op.create_index("ix_delivery_status_next_at", ["status", "next_at"], unique=False)

    op.create_table(
        "pin_failure",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("enrolment_id", sa.String(length=22), nullable=False),
        sa.Column("call_id", sa.String(length=22), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_pin_failure_enrolment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pin_failure")),
    )
    with op.batch_alter_table("pin_failure") as batch_op:
        batch_op.create_index(batch_op.f("ix_pin_failure_enrolment_id"), ["enrolment_id"], unique=False)

    op.create_table(
        "staff_task",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("enrolment_id", sa.String(length=22), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.String(length=22), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_staff_task_enrolment_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["custody_event.id"], name=op.f("fk_staff_task_event_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_task")),
    )
    with op.batch_alter_table("staff_task") as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_task_kind"), ["kind"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("delivery_id", sa.String(length=22), nullable=False),
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("answered_by", sa.String(length=14), nullable=True),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_attempt_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("sid", name=op.f("uq_attempt_sid")),
        sa.UniqueConstraint("token", name=op.f("uq_attempt_token")),
    )
    with op.batch_alter_table("attempt") as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_status"), ["status"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("attempt") as batch_op:
        batch_op.drop_index(batch_op.f("ix_attempt_status"))
        batch_op.drop_index(batch_op.f("ix_attempt_delivery_id"))

    op.drop_table("attempt")
    with op.batch_alter_table("staff_task") as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_task_kind"))

    op.drop_table("staff_task")
    with op.batch_alter_table("pin_failure") as batch_op:
        batch_op.drop_index(batch_op.f("ix_pin_failure_enrolment_id"))

    op.drop_table("pin_failure")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index("ix_delivery_status_next_at")
        batch_op.drop_index(batch_op.f("ix_delivery_event_id"))

    op.drop_table("delivery")
    op.drop_table("stint")
    with op.batch_alter_table("quarantine") as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_import_id"))

    op.drop_table("quarantine")
    with op.batch_alter_table("name_token") as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_token_subject_ref"))
        batch_op.drop_index("ix_name_token_country_token")
        batch_op.drop_index("ix_name_token_country_skeleton")
        batch_op.drop_index("ix_name_token_country_keys")

    op.drop_table("name_token")
    with op.batch_alter_table("enrolment") as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_subscriber_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_subject_ref"))
        batch_op.drop_index(batch_op.f("ix_enrolment_status"))

    op.drop_table("enrolment")
    with op.batch_alter_table("custody_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_event_kind"))
        batch_op.drop_index(batch_op.f("ix_custody_event_import_id"))

    op.drop_table("custody_event")
    op.drop_table("call_step")
    op.drop_table("tombstone")
    with op.batch_alter_table("text_in") as batch_op:
        batch_op.drop_index("ix_text_in_sender_hash_at")

    op.drop_table("text_in")
    with op.batch_alter_table("subscriber") as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscriber_block_hash"))

    op.drop_table("subscriber")
    op.drop_table("subject")
    with op.batch_alter_table("search") as batch_op:
        batch_op.drop_index("ix_search_caller_hash_at")
        batch_op.drop_index(batch_op.f("ix_search_call_id"))
        batch_op.drop_index(batch_op.f("ix_search_at"))

    op.drop_table("search")
    with op.batch_alter_table("custody_import") as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_import_finished_at"))

    op.drop_table("custody_import")
    with op.batch_alter_table("call") as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_started_at"))
        batch_op.drop_index("ix_call_ended_at_touched_at")
        batch_op.drop_index(batch_op.f("ix_call_caller_hash"))

    op.drop_table("call")
