"""National registers: imported lists as immutable snapshots, readable by lookups."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the script whole, as 0001 does: the driver alone prepares statements one by one."""
    op.execute("SELECT 1")
    connection: Any = op.get_bind().connection.dbapi_connection
    script = (Path(__file__).parent / "0003" / "registers.sql").read_text(encoding="utf-8")
    connection.run_async(lambda driver: driver.execute(script))


def downgrade() -> None:
    msg = "The register is never taken apart."
    raise RuntimeError(msg)
