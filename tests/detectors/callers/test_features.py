from coldtrail.detectors.callers.features import FEATURES, OF_ACCOUNT, OF_FUNCTION, OF_PRINCIPAL, Sighting


def test_each_kind_of_subject_has_all_features() -> None:
    assert {len(OF_FUNCTION), len(OF_PRINCIPAL), len(OF_ACCOUNT)} == {FEATURES}


def test_a_sighting_knows_its_hour_and_day() -> None:
    seen = Sighting(2 * 86_400 + 3_700.0, (None,) * FEATURES, "e1")
    assert (seen.day, seen.hour) == (2, 49)
