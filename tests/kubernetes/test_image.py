# SPDX-License-Identifier: BSD-2-Clause
"""The container image: its content, and that it does not depend on the place and
time of its build.
"""

import io
import json
import re
import subprocess
import tarfile
from pathlib import Path

import cluster as world
import pytest

IMAGE = world.IMAGES[0]
LICENCES = ["LICENSE", "LICENSES/BSD-2-Clause.txt", "LICENSES/GPL-2.0-only.txt"]
# What it loads by itself.
LOADED = ["libcurl.so.4", "libmicrohttpd.so.12", "libncursesw.so.6"]
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
TERMINALS = {"lib/terminfo/x/xterm", "lib/terminfo/x/xterm-256color"}


@pytest.fixture(scope="module")
def archive():
    """The archive's members by name."""
    with tarfile.open(IMAGE) as opened:
        return {
            member.name.removeprefix("./"): opened.extractfile(member).read()
            for member in opened
            if member.isfile()
        }


def blob(archive, described):
    """The content that a descriptor names."""
    return archive["blobs/" + described["digest"].replace(":", "/")]


@pytest.fixture(scope="module")
def manifest(archive):
    """The layers and files of the image."""
    (described,) = json.loads(archive["index.json"])["manifests"]
    return json.loads(blob(archive, described))


@pytest.fixture(scope="module")
def config(archive, manifest):
    """The image's configuration."""
    return json.loads(blob(archive, manifest["config"]))["config"]


@pytest.fixture(scope="module")
def files(archive, manifest):
    """The content and mode of each file by its path; all of them belong to root."""
    found = {}
    for layer in manifest["layers"]:
        with tarfile.open(fileobj=io.BytesIO(blob(archive, layer))) as opened:
            for member in opened:
                assert (member.uid, member.gid, member.mtime) == (0, 0, 0), member.name
                assert member.isfile() or member.isdir(), member.name
                if member.isfile():
                    found[member.name] = (opened.extractfile(member).read(), member.mode & 0o7777)
    return found


def is_elf(content):
    """A program or a library."""
    return content.startswith(b"\x7fELF")


def test_content(files, config):
    """The binary that the tests ran, libraries, licences, authorities and a list: nothing that
    could be started by an intruder.
    """
    assert config["Entrypoint"] == ["/killtrace"]
    assert config["Cmd"] == ["trace", "--output", "json"]
    assert files["killtrace"] == ((world.BUILD / "killtrace").read_bytes(), 0o755)
    for name in LICENCES:
        content, mode = files["licenses/" + Path(name).name]
        assert (content, mode) == ((world.ROOT / name).read_bytes(), 0o644)
    libraries = {name for name, (content, _) in files.items() if is_elf(content)} - {"killtrace"}
    assert all(re.match(r"(lib|lib64|usr/lib)/", name) and ".so" in name for name in libraries)
    others = {name for name in files if not name.startswith("licenses/")} - libraries
    assert others == {"killtrace", "sbom.spdx.json", AUTHORITIES} | TERMINALS


def test_libraries(files, tmp_path):
    """Every library that something in it needs is in it, and it runs with nothing else."""
    for name, (content, mode) in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
    names = {Path(name).name for name in files}
    assert set(LOADED) <= names
    for name, (content, _) in files.items():
        if is_elf(content):
            said = subprocess.run(
                ["readelf", "-d", tmp_path / name], capture_output=True, text=True, check=True
            ).stdout
            assert set(re.findall(r"\(NEEDED\).*\[(.*)\]", said)) <= names, name
    inside = ["chroot", tmp_path, "/killtrace"]
    assert subprocess.run([*inside, "--version"], stdout=subprocess.PIPE, check=True).stdout
    # both libraries are loaded before the address is refused
    for option, word in (("--otlp", "http://127.0.0.1:1/"), ("--listen", "x")):
        said = subprocess.run(
            [*inside, "daemon", option, word, "--btf", "/none"],
            capture_output=True, text=True, check=False,
        ).stderr  # fmt: skip
        assert "without HTTP" not in said and "cannot be loaded" not in said, said


def test_bill_of_materials(files):
    """It names the package of each library, and each has its licence."""
    bill = json.loads(files["sbom.spdx.json"][0])
    assert bill["spdxVersion"] == "SPDX-2.3"
    listed = {package["name"] for package in bill["packages"]}
    owners = set()
    for name, (content, _) in files.items():
        if is_elf(content) and name != "killtrace":
            for path in (f"/{name}", f"/usr/{name}"):
                said = subprocess.run(
                    ["dpkg-query", "-S", path], capture_output=True, text=True, check=False
                ).stdout
                owners |= {said.split(":")[0]} - {""}
    assert len(owners) > 10 and listed == owners | {"ca-certificates", "ncurses-base"}
    assert listed <= {name.removeprefix("licenses/") for name in files}
    versions = dict(
        line.split("\t")
        for line in subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package}\t${Version}\n", *listed],
            stdout=subprocess.PIPE, text=True, check=True,
        ).stdout.splitlines()
    )  # fmt: skip
    assert {package["name"]: package["versionInfo"] for package in bill["packages"]} == versions


def test_same_again(config, tmp_path):
    """A second build, elsewhere, with another umask and on another day, is identical. buildah, a Go
    program, sees today's date in any case.
    """
    again, root = tmp_path / "again.tar", tmp_path / "image-root"
    version = config["Labels"]["org.opencontainers.image.version"]
    for command in (
        ["scripts/closure", root, world.BUILD / "killtrace", *LOADED],
        ["scripts/image", world.ROOT / "deploy/container/Containerfile"]
        + ["localhost/killtrace:latest", version, again, root]
        + [world.ROOT / name for name in LICENCES],
    ):
        command[0] = world.ROOT / command[0]
        later = ["faketime", "-f", "+2d", *command]
        subprocess.run(later, check=True, umask=0o077, cwd=tmp_path)
    assert again.read_bytes() == IMAGE.read_bytes()
