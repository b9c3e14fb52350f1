"""The brakes: how far an import is, whether an event may be told, who decided; the audit log

The database itself keeps the audit log append-only: no update, no delete, no line out of turn.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SAYS = "the audit log is append-only"

SQLITE = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    # A REPLACE deletes without asking the trigger above.
    f"""CREATE TRIGGER audit_in_turn BEFORE INSERT ON audit
        WHEN NEW.sequence <= (SELECT coalesce(max(sequence), 0) FROM audit)
        BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
)
POSTGRESQL = (
    f"""CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$""",
    f"""CREATE FUNCTION audit_in_turn() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF NEW.sequence <= (SELECT coalesce(max(sequence), 0) FROM audit) THEN
                RAISE EXCEPTION '{SAYS}';
            END IF;
            RETURN NEW;
        END $$""",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_in_turn BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_in_turn()",
)


def upgrade() -> None:
    _imports()
    _events()
    op.create_table(
        "decision",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["custody_import.id"], name=op.f("fk_decision_import_id")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["custody_event.id"], name=op.f("fk_decision_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("import_id", "verdict", "by", name=op.f("uq_decision_import_id_verdict_by")),
    )
    _audit()


def _imports() -> None:
    with op.batch_alter_table("custody_import") as batch_op:
        batch_op.add_column(sa.Column("status", sa.String(length=10), nullable=False, server_default="finished"))
        batch_op.add_column(sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("critical", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("people", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("protected", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reasons", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("approvals", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("broke_off", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index(batch_op.f("ix_custody_import_status"), ["status"], unique=False)
    op.execute("UPDATE custody_import SET status = 'failed' WHERE finished_at IS NULL")


def _events() -> None:
    with op.batch_alter_table("custody_event") as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="released"))
        batch_op.add_column(sa.Column("corrects", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("held_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_custody_event_held_by"), "custody_import", ["held_by"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_custody_event_corrects"), "custody_event", ["corrects"], ["id"], ondelete="SET NULL"
        )
        batch_op.drop_index("ix_custody_event_import_id")
        batch_op.create_index(batch_op.f("ix_custody_event_corrects"), ["corrects"], unique=False)
        batch_op.create_index("ix_custody_event_state_import_id_id", ["state", "import_id", "id"], unique=False)
    op.execute("UPDATE custody_event SET state = 'held' WHERE held")
    with op.batch_alter_table("custody_event") as batch_op:
        batch_op.drop_column("held")


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_head")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse(), audit_in_turn()")
    op.drop_table("decision")
    with op.batch_alter_table("custody_event") as batch_op:
        batch_op.add_column(sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE custody_event SET held = true WHERE state <> 'released'")
    with op.batch_alter_table("custody_event") as batch_op:
        batch_op.drop_index("ix_custody_event_state_import_id_id")
        batch_op.drop_index(batch_op.f("ix_custody_event_corrects"))
        batch_op.drop_constraint(batch_op.f("fk_custody_event_corrects"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_custody_event_held_by"), type_="foreignkey")
        batch_op.drop_column("held_by")
        batch_op.drop_column("corrects")
        batch_op.drop_column("state")
        batch_op.create_index(batch_op.f("ix_custody_event_import_id"), ["import_id"], unique=False)
    with op.batch_alter_table("custody_import") as batch_op:
        batch_op.drop_index(batch_op.f("ix_custody_import_status"))
        for column in ("broke_off", "approvals", "reasons", "protected", "people", "critical", "judged_at", "status"):
            batch_op.drop_column(column)
