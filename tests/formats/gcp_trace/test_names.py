from coldtrail.formats.gcp_trace.names import parted


def test_labels_are_told_in_the_words_of_opentelemetry() -> None:
    span, resource = parted(
        {
            "g.co/r/cloud_function/function_name": "pay",
            "/http/method": "GET",
            "service.name": "shop",
            "http.method": "POST",
            "list": ["x"],
            "count": 3,
        }
    )
    assert span == {"http.method": "GET", "count": 3}
    assert resource == {"faas.name": "pay", "service.name": "shop"}
