from .small_cloud import ask, small_application, small_cloud

_ASSET = {
    "Id": "1",
    "PackagingGroupId": "films",
    "ResourceId": "publisher",
    "SourceArn": "arn:aws:s3:::shop/1/a.m3u8",
    "SourceRoleArn": "arn:aws:iam::123456789012:role/r",
}


def test_an_asset_has_an_address() -> None:
    with small_cloud(small_application()) as cloud:
        [asset] = ask(cloud, ("mediapackage-vod", "create_asset", _ASSET))
    assert {key: asset[key] for key in _ASSET} == _ASSET
    assert asset["EgressEndpoints"][0]["Url"].endswith("/index.m3u8")
    assert asset["CreatedAt"].startswith("2026-")
