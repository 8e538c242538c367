"""One verb per file, one public function: what the registry does, in the field's words."""
