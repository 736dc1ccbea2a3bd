"""The quick way of a codec, by a struct, gives and takes what construct does by the same definition."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from construct import ConstructError, Struct, Terminated
from hypothesis import given
from hypothesis import strategies as st

from wire.errors import LayoutError
from wire.layout import I32, U8, U16, U64, Blob, Rest, codec_of


class Numbers(NamedTuple):
    small: U8
    signed: I32
    large: U64


class WithBlob(NamedTuple):
    small: U8
    data: Blob


class OnlyBlob(NamedTuple):
    data: Blob


class WithRest(NamedTuple):
    number: U16
    data: Rest


BODIES = (
    st.builds(Numbers, st.integers(0, 255), st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**64 - 1))
    | st.builds(WithBlob, st.integers(0, 255), st.binary())
    | st.builds(OnlyBlob, st.binary())
    | st.builds(WithRest, st.integers(0, 65535), st.binary())
)
CLASSES = st.sampled_from([Numbers, WithBlob, OnlyBlob, WithRest])


@given(BODIES)
def test_it_builds_and_parses_as_construct_does(body: Any) -> None:
    codec = codec_of(type(body))
    built = codec.build(body)
    assert built == codec.construct.build(body._asdict())
    assert codec.parse(built) == body


@given(CLASSES, st.binary(max_size=30))
def test_it_takes_and_refuses_what_construct_does(cls: type[Any], data: bytes) -> None:
    codec = codec_of(cls)
    whole = Struct(codec.construct, Terminated)
    try:
        whole.parse(data)
    except ConstructError:
        with pytest.raises(LayoutError):
            codec.parse(data)
    else:
        assert codec.build(codec.parse(data)) == data


@pytest.mark.parametrize("body", [OnlyBlob(bytes(65536)), WithBlob(256, b""), WithBlob(1, None)])  # type: ignore[arg-type]
def test_what_does_not_fit_is_refused(body: Any) -> None:
    with pytest.raises(LayoutError, match=type(body).__name__):
        codec_of(type(body)).build(body)
