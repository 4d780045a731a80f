"""Settings of Kafka's clients: read from a file, and said in the words of Java's client and of librdkafka.

Both forms are read; inside, a setting bears librdkafka's name, whose certificates and passwords stand each alone.
Sources: https://kafka.apache.org/41/configuration/consumer-configs/ and librdkafka's CONFIGURATION.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from emberlake.errors import StreamError

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_SAME = (
    "security.protocol", "sasl.mechanism", "sasl.username", "sasl.password", "ssl.ca.location",
    "ssl.certificate.location", "ssl.key.location", "ssl.key.password", "ssl.endpoint.identification.algorithm",
    "client.id", "client.dns.lookup", "metadata.max.age.ms", "connections.max.idle.ms",
)  # fmt: skip
_JAVA = (
    "sasl.jaas.config", "ssl.truststore.location", "ssl.truststore.type", "ssl.keystore.location",
    "ssl.keystore.type", "ssl.keystore.password",
)  # fmt: skip
_LOGIN = re.compile(r'(username|password)\s*=\s*"((?:[^"\\]|\\.)*)"')


def read_file(path: Path) -> dict[str, str]:
    """The settings of a file, one `name=value` a line, by librdkafka's names.

    Raises:
        StreamError: if it cannot be read, or has a setting that is unknown, lacking or not accepted. No value is told.
    """
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        why = e.strerror if isinstance(e, OSError) else "it is no UTF-8 text"
        raise StreamError(f"{path} cannot be read: {why}.", "Give --kafka-config a file of name=value lines.") from None
    given: dict[str, str] = {}
    for number, line in _lines(text):
        name, mark, value = line.partition("=")
        name = name.strip()
        if not mark or not name:
            raise StreamError(f"{path}, line {number}: this is no name=value.", "Comments begin with #.")
        if name not in (*_SAME, *_JAVA):
            raise _unknown(path, number, name)
        given[name] = value.strip()
    return canonical(given, str(path))


def _unknown(path: Path, number: int, name: str) -> StreamError:
    where = f"{path}, line {number}: "
    if name == "bootstrap.servers":
        return StreamError(f"{where}the address does not stand here.", "Give it as --kafka-bootstrap host:port.")
    if name == "ssl.truststore.password":
        return StreamError(
            f"{where}ssl.truststore.password is for JKS and PKCS12, which librdkafka does not read.",
            "Give the authority's certificate as PEM: ssl.ca.location=/path/ca.pem.",
        )
    return StreamError(f"{where}setting {name!r} is not known.", f"Known are: {', '.join(sorted({*_SAME, *_JAVA}))}.")


def _lines(text: str) -> list[tuple[int, str]]:
    """Lines with their numbers; a backslash at the end of one goes on in the next, as in Java's properties."""
    found: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if begun is None and (not line or line[0] in "#!"):
            continue
        first, before = begun or (number, "")
        begun = None
        if line.endswith("\\"):
            begun = first, before + line[:-1]
        else:
            found.append((first, before + line))
    return [*found, begun] if begun else found


def canonical(given: Mapping[str, str], where: str) -> dict[str, str]:
    """Settings in either form as librdkafka has them.

    Raises:
        StreamError: if they do not go together; names `where`, and no value that may be secret.
    """
    kept = {name: value for name, value in given.items() if name in _SAME}
    if jaas := given.get("sasl.jaas.config"):
        kept |= _login(jaas, where)
    if truststore := given.get("ssl.truststore.location"):
        _only(where, "ssl.truststore.type", given.get("ssl.truststore.type", "JKS"), ("PEM",), " as PEM")
        kept["ssl.ca.location"] = truststore
    if keystore := given.get("ssl.keystore.location"):
        kind = given.get("ssl.keystore.type", "JKS")
        _only(where, "ssl.keystore.type", kind, ("PEM", "PKCS12"), " as PEM or PKCS12")
        if kind == "PEM":
            kept |= {"ssl.certificate.location": keystore, "ssl.key.location": keystore}
        else:
            kept["ssl.keystore.location"] = keystore
            kept["ssl.keystore.password"] = given.get("ssl.keystore.password", "")
    _check(kept, where)
    return kept


