"""Apache as a shared host runs it for one account: http that redirects, https with the shop, .htaccess in force."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.hosting.host.account import Account

PASSENGER, CGI = "passenger", "cgi"
_MODULES = Path("/usr/lib/apache2/modules")
_COMMON = (
    "authz_core", "authz_host", "mime", "dir", "headers", "rewrite", "env", "setenvif", "socache_shmcb", "ssl",
    "alias",
)  # fmt: skip
_ROOT_OF_PASSENGER = "/usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini"
_START_SECONDS = 30


class Apache:
    """`https` shows the shop, `http` redirects there, `careless` shows the folder above it, as a slip would."""

    def __init__(self, account: Account, way: str):
        self.account = account
        self.way = way
        self.folder = account.home / "apache"
        self.folder.mkdir()
        self.http, self.secure, self.careless_port = free_ports(3)
        self.certificate = make_certificate(self.folder)
        (self.folder / "httpd.conf").write_text(self._configuration())
        account.own_everything()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"https://localhost:{self.secure}"

    @property
    def plain_url(self) -> str:
        return f"http://localhost:{self.http}"

    @property
    def careless_url(self) -> str:
        return f"http://localhost:{self.careless_port}/{self.account.shop.name}"

    @property
    def log(self) -> str:
        path = self.folder / "error.log"
        return path.read_text(errors="replace") if path.is_file() else ""

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @contextlib.contextmanager
    def running(self) -> Iterator[Apache]:
        command = [
            "/usr/sbin/apache2",
            "-d",
            str(self.folder),
            "-f",
            str(self.folder / "httpd.conf"),
            "-DFOREGROUND",
        ]
        self._process = self.account.start(command, start_new_session=True)
        try:
            self._wait()
            yield self
        finally:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=20)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def _wait(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.secure)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"Apache did not start:\n{self.log[-3000:]}")

    def _configuration(self) -> str:
        names = [*_COMMON, *(("mpm_event",) if self.way == PASSENGER else ("mpm_prefork", "cgi"))]
        loads = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in names)
        return f"""
ServerName localhost
ServerRoot {self.folder}
PidFile {self.folder}/apache.pid
DefaultRuntimeDir {self.folder}
ErrorLog {self.folder}/error.log
LogLevel warn
TypesConfig /etc/mime.types
{loads}
{self._passenger_module()}
SSLSessionCache none
Listen 127.0.0.1:{self.http}
Listen 127.0.0.1:{self.secure}
Listen 127.0.0.1:{self.careless_port}
# So that the shop believes the certificate of this test when it asks for its own address.
SetEnv SSL_CERT_FILE {self.certificate}
<Directory />
    Require all denied
    AllowOverride None
</Directory>
<Directory {self.account.home}>
    Require all granted
    AllowOverride All
    Options SymLinksIfOwnerMatch
</Directory>
<VirtualHost 127.0.0.1:{self.http}>
    DocumentRoot {self.account.public}
    {self._passenger_of_the_shop()}
</VirtualHost>
<VirtualHost 127.0.0.1:{self.secure}>
    DocumentRoot {self.account.public}
    SSLEngine on
    SSLCertificateFile {self.certificate}
    SSLCertificateKeyFile {self.folder}/key.pem
    {self._passenger_of_the_shop()}
</VirtualHost>
<VirtualHost 127.0.0.1:{self.careless_port}>
    DocumentRoot {self.account.home}
</VirtualHost>
"""

    def _passenger_module(self) -> str:
        if self.way != PASSENGER:
            return ""
        return f"""
LoadModule passenger_module {_MODULES}/mod_passenger.so
PassengerRoot {_ROOT_OF_PASSENGER}
PassengerInstanceRegistryDir {self.folder}
PassengerDisableSecurityUpdateCheck on
PassengerEnabled off
"""

    def _passenger_of_the_shop(self) -> str:
        """The lines a host's panel writes when an application is registered; everything else is Passenger's default."""
        if self.way != PASSENGER:
            return ""
        return f"""
    PassengerEnabled on
    PassengerAppRoot {self.account.shop}
    PassengerAppType wsgi
    PassengerStartupFile passenger_wsgi.py
    PassengerPython {self.account.python}
"""


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def make_certificate(folder: Path) -> Path:
    """For localhost, signed by itself, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
            ),
            False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    (folder / "key.pem").chmod(0o600)
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path
