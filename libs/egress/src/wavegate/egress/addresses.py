"""Which addresses may be connected to. Pure."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")
_SHARED = ip_network("100.64.0.0/10")


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What the gate lets through. Public unicast addresses always are; link-local ones (cloud metadata) never.

    Attributes:
        allow_loopback: this machine; for the embedded platform.
        allow_private: RFC 1918, RFC 4193 and RFC 6598 ranges; for services inside a cluster.
        allow_networks: further networks by name, in CIDR form, such as one Prometheus' Service range.
        allow_plain_http: `http:` to public addresses too; to loopback, private and named ones it always may be used.
    """

    allow_loopback: bool = False
    allow_private: bool = False
    allow_networks: tuple[str, ...] = ()
    allow_plain_http: bool = False

    def permits(self, address: str, *, encrypted: bool) -> bool:
        """Tell whether an address (numeric text) may be connected to."""
        effective = embedded(ip_address(address.partition("%")[0]))
        if _never(effective):
            return False
        if any(effective in network for network in self._networks()):
            return True
        if effective.is_loopback:
            return self.allow_loopback
        if _private(effective):
            return self.allow_private
        return effective.is_global and (encrypted or self.allow_plain_http)

    def _networks(self) -> list[Network]:
        return [ip_network(text, strict=False) for text in self.allow_networks]


def embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one carries (mapped, NAT64, 6to4), else the address itself."""
    if not isinstance(address, IPv6Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _never(address: Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified


def _private(address: Address) -> bool:
    shared = isinstance(address, IPv4Address) and address in _SHARED
    return shared or (address.is_private and not address.is_loopback)
