"""Consents and relationships of a controller, their ends, and the weighing of general objections."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PARTS = ("facts", "guards")


def upgrade() -> None:
    """Run the scripts whole, as the first revision does."""
    op.execute("SELECT 1")
    connection: Any = op.get_bind().connection.dbapi_connection
    folder = Path(__file__).parent / "0002"
    for part in PARTS:
        script = (folder / f"{part}.sql").read_text(encoding="utf-8")
        connection.run_async(lambda driver, script=script: driver.execute(script))


def downgrade() -> None:
    msg = "The register is never taken apart."
    raise RuntimeError(msg)
