"""The HTTP edge: the only code that knows HTTP. A route translates and does not decide.

Each request passes `observing` (request id, one log line, metrics), `methods` (DELETE is refused), the caller
(who asks), the body (`bodies`, after authentication only), one use case, and `problems` if anything is wrong.
"""
