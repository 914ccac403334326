import pytest

from coldtrail.features.names.forms import Watch, within_one_edit
from tests.features.naming_words import BASE36, Maker


def test_a_word_in_use_and_what_looks_like_it_stay_beside_ids() -> None:
    maker = Maker()
    watch = Watch()
    watch.add({f"booking-{maker.of(BASE36, 7)}": (1, float(number)) for number in range(300)}, 300)
    watch.add({"booking-archive": (90, 0.0)}, 90)
    form = watch.form()
    assert form is not None
    names = ("booking-archive", "booking-archlve", "booking-qzkfmvx", "booking-a1b2c3d", "other-a1b2c3d")
    assert [form[name] for name in names] == [*names[:2], *["booking-{id:7}"] * 2, names[4]]
    assert form["booking-{id:7}"] == "booking-{id:7}"


def test_a_form_takes_a_share_of_the_runs() -> None:
    names = {f"logs-{number}x": (1, float(number)) for number in range(10, 20)}
    busy, quiet = Watch(), Watch()
    busy.add(names, 2_000)
    quiet.add(names, 200)
    assert busy.form() is None
    assert quiet.form() is not None


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("booking-archive", "booking-archlve", True),
        ("booking-archive", "booking-archiv", True),
        ("booking-archive", "booking-arrchive", True),
        ("a", "a", True),
        ("booking-archive", "booking-arhcive", False),
        ("", "ab", False),
    ],
)
def test_one_edit_apart(one: str, other: str, near: bool) -> None:
    assert within_one_edit(one, other) is within_one_edit(other, one) is near
