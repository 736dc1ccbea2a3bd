from __future__ import annotations

import pytest

from wire.config import ConfigProblem, Place, read_tree
from wire.config.tree import MAX_BYTES

TEXT = b"""\
phone:
  imei: 004401012345678
  radio: NO
  address: 12:30:45
  empty:
  list: [a, b]
"""


def test_scalars_stay_text() -> None:
    value = read_tree(TEXT, "phones.yaml").value
    assert value["phone"] == {
        "imei": "004401012345678",
        "radio": "NO",
        "address": "12:30:45",
        "empty": None,
        "list": ["a", "b"],
    }


def test_every_value_and_key_has_a_place() -> None:
    places = read_tree(TEXT, "phones.yaml").places
    assert places["phone", "imei"] == Place(2, 9)
    assert places["phone", "imei", "key"] == Place(2, 3)
    assert places["phone", "list", 1] == Place(6, 13)


def test_a_description_shows_the_line() -> None:
    tree = read_tree(TEXT, "phones.yaml")
    assert tree.describe(("phone", "radio"), "yes or no") == (
        "phones.yaml:3:3: phone.radio: yes or no\n      radio: NO\n      ^"
    )


def test_a_description_of_what_is_not_there_shows_what_it_would_be_in() -> None:
    tree = read_tree(TEXT, "phones.yaml")
    assert tree.describe(("phone", "model"), "missing").startswith("phones.yaml:1:1: phone.model: missing\n")
    assert read_tree(b"", "phones.yaml").describe((), "empty") == "phones.yaml:1:1: the file: empty"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: [1", "x.yaml:1:6: it is no YAML"),
        (b"a: 1\na: 2", "x.yaml:2:1: the key 'a' is there twice"),
        (b"? [a]\n: 1", "x.yaml:1:3: a key is a word"),
        (b"a: &x [*x]", "x.yaml:1:4: aliases make this too large or endless"),
        (b"\xff\xfe", "x.yaml: it is no UTF-8 text"),
        (b"a: \x07", "x.yaml: it is no YAML"),
        (b" " * (MAX_BYTES + 1), "x.yaml has 1048577 bytes"),
    ],
)
def test_what_is_no_usable_yaml(data: bytes, said: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        read_tree(data, "x.yaml")
    assert str(caught.value).startswith(said)


def test_a_tag_of_somebody_else_is_refused() -> None:
    with pytest.raises(ConfigProblem, match=r"x\.yaml:1:4: the tag !mine is not allowed"):
        read_tree(b"a: !mine x", "x.yaml")


def test_a_tag_of_python_makes_no_object() -> None:
    with pytest.raises(ConfigProblem, match=r"x\.yaml:1:4: the tag .*os\.system is not allowed"):
        read_tree(b"a: !!python/object:os.system x", "x.yaml")


def test_many_aliases_of_aliases_are_refused() -> None:
    bomb = b"a0: &a0 [x, x]\n" + b"".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n".encode() for n in range(1, 30))
    with pytest.raises(ConfigProblem, match="aliases make this too large"):
        read_tree(bomb, "x.yaml")