def _login(jaas: str, where: str) -> dict[str, str]:
    if not re.search(r"\.(Plain|Scram)LoginModule\b", jaas):
        raise StreamError(
            f"{where}: sasl.jaas.config is not of PlainLoginModule or ScramLoginModule.",
            "Or give sasl.username and sasl.password instead.",
        )
    found = {f"sasl.{name}": re.sub(r"\\(.)", r"\1", value) for name, value in _LOGIN.findall(jaas)}
    if len(found) != 2:
        raise StreamError(
            f"{where}: sasl.jaas.config lacks a username or a password in double quotes.",
            "Or give sasl.username and sasl.password instead.",
        )
    return found


def _only(where: str, name: str, value: str, accepted: tuple[str, ...], advice: str = "") -> None:
    if value not in accepted:
        raise StreamError(
            f"{where}: {name} is {value!r}, which not both of our clients can do.",
            f"Give it{advice}: {name}={'|'.join(accepted)}.",
        )


def _check(kept: dict[str, str], where: str) -> None:
    protocol = kept.setdefault("security.protocol", "PLAINTEXT")
    _only(where, "security.protocol", protocol, PROTOCOLS)
    if protocol.startswith("SASL"):
        _only(where, "sasl.mechanism", kept.setdefault("sasl.mechanism", "PLAIN"), MECHANISMS)
        for name in ("sasl.username", "sasl.password"):
            if not kept.get(name):
                raise StreamError(f"{where}: {protocol} needs {name}, which is missing.", f"Add a line {name}=….")
    elif any(name.startswith("sasl.") for name in kept):
        raise StreamError(
            f"{where}: there is a login, but security.protocol is {protocol}, which sends none.",
            "Give security.protocol=SASL_SSL (or SASL_PLAINTEXT, where the network is trusted).",
        )
    if "ssl.certificate.location" in kept and "ssl.key.location" not in kept:
        raise StreamError(f"{where}: ssl.certificate.location needs ssl.key.location.", "Both are PEM files.")
    for name in ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.keystore.location"):
        if name in kept and not Path(kept[name]).is_file():
            raise StreamError(f"{where}: {name} names {kept[name]}, which is no file.", "Give a whole path.")
    if kept.get("ssl.endpoint.identification.algorithm") == "":
        kept["ssl.endpoint.identification.algorithm"] = "none"


def to_java(options: Mapping[str, str]) -> dict[str, str]:
    """Settings by librdkafka's names as Java's client takes them."""
    said = dict(options)
    if "sasl.username" in said:
        user, password = (_quoted(said.pop(name)) for name in ("sasl.username", "sasl.password"))
        kind = "plain.Plain" if said["sasl.mechanism"] == "PLAIN" else "scram.Scram"
        module = f"org.apache.kafka.common.security.{kind}LoginModule"
        said["sasl.jaas.config"] = f"{module} required username={user} password={password};"
    if authority := said.pop("ssl.ca.location", None):
        said |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": authority}
    if certificate := said.pop("ssl.certificate.location", None):
        key = said.pop("ssl.key.location")
        said["ssl.keystore.type"] = "PEM"
        if key == certificate:
            said["ssl.keystore.location"] = key
        else:
            said["ssl.keystore.certificate.chain"] = Path(certificate).read_text()
            said["ssl.keystore.key"] = Path(key).read_text()
    elif "ssl.keystore.location" in said:
        said["ssl.keystore.type"] = "PKCS12"
    if said.get("ssl.endpoint.identification.algorithm") == "none":
        said["ssl.endpoint.identification.algorithm"] = ""
    return said


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
