"""The small videos have the boxes of real ones: what is put into them is read from them."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from coldtrail_testbed.applications.vod.handlers.movie import boxes, index_of, read_index
from coldtrail_testbed.applications.vod.video import make_video


@given(
    st.integers(),
    st.sampled_from((480, 720, 1080, 2160)),
    st.floats(min_value=1, max_value=1e5),
    st.booleans(),
)
def test_the_index_says_what_the_video_was_made_with(
    seed: int, height: int, duration_s: float, first: bool
) -> None:
    video = make_video(Random(seed), height, duration_s, index_first=first)
    index = index_of(video)
    assert index
    movie = read_index(index)
    assert (movie.width, movie.height) == (height * 16 // 9, height)
    assert abs(movie.duration_ms - duration_s * 1000) < 3


def test_a_file_is_boxes_from_its_first_byte_to_its_last() -> None:
    video = make_video(Random(1), 1080, 60, index_first=True)
    found = list(boxes(video))
    assert [kind for kind, _ in found] == ["ftyp", "moov", "mdat"]
    assert sum(len(body) + 8 for _, body in found) == len(video)


def test_an_index_that_is_cut_off_is_no_index() -> None:
    video = make_video(Random(1), 1080, 60, index_first=True)
    assert index_of(video[:100]) is None
    assert index_of(b"no video at all") is None
