"""The files in `deploy/` are read by the tools they are for, and name only settings that exist."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from desk.settings import PROJECT_DIR, Settings

DEPLOY = PROJECT_DIR / "deploy"
SETTING = re.compile(r"\bKEFU_([A-Z_]+)")


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def documents(path: Path) -> list[dict]:
    return [one for one in YAML(typ="safe").load_all(path.read_text("utf-8")) if one]


@pytest.mark.parametrize(
    "path", sorted(p for p in DEPLOY.rglob("*") if p.is_file()), ids=lambda p: p.name
)
def test_every_setting_named_exists(path):
    known = {name.upper() for name in Settings.model_fields}
    named = set(SETTING.findall(path.read_text("utf-8")))
    assert named <= known


def test_the_example_settings_are_read(tmp_path, monkeypatch):
    filled = (DEPLOY / "kefu.env.example").read_text("utf-8")
    (tmp_path / "kefu.env").write_text(filled, "utf-8")
    settings = Settings(_env_file=tmp_path / "kefu.env", data_dir=tmp_path)
    assert settings.effective_rasa_urls == ["http://rasa-1:5005", "http://rasa-2:5005"]
    assert not settings.demo
    assert settings.secure_cookies


def test_nothing_but_nginx_faces_the_outside():
    (compose,) = documents(DEPLOY / "compose.yml")
    published = [name for name, one in compose["services"].items() if "ports" in one]
    assert published == ["nginx"]
    assert compose["networks"]["inner"]["internal"] is True
    for name in ("rasa-1", "rasa-2", "postgres", "redis"):
        assert list(compose["services"][name]["networks"]) == ["inner"]


def test_nginx_takes_its_file(tmp_path):
    nginx = tool("nginx")
    openssl = tool("openssl")
    key, pem = tmp_path / "kefu.key", tmp_path / "kefu.pem"
    made = run(
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kefu",
        "-keyout", str(key), "-out", str(pem),
    )  # fmt: skip
    assert made.returncode == 0
    conf = (DEPLOY / "nginx" / "kefu.conf").read_text("utf-8")
    conf = conf.replace("/etc/nginx/tls/", f"{tmp_path}/")
    # The names of the other containers are not known here.
    conf = conf.replace("desk-1:8000", "127.0.0.1:8001").replace("desk-2:8000", "127.0.0.1:8002")
    (tmp_path / "site.conf").write_text(conf, "utf-8")
    main = f"pid {tmp_path}/nginx.pid; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(main, "utf-8")
    checked = run(nginx, "-t", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path))
    assert "syntax is ok" in checked.stderr
    assert "warn" not in checked.stderr


def test_systemd_takes_its_units(tmp_path):
    analyze = tool("systemd-analyze")
    for path in (DEPLOY / "systemd").iterdir():
        unit = path.read_text("utf-8").replace("/opt/kefu/.venv/bin/kefu", "/bin/true")
        (tmp_path / path.name).write_text(unit, "utf-8")
    checked = run(
        analyze, "verify", "--man=no", *(str(path) for path in sorted(tmp_path.iterdir()))
    )
    ours = [line for line in checked.stderr.splitlines() if "kefu" in line]
    assert ours == []


def test_kustomize_takes_the_manifests():
    kubectl = tool("kubectl")
    built = run(kubectl, "kustomize", str(DEPLOY / "kubernetes"))
    assert built.returncode == 0, built.stderr
    kinds = {
        (one["kind"], one["metadata"]["name"]) for one in YAML(typ="safe").load_all(built.stdout)
    }
    assert {("Deployment", "desk"), ("StatefulSet", "rasa"), ("Ingress", "kefu")} <= kinds


def test_a_desk_leaves_the_service_before_it_is_stopped():
    (desk,) = (
        one for one in documents(DEPLOY / "kubernetes" / "desk.yaml") if one["kind"] == "Deployment"
    )
    assert desk["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    container = desk["spec"]["template"]["spec"]["containers"][0]
    assert json.dumps(container["lifecycle"]["preStop"])
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
