"""What goes over the wire, by resource. Requests forbid what is not named; answers have no defaults."""
