"""The way into a case: one thin call per kind of message, and four ways in which it can fail.

An act is an update whose id is the request's id, so that the same request twice is one act. When no
answer comes in time, the truth is `UnknownError`: the server may still carry the act out, and asking
again with the same request id is safe (design.md 4).
"""
