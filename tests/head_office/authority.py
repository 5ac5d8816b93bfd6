"""A bank's certificate authority in a test: certificates for brokers and branches, and a list of revoked ones."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONG = timedelta(days=365)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Writes PEM files into its folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._name = _name(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._revoked: list[int] = []
        self.file = folder / f"{name}.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False,
            key_encipherment=False, data_encipherment=False, key_agreement=False,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        made = self._builder(self._name, self._key, LONG)
        made = made.add_extension(constraints, critical=True).add_extension(usage, critical=True)
        _write(self.file, made.sign(self._key, hashes.SHA256()))

    def issue(self, common: str, file: str, lasts: timedelta = LONG) -> tuple[Path, Path, int]:
        """Certificate file, key file and serial number. `lasts` may be negative: it has run out by so much."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = self._builder(_name(common), key, lasts).add_extension(names, critical=False)
        certificate = made.sign(self._key, hashes.SHA256())
        cert_file, key_file = self._folder / f"{file}.pem", self._folder / f"{file}.key"
        sealed = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        key_file.write_bytes(sealed)
        _write(cert_file, certificate)
        return cert_file, key_file, certificate.serial_number

    def revoke(self, *serials: int) -> Path:
        """The list of all that are revoked."""
        self._revoked += serials
        now = datetime.now(UTC)
        made = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        made = made.last_update(now - timedelta(minutes=1)).next_update(now + LONG)
        for serial in self._revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial)
            made = made.add_revoked_certificate(entry.revocation_date(now).build())
        file = self._folder / "revoked.crl"
        signed = made.sign(self._key, hashes.SHA256())
        file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return file

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta
    ) -> x509.CertificateBuilder:
        end = datetime.now(UTC) + lasts
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name)
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        return made.not_valid_before(end - 2 * LONG).not_valid_after(end)


def _write(file: Path, certificate: x509.Certificate) -> None:
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
