"""Signing in with an account of another system: the city's unified identity, a ministry's CAS, OpenID Connect.

    settings.py       GONGZHI_SSO_<NAME>_… -> one `Driver` each
    driver.py         what every driver does, and what it says of a person
    openid.py         OpenID Connect: the dance; tokens.py: what makes a token worthy of belief
    cas.py ticket.py  the two ticket styles
    calling.py        asking the other system, within bounds
    sign_on.py        from the first redirect to the session, with the gateway's own records

The other system says who somebody is. What he may do is decided here: roles are never taken from it.
"""
