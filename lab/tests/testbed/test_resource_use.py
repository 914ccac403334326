from coldtrail_testbed.cloud.resource_use import ResourceModel, Traffic, counted


def test_traffic_adds_up() -> None:
    traffic = Traffic(received=5)
    traffic.count(received=2, sent=3)
    traffic.count(sent=1)
    assert (traffic.received, traffic.sent) == (7, 4)


def test_the_digits_of_a_time_do_not_count() -> None:
    assert counted(b'{"startDate": 1770000000.12}') == counted(b'{"startDate": 1770000001.123456}')
    assert counted(b'{"price": 12.5}') == 15


def test_an_instance_keeps_its_peak() -> None:
    model = ResourceModel(1)
    peak = model.peak_memory_mb("F", 0, Traffic())
    assert 55 < peak < 120
    assert model.peak_memory_mb("F", peak, Traffic()) == peak
    assert model.peak_memory_mb("F", peak, Traffic(received=10 << 20)) > peak + 20


def test_memory_has_a_level_for_each_function_and_a_small_spread() -> None:
    model = ResourceModel(1)
    peaks = sorted(model.peak_memory_mb("F", 0, Traffic(1000, 500)) for _ in range(2000))
    assert 1.07 < peaks[1980] / peaks[1000] < 1.2
    medians = {name: model.peak_memory_mb(name, 0, Traffic()) for name in "ABCDEFGH"}
    assert max(medians.values()) / min(medians.values()) > 1.1


def test_use_follows_from_the_seed() -> None:
    def use(seed: int) -> list[float]:
        model = ResourceModel(seed)
        return [model.peak_memory_mb("F", 0, Traffic()), model.tmp_bytes("F"), model.tmp_bytes("F")]

    assert use(1) == use(1) != use(2)
    assert use(1)[1] == use(1)[2]


def test_a_function_needs_the_same_in_every_run() -> None:
    runs = [ResourceModel(seed) for seed in range(200)]
    assert len({run.tmp_bytes("F") for run in runs}) == 1
    peaks = [run.peak_memory_mb("F", 0, Traffic()) for run in runs]
    assert max(peaks) / min(peaks) < 1.4
