"""The outbound HTTP gate: every request that Wavegate makes to an address that somebody else chose goes through here.

An address is checked when it is connected to, not when it is read, so that a name that rebinds gains nothing. Redirects
are never followed, answers are bounded in bytes and time, certificates are always verified, proxies and credentials from
the environment are not used. Failures name the host, never the path or the query: these may be secret (Slack's are).
"""

from wavegate.egress.addresses import AddressPolicy
from wavegate.egress.gate import EgressGate, EgressLimits, EgressResponse, Resolver
from wavegate.egress.requests_session import GatedSession

__all__ = ["AddressPolicy", "EgressGate", "EgressLimits", "EgressResponse", "GatedSession", "Resolver"]
