"""The routes, one file per resource: schema in, use case, schema out."""
