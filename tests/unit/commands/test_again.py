"""The command that an error prints, to be run as it stands."""

from seedcore_deploy.arguments import parse
from seedcore_deploy.commands.again import again
from seedcore_deploy.options import ApplyOptions


def parsed(*words: str) -> ApplyOptions:
    found = parse(["apply", *words])
    assert isinstance(found, ApplyOptions)
    return found


def test_option_is_added_to_what_was_given() -> None:
    options = parsed("ns", "-k", "my overlay", "--context", "prod", "--timeout", "90s")

    assert again(options, "--restart-head") == (
        "seedcore-deploy apply ns --context prod --kustomize 'my overlay' --timeout 90s "
        "--restart-head"
    )


def test_printed_command_asks_for_the_same() -> None:
    options = parsed(
        *("ns", "--overlay", "dev", "--two-step", "--restart", "none", "--take-ownership"),
        *("--all-pods", "--dry-run", "server", "-o", "json", "--probe-timeout", "20s"),
    )

    words = again(options).split()

    assert parse(words[1:]) == options


def test_option_that_was_given_is_not_added_twice() -> None:
    assert again(parsed("ns", "--restart-head"), "--restart-head").count("--restart-head") == 1
