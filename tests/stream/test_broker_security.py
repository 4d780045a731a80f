"""TLS and passwords against a real broker that asks for both: who has them gets in, who has not does not."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from emberlake.engine.kafka import connection_of, ensure_partitions, open_connection, start_broker, stop_broker
from emberlake.engine.kafka.place import Place, is_free
from emberlake.errors import StreamError
from emberlake.settings import Settings, read_settings

PASSWORD = 'a "quoted" \\ one'
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


def make_certificate(folder: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that signs itself, and one file of it with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f"{name}.pem").write_bytes(pem)
    (folder / f"{name}-keystore.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form) + pem)
    return folder / f"{name}.pem"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A broker with a second listener that wants TLS and a password: its address, and the folder of certificates."""
    from tests.stream.conftest import watched

    folder = tmp_path_factory.mktemp("guarded")
    make_certificate(folder, "ca")
    make_certificate(folder, "stranger")
    settings = read_settings(root=folder / "root", kafka_bootstrap="")
    place = Place.of(settings)
    place.folder.mkdir(parents=True)
    ports = place.choose_ports()
    third = next(p for p in range(ports.client + 1, 32_100) if p != ports.controller and is_free(p))
    user = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    more = {
        "listeners": f"CLIENT://127.0.0.1:{ports.client},CONTROLLER://127.0.0.1:{ports.controller},"
        f"GUARDED://127.0.0.1:{third}",
        "advertised.listeners": f"CLIENT://127.0.0.1:{ports.client},GUARDED://127.0.0.1:{third}",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_SSL",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.guarded.plain.sasl.jaas.config": f'{LOGIN} user_ada="{user}";',
        "listener.name.guarded.ssl.keystore.type": "PEM",
        "listener.name.guarded.ssl.keystore.location": str(folder / "ca-keystore.pem"),
    }
    watch = watched(settings.root)
    try:
        start_broker(settings, more=more)
        yield f"127.0.0.1:{third}", folder
    finally:
        stop_broker(settings)
        watch.communicate()


def client(guarded: tuple[str, Path], name: str, password: str = PASSWORD, ca: str = "ca") -> Settings:
    address, folder = guarded
    path = folder / f"{name}.properties"
    path.write_text(
        f"security.protocol=SASL_SSL\nssl.ca.location={folder / ca}.pem\n"
        f"sasl.mechanism=PLAIN\nsasl.username=ada\nsasl.password={password}\n"
    )
    return read_settings(root=folder / "elsewhere", kafka_bootstrap=address, kafka_config=path)


def read_by_spark(spark: SparkSession, options: dict[str, str]) -> list[str]:
    # Half a second of trying, not a minute: the wrong password is wrong at once, the rest is Kafka's patience.
    quick = {"kafka.request.timeout.ms": "4000", "kafka.default.api.timeout.ms": "5000"}
    messages = spark.read.format("kafka").options(**options, **quick).option("subscribe", "secret").load()
    return [row[0] for row in messages.selectExpr("cast(value as string)").collect()]


def test_the_right_password_gets_in_from_both_clients(guarded, spark):
    connection = open_connection(client(guarded, "right"), patience=30)
    ensure_partitions(connection, {"secret": 1}, patience=30)
    producer = Producer(connection.client())
    producer.produce("secret", b"told")
    assert producer.flush(30) == 0
    assert read_by_spark(spark, connection.spark()) == ["told"]


def test_the_wrong_password_does_not(guarded, spark):
    right = open_connection(client(guarded, "right"), patience=30)
    ensure_partitions(right, {"secret": 1}, patience=30)
    settings = client(guarded, "wrong", password="hunter2")
    with pytest.raises(StreamError, match=r"[Aa]uthentication failed") as refused:
        open_connection(settings, patience=5)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(Py4JJavaError, match="Invalid username or password"):
        read_by_spark(spark, connection_of(settings).spark())


def test_a_broker_with_another_certificate_is_not_trusted(guarded):
    with pytest.raises(StreamError, match="(?i)certificate"):
        open_connection(client(guarded, "stranger", ca="stranger"), patience=5)


def test_no_tls_where_it_is_asked_for(guarded):
    with pytest.raises(StreamError, match="No Kafka answers"):
        open_connection(read_settings(root=guarded[1] / "elsewhere", kafka_bootstrap=guarded[0]), patience=3)
