"""One certificate authority per run: every connection to the control plane is verified, and every caller named."""

import datetime
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = datetime.timedelta(days=365)
_SKEW = datetime.timedelta(minutes=5)
_ADDRESSES = (x509.IPAddress(ipaddress.ip_address("127.0.0.1")),)
_HOSTS = ("localhost", "kubernetes.default.svc")


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, before anything secret is in it."""
    path.touch(mode=0o600)
    path.write_bytes(content)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the key unencrypted, in PKCS #8."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_signing_key(folder: Path) -> Credential:
    """Write the key pair that signs service-account tokens; `certificate` is the public key alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    pair = Credential(folder / "service-accounts.pub", folder / "service-accounts.key")
    write_private(pair.key, private_pem(key))
    pair.certificate.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return pair


class Authority:
    """A certificate authority whose key never leaves this process."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        self.certificate = folder / f"{name}.crt"
        critical = (x509.BasicConstraints(ca=True, path_length=0), _key_usage(authority=True))
        self.certificate.write_bytes(self._sign(self._name, self._key, critical, ()))

    def issue(self, common_name: str, organisation: str = "") -> Credential:
        """Issue a certificate for a caller, or for a server on the loopback address.

        Args:
            common_name: The user's name to Kubernetes; it also names the files.
            organisation: The group to Kubernetes, if any.
        """
        stem = common_name.replace(":", "-")
        issued = Credential(self._folder / f"{stem}.crt", self._folder / f"{stem}.key")
        key = ec.generate_private_key(ec.SECP256R1())
        critical = (x509.BasicConstraints(ca=False, path_length=None), _key_usage(authority=False))
        other = (
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]),
            x509.SubjectAlternativeName([*_ADDRESSES, *(x509.DNSName(name) for name in _HOSTS)]),
        )
        write_private(issued.key, private_pem(key))
        issued.certificate.write_bytes(self._sign(_name(common_name, organisation), key, critical, other))
        return issued

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        critical: Iterable[x509.ExtensionType],
        other: Iterable[x509.ExtensionType],
    ) -> bytes:
        begins = datetime.datetime.now(datetime.UTC) - _SKEW
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(begins + _LIFETIME)
        )
        # Python from 3.13 on refuses certificates that do not name their own and their issuer's key.
        names = (
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
        )
        for extension in critical:
            builder = builder.add_extension(extension, critical=True)
        for extension in (*names, *other):
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common_name: str, organisation: str = "") -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(attributes)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
