"""The pages of the console: one file for each, with its doors."""

from app.console.pages import (
    agents,
    contested,
    controllers,
    deadlines,
    decisions,
    exports,
    issuer,
    journal,
    mandates,
    objections,
    overview,
    registers,
    search,
    signing_in,
    static,
)

DOORS = (
    *static.DOORS,
    *signing_in.DOORS,
    *issuer.DOORS,
    *overview.DOORS,
    *mandates.DOORS,
    *objections.DOORS,
    *search.DOORS,
    *decisions.DOORS,
    *agents.DOORS,
    *contested.DOORS,
    *deadlines.DOORS,
    *registers.DOORS,
    *journal.DOORS,
    *controllers.DOORS,
    *exports.DOORS,
)
