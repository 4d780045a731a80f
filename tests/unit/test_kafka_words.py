"""Settings of Kafka's clients, by hand in both forms."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emberlake.engine.kafka import Connection, connection_of
from emberlake.engine.kafka.words import canonical, read_file, to_java
from emberlake.errors import StreamError
from emberlake.settings import read_settings

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "client.properties"
    path.write_text(text)
    return path


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(StreamError) as refused:
        read_file(file(tmp_path, text))
    return str(refused.value)


def test_a_login_is_said_in_the_words_of_both_clients(tmp_path):
    options = read_file(
        file(
            tmp_path,
            "# ours\nsecurity.protocol=SASL_SSL\nsasl.mechanism = PLAIN\nsasl.username=ada\nsasl.password=a=b\n",
        )
    )
    connection = Connection("k:1", options)
    told = connection.client()
    # It says nothing on the terminal.
    assert (told.pop("log_level"), told.pop("logger").isEnabledFor(logging.ERROR)) == (0, False)
    assert told == {
        "bootstrap.servers": "k:1", "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
        "sasl.username": "ada", "sasl.password": "a=b",
    }  # fmt: skip
    assert connection.spark() == {
        "kafka.bootstrap.servers": "k:1", "kafka.security.protocol": "SASL_SSL", "kafka.sasl.mechanism": "PLAIN",
        "kafka.sasl.jaas.config": f'{PLAIN} username="ada" password="a=b";',
    }  # fmt: skip


def test_a_login_in_javas_words_over_two_lines(tmp_path):
    options = read_file(
        file(
            tmp_path,
            f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"
            f'sasl.jaas.config={PLAIN} \\\n    username="ada" password="q\\"t";\n',
        )
    )
    assert options["sasl.username"] == "ada"
    assert options["sasl.password"] == 'q"t'


def test_scram_has_its_own_module():
    options = canonical(
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "u",
            "sasl.password": "p",
        },
        "f",
    )
    assert to_java(options)["sasl.jaas.config"].startswith("org.apache.kafka.common.security.scram.ScramLoginModule ")


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_password_survives_both_ways(user, password):
    options = {
        "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN", "sasl.username": user, "sasl.password": password
    }  # fmt: skip
    assert canonical(to_java(options), "f") == options


def test_an_authority_is_a_truststore_for_java(tmp_path):
    authority = tmp_path / "ca.pem"
    authority.write_text("x")
    as_java = f"security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={authority}"
    for text in (f"security.protocol=SSL\nssl.ca.location={authority}\n", as_java):
        options = read_file(file(tmp_path, text))
        assert options == {"security.protocol": "SSL", "ssl.ca.location": str(authority)}
        assert to_java(options) == {
            "security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.location": str(authority)
        }  # fmt: skip


def test_a_certificate_and_its_key_in_two_files(tmp_path):
    for name in ("cert", "key"):
        (tmp_path / name).write_text(f"the {name}")
    text = f"security.protocol=SSL\nssl.certificate.location={tmp_path}/cert\nssl.key.location={tmp_path}/key"
    assert to_java(read_file(file(tmp_path, text))) == {
        "security.protocol": "SSL", "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": "the cert", "ssl.keystore.key": "the key",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sasl.pasword=hunter2", "line 1: setting 'sasl.pasword' is not known"),
        ("\nhunter2", "line 2: this is no name=value"),
        ("bootstrap.servers=k:1", "--kafka-bootstrap"),
        ("security.protocol=TLS", "security.protocol is 'TLS'"),
        ("security.protocol=SASL_SSL\nsasl.username=u", "needs sasl.password"),
        ("sasl.username=u\nsasl.password=hunter2", "security.protocol is PLAINTEXT, which sends none"),
        ("security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI", "sasl.mechanism is 'GSSAPI'"),
        ("security.protocol=SASL_SSL\nsasl.jaas.config=x.Krb5LoginModule p=\"hunter2\";", "not of Plain"),
        ("security.protocol=SSL\nssl.truststore.location=/x.jks\nssl.truststore.type=JKS", "type is 'JKS'"),
        ("security.protocol=SSL\nssl.truststore.password=hunter2", "ssl.ca.location"),
        ("security.protocol=SSL\nssl.ca.location=/no/such.pem", "/no/such.pem, which is no file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_without_secrets(tmp_path, text, said):
    told = refusal(tmp_path, text)
    assert said in told
    assert "hunter2" not in told


def test_no_secret_is_shown_by_a_connection():
    connection = Connection("k:1", {"sasl.password": "hunter2"})
    assert "hunter2" not in f"{connection!r} {connection}"


@pytest.mark.parametrize("address", ["broker", "broker:", ":9092", "a:1,b", "a:99999"])
def test_an_address_needs_host_and_port(tmp_path, address):
    with pytest.raises(StreamError, match="is no host:port"):
        connection_of(read_settings(root=tmp_path, kafka_bootstrap=address))


def test_settings_of_a_client_need_an_address(tmp_path):
    with pytest.raises(StreamError, match="no --kafka-bootstrap"):
        connection_of(read_settings(root=tmp_path, kafka_config=tmp_path / "c"))


def test_a_broker_never_started(tmp_path):
    with pytest.raises(StreamError, match="was never started. Start it: emberlake kafka start"):
        connection_of(read_settings(root=tmp_path))
