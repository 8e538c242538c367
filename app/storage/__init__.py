"""The register on PostgreSQL: the only package that speaks SQL."""
