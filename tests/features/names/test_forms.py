import random
from collections.abc import Sequence

import pytest

from coldtrail.features.names.forms import Form, Watch, within_one_edit
from coldtrail.features.names.masking import normalise
from coldtrail.features.names.tenants import growing
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


def _keys(ids: Sequence[str]) -> Form:
    watch = Watch()
    watch.add({f"data-main/c/{one}": (1, float(at)) for at, one in enumerate(ids)}, len(ids))
    growth = growing(watch.families(float(len(ids))), 0.0)
    form = watch.form(growing=growth)
    assert form is not None
    return form


@pytest.mark.parametrize("length", [4, 5])
def test_ids_so_short_that_many_are_a_letter_apart_fold_all_the_same(length: int) -> None:
    draw = random.Random(411 + length)
    ids = [f"{draw.getrandbits(4 * length):0{length}x}" for _ in range(600)]
    form = _keys([one for one in ids[:300] if not one.isalpha()])
    folded = {form[f"data-main/c/{one}"] for one in ids[300:]}
    assert folded == {f"data-main/c/{{hex:{length}}}"}


def test_a_look_alike_among_longer_names_stays_itself() -> None:
    names = [f"tenant-{word}{at}" for at, word in enumerate(("acme", "globex", "initech", "stark", "wayne"))]
    watch = Watch()
    watch.add({name: (20, 100.0 * at) for at, name in enumerate(names)}, 100)
    form = watch.form(growing=growing(watch.families(400.0), 1.0))
    assert form is not None
    assert form["tenant-hooli7"] != "tenant-hooli7"
    assert form["tenant-globfx1"] == "tenant-globfx1"


def test_a_hexadecimal_id_needs_no_digit() -> None:
    draw = random.Random(412)
    form = _keys([one for _ in range(300) if not (one := f"{draw.getrandbits(24):06x}").isalpha()])
    assert form["data-main/c/fabbcc"] == "data-main/c/{hex:6}"
    assert form["data-main/c/secret"] == "data-main/c/secret"


def test_an_id_of_which_digits_were_masked_is_one_of_its_form() -> None:
    draw = random.Random(413)
    form = _keys([normalise(f"{draw.getrandbits(28):07x}") for _ in range(300)])
    for one in ("1234567", "123456f", "c654321"):
        assert form[f"data-main/c/{normalise(one)}"] in ("data-main/c/{hex:7}", "data-main/c/*")
    assert form["data-main/d/*f"] == "data-main/d/*f"


def test_an_id_of_letters_and_digits_is_one_of_its_form_whatever_was_masked() -> None:
    maker = Maker()
    watch = Watch()
    watch.add({f"reply-{maker.of(BASE36, 8)}": (1, float(at)) for at in range(300)}, 300)
    form = watch.form()
    assert form is not None
    for one in ("m123456i", "1234567z", "ab123456"):
        assert form[normalise(f"reply-{one}")] == "reply-{id:8}"
    assert form["reply-*abc"] == "reply-*abc", "six digits and three letters are no id of eight characters"
