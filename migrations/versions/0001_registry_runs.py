"""The registry: insert-and-select tables, a sealed vault, and roles that hold them to it."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTS = ("roles", "parties", "mandates", "entries", "vault", "views", "guards")


def upgrade() -> None:
    """Run the scripts whole: the driver prepares statements one by one, a script goes around that. The first
    statement opens the transaction that all of it belongs to."""
    op.execute("SELECT 1")
    connection: Any = op.get_bind().connection.dbapi_connection
    folder = Path(__file__).parent / "0001"
    for part in PARTS:
        script = (folder / f"{part}.sql").read_text(encoding="utf-8")
        connection.run_async(lambda driver, script=script: driver.execute(script))


def downgrade() -> None:
    msg = "The register is never taken apart."
    raise RuntimeError(msg)
