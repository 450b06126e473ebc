"""Every command of docs/ray-configuration.md, run as it stands and in its order."""

import re

from tests.support.tool import REPOSITORY, Bench

DOCUMENT = REPOSITORY / "docs" / "ray-configuration.md"
BASH_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_command_of_the_document_works(deployed: Bench) -> None:
    blocks = BASH_BLOCK.findall(DOCUMENT.read_text())
    assert len(blocks) >= 8

    for block in blocks:
        ended = deployed.run("bash", "-euo", "pipefail", "-c", block)
        assert ended.code == 0, f"{block}\n{ended}"


def test_head_and_client_show_what_the_document_says(deployed: Bench) -> None:
    head = deployed.kubectl(
        *("-n", "seedcore-dev", "get", "pod", "-l", "ray.io/node-type=head", "-o", "name")
    ).strip()

    in_head = deployed.kubectl("-n", "seedcore-dev", "exec", head, "--", "env")
    in_api = deployed.kubectl("-n", "seedcore-dev", "exec", "deploy/seedcore-api", "--", "env")

    assert "RAY_ADDRESS=127.0.0.1:6379\n" in in_head
    assert "RAY_ADDRESS=ray://seedcore-head-svc:10001\n" in in_api
