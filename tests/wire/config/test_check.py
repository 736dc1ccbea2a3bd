from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from wire.config import ConfigProblem, check, read_tree


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cat(_Model):
    kind: Literal["cat"]
    lives: int = Field(default=9, ge=1)


class Dog(_Model):
    kind: Literal["dog"]
    colour: Literal["red", "brown"] = "red"


class House(_Model):
    street: str = Field(min_length=1)
    heated: bool = True
    animals: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...] = ()
    rooms: dict[str, Cat | None] = Field(default_factory=dict)

    @field_validator("street")
    @classmethod
    def _no_number(cls, value: str) -> str:
        if value[-1:].isdigit():
            raise ValueError("a street has no number")
        return value


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigProblem) as caught:
        check(House, read_tree(text.encode(), "h"))
    return [line for line in str(caught.value).splitlines() if not line.startswith("    ")]


def test_what_is_right_is_taken() -> None:
    text = b"street: Mill Lane\nheated: no\nanimals: [{kind: cat, lives: '7'}, {kind: dog, colour: brown}]\n"
    house = check(House, read_tree(text, "h"))
    assert not house.heated
    assert house.animals == (Cat(kind="cat", lives=7), Dog(kind="dog", colour="brown"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "h:1:1: street: this key is missing"),
        ("", "h:1:1: the file: keys with values are expected here"),
        ("street: ''", "h:1:1: street: this must not be empty"),
        ("street: Mill Lane 7", "h:1:1: street: a street has no number"),
        ("stret: x\nstreet: x", "h:1:1: stret: unknown key (did you mean 'street'?)"),
        ("street: x\nheated: warm", "h:2:1: heated: yes or no is expected here, not 'warm'"),
        ("street: x\nanimals: cat", "h:2:1: animals: a list is expected here, not 'cat'"),
        (
            "street: x\nanimals: [{kind: cow}]",
            "h:2:11: animals.0: one of cat, dog is expected here, 'cow' is none of them",
        ),
        (
            "street: x\nanimals: [{kind: catt}]",
            "h:2:11: animals.0: one of cat, dog is expected here, 'catt' is none of them (did you mean 'cat'?)",
        ),
        (
            "street: x\nanimals: [{kind: dog, colour: browm}]",
            "h:2:23: animals.0.colour: 'browm' is not known here (did you mean 'brown'?); known are red, brown",
        ),
        (
            "street: x\nanimals: [{kind: cat, lifes: 3}]",
            "h:2:23: animals.0.lifes: unknown key (did you mean 'lives'?)",
        ),
        (
            "street: x\nrooms:\n  attic: {qqq: 3, kind: cat}",
            "h:3:11: rooms.attic.qqq: unknown key; known are kind, lives",
        ),
        (
            "street: x\nanimals: [{kind: cat, lives: 0}]",
            "h:2:23: animals.0.lives: this should be greater than or equal to 1",
        ),
        (
            "street: x\nanimals: [{kind: cat, lives: many}]",
            "h:2:23: animals.0.lives: a whole number is expected here, not 'many'",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, said: str) -> None:
    assert problems(text) == [said]


def test_everything_wrong_is_named() -> None:
    assert len(problems("heated: warm\nanimals: [{kind: cow}]\ncolour: red")) == 4


class Crowd(_Model):
    names: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=1)


def test_a_list_is_called_empty_only_when_it_is() -> None:
    with pytest.raises(ConfigProblem) as caught:
        check(Crowd, read_tree(b"names: [x]", "crowd.yaml"))
    assert "at least one" not in str(caught.value)
    with pytest.raises(ConfigProblem, match="there has to be at least one"):
        check(Crowd, read_tree(b"names: []", "crowd.yaml"))
