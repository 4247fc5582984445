"""Papers: what each is made of, how it is typeset, sealed once, stored and handed out."""
