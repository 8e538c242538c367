"""Work without a request. Each job is claimed in the database, so that any number of workers may look."""
