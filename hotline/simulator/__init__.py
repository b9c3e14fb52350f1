"""A Twilio on loopback: it stands in the platform's place when no account is set, and it is the kit of the
call tests.

It knows the product by its public HTTP alone: signed webhooks go out, REST requests come in.
"""
