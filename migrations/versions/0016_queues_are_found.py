"""What is not simply in force is found by an index."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script whole; the first statement opens the transaction that all of it belongs to."""
    op.execute("SELECT 1")
    connection: Any = op.get_bind().connection.dbapi_connection
    script = (Path(__file__).parent / "0016" / "queues.sql").read_text(encoding="utf-8")
    connection.run_async(lambda driver: driver.execute(script))


def downgrade() -> None:
    msg = "The register is never taken apart."
    raise RuntimeError(msg)
