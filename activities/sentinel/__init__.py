"""The sentinel: it proves, subject by subject, that the record agrees with itself and with the engine.

`comparing` says what is wrong of one subject, `looking` reads what it compares, `mending` does what is
safe, `rounds` keeps what was found, and `proving` is the activity that goes through all of them.
`following`, `letter_tasks` and `asking` look at what no subject shows: what triggers keep, tasks about
letters, and what was asked for without an answer.
"""
