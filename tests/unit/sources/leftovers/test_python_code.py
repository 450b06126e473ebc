from __future__ import annotations

import pytest

from seedcore_deploy.sources.leftovers.python_code import PythonFault, is_test, read_python
from seedcore_deploy.sources.source_text import SourceText


def mended(text: str, file: str = "app.py") -> str:
    source = SourceText(file, text)
    found = read_python(source)
    edits = [edit for call in found.inits for edit in call.edits]
    edits += [edit for setting in found.settings for edit in setting.edits]
    return source.edited(edits).text


@pytest.mark.parametrize(
    ("call", "then"),
    [
        ("ray.init()", 'ray.init(address="auto")'),
        ("ray.init(namespace='a')", "ray.init(address=\"auto\", namespace='a')"),
        ("ray.init('ray://h:1', namespace='a')", "ray.init(\"auto\", namespace='a')"),
        ("ray.init(address=None)", 'ray.init(address="auto")'),
        ("ray.init(  # why\n)", 'ray.init(address="auto"  # why\n)'),
        ('"é😀"; ray.init()', '"é😀"; ray.init(address="auto")'),
    ],
)
def test_call_is_made_to_follow_the_environment(call: str, then: str) -> None:
    assert mended(f"import ray\n{call}\n") == f"import ray\n{then}\n"


@pytest.mark.parametrize(
    "call",
    [
        "ray.init(num_cpus=2)",
        "ray.init(local_mode=True)",
        "ray.init(address=address)",
        "ray.init(**options)",
        "ray.init(*options)",
        "other.init()",
        "ray.util.init()",
    ],
)
def test_call_that_asks_for_something_else_is_left_alone(call: str) -> None:
    assert mended(f"import ray\n{call}\n") == f"import ray\n{call}\n"


@pytest.mark.parametrize(
    ("statement", "then"),
    [
        ("os.environ['RAY_ADDRESS'] = 'a'", "os.environ.setdefault('RAY_ADDRESS', 'a')"),
        ("a = os.environ['RAY_ADDRESS'] = 'b'", "a = os.environ['RAY_ADDRESS'] = 'b'"),
    ],
)
def test_write_becomes_a_default(statement: str, then: str) -> None:
    assert mended(f"import os\n{statement}\n") == f"import os\n{then}\n"


def test_write_over_several_lines_is_still_python_afterwards() -> None:
    text = mended('import os\nos.environ["RAY_ADDRESS"] = (\n    "a"  # why\n)\n')

    compile(text, "app.py", "exec")
    assert read_python(SourceText("app.py", text)).settings == ()


def test_in_tests_nothing_is_rewritten() -> None:
    text = "import ray\nray.init()\n"

    assert mended(text, "tests/test_app.py") == text


@pytest.mark.parametrize(
    "text",
    [
        "def f(HEAD):\n    ray.init(HEAD)\n",
        "HEAD = 'b'\nray.init(HEAD)\n",
        "for HEAD in hosts:\n    ray.init(HEAD)\n",
    ],
)
def test_name_that_may_be_something_else_is_no_literal(text: str) -> None:
    found = read_python(SourceText("app.py", f"import ray\nHEAD = 'ray://a:10001'\n{text}"))

    assert found.inits == ()


def test_text_that_is_no_python_is_refused_with_its_line() -> None:
    with pytest.raises(PythonFault) as caught:
        read_python(SourceText("app.py", "import ray\nray.init(\n"))

    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("tests/x.py", True),
        ("src/test_x.py", True),
        ("x_test.py", True),
        ("conftest.py", True),
        ("src/testing.py", False),
        ("app.py", False),
    ],
)
def test_tests_are_told_by_their_names(file: str, expected: bool) -> None:
    assert is_test(file) is expected
