from hypothesis import given
from hypothesis import strategies as st

from coldtrail.formats.pseudonyms import Pseudonyms

KEY = bytes(range(32))


@given(st.text(), st.text())
def test_the_same_key_gives_the_same_pseudonym_and_no_other_value_has_it(one: str, other: str) -> None:
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms[one] == Pseudonyms(KEY)[one]
    assert (pseudonyms[one] == pseudonyms[other]) == (one == other)


def test_another_key_gives_other_pseudonyms_and_another_fingerprint() -> None:
    mine, drawn = Pseudonyms(KEY), Pseudonyms()
    assert mine["203.0.113.7"] != drawn["203.0.113.7"]
    assert mine.fingerprint != drawn.fingerprint
    assert mine.fingerprint == Pseudonyms(KEY).fingerprint


def test_a_pseudonym_is_the_hmac_of_rfc_4231() -> None:
    # RFC 4231, test case 2.
    assert Pseudonyms(b"Jefe")["what do ya want for nothing?"] == "p-5bdcc146bf60754e"


def test_values_without_end_take_no_memory_without_end() -> None:
    pseudonyms = Pseudonyms(KEY)
    assert pseudonyms["x" * 1_000] == Pseudonyms(KEY)["x" * 1_000]
    assert not pseudonyms
