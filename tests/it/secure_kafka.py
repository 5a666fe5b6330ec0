"""A broker with a second listener that speaks TLS and wants a name and a password: certificates and users are made here,
in a folder that lives as long as the broker."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
USER, PASSWORD, KEY_PASSWORD = "paceline", "canary-of-kafka", "canary-of-the-key"
BROKER = """ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.secure.ssl.client.auth=required
sasl.enabled.mechanisms=SCRAM-SHA-256,PLAIN
listener.name.secure.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
  user_{user}="{password}";
"""


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


def authority(folder, name):
    """NAME.pem signs, with NAME.key."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem")


def signed(folder, name, by, also="", password=None):
    """NAME.key and NAME.crt, signed by the authority."""
    lock = ["-passout", f"file:{password}"] if password else ["-nodes"]
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", *lock, "-subj", f"/CN={name}", "-keyout",
            f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr")
    write(f"{folder}/{name}.ext", also)
    openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/{by}.pem", "-CAkey", f"{folder}/{by}.key",
            "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/{name}.ext", "-out", f"{folder}/{name}.crt")


def make(folder):
    write(f"{folder}/password", PASSWORD + "\n")
    write(f"{folder}/key-password", KEY_PASSWORD + "\n")
    authority(folder, "ca")
    authority(folder, "stranger")
    signed(folder, "client", "ca", password=f"{folder}/key-password")
    signed(folder, "broker", "ca", "subjectAltName=IP:127.0.0.1\n")
    with open(f"{folder}/broker.pem", "w", encoding="ascii") as out:
        for name in ("broker.key", "broker.crt", "ca.pem"):
            with open(f"{folder}/{name}", encoding="ascii") as f:
                out.write(f.read())
    write(f"{folder}/properties", BROKER.format(folder=folder, user=USER, password=PASSWORD))


def ensure_broker():
    """Returns the folder, in a process whose broker has such a listener: unless this one has, it ends with the exit code of
    one that does."""
    if os.environ.get("KAFKA_SECURE_BROKERS"):
        return os.path.dirname(os.environ["KAFKA_SECURE"])
    folder = tempfile.mkdtemp(prefix="paceline-secure-")
    try:
        make(folder)
        done = subprocess.run([os.path.join(HERE, "kafka.sh"), "with", sys.executable, "-B", os.path.abspath(sys.argv[0])],
                              env={**os.environ, "KAFKA_SECURE": f"{folder}/properties"}, check=False)
    finally:
        shutil.rmtree(folder)
    sys.exit(done.returncode)
