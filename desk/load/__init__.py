"""Load on a running kefu: customers over WebSockets, agents over REST, and a ledger of it all.

`kefu bench load` and the fault tests share it. It only ever speaks to the loopback.
"""
