# SPDX-License-Identifier: BSD-2-Clause
"""The container image: its content, and that it does not depend on the place and
time of its build.
"""

import io
import json
import subprocess
import tarfile

import cluster as world
import pytest

IMAGE = world.IMAGES[0]
WITHIN = {
    "killtrace-static": "killtrace",
    "LICENSE": "licenses/LICENSE",
    "LICENSES/BSD-2-Clause.txt": "licenses/BSD-2-Clause.txt",
    "LICENSES/GPL-2.0-only.txt": "licenses/GPL-2.0-only.txt",
}


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


def test_content(archive, manifest, config):
    """The binary that the tests ran, its licences, and nothing else; what it runs."""
    assert config["Entrypoint"] == ["/killtrace"]
    assert config["Cmd"] == ["trace", "--output", "json"]
    files = {}
    for layer in manifest["layers"]:
        with tarfile.open(fileobj=io.BytesIO(blob(archive, layer))) as opened:
            for member in opened:
                assert (member.uid, member.gid, member.mtime) == (0, 0, 0), member.name
                if member.isfile():
                    files[member.name] = (opened.extractfile(member).read(), member.mode & 0o7777)
    expected = {}
    for source, target in WITHIN.items():
        path = (world.BUILD if source == "killtrace-static" else world.ROOT) / source
        expected[target] = (path.read_bytes(), 0o755 if target == "killtrace" else 0o644)
    assert files == expected


def test_same_again(config, tmp_path):
    """A second build, elsewhere and with another umask, is identical."""
    again = tmp_path / "again.tar"
    sources = [world.BUILD / "killtrace-static", *(world.ROOT / name for name in list(WITHIN)[1:])]
    version = config["Labels"]["org.opencontainers.image.version"]
    subprocess.run(
        [world.ROOT / "scripts/image", world.ROOT / "deploy/container/Containerfile"]
        + ["localhost/killtrace:latest", version, again, *sources],
        check=True,
        umask=0o077,
        cwd=tmp_path,
    )
    assert again.read_bytes() == IMAGE.read_bytes()
