"""EDGE: the registry in an admin's or auditor's browser. Pages made here, no script needed to read them."""
