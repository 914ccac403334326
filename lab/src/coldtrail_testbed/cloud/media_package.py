"""MediaPackage VOD, which moto lacks: assets that are packaged when somebody asks for them."""

import json
from hashlib import sha256

from coldtrail_testbed.cloud.answers import error_answer, json_answer
from coldtrail_testbed.cloud.event_bodies import iso_time
from coldtrail_testbed.cloud.foundation import Foundation
from coldtrail_testbed.cloud.http_server import HttpRequest, HttpResponse
from coldtrail_testbed.cloud.identifiers import ACCOUNT, REGION
from coldtrail_testbed.cloud.operations import Operation

_FIELDS = ("id", "packagingGroupId", "resourceId", "sourceArn", "sourceRoleArn")


class MediaPackage:
    """The service behind the AWS endpoint; it keeps the assets' names only."""

    def __init__(self, foundation: Foundation) -> None:
        self._base = foundation
        self._assets: set[str] = set()

    def answer(self, operation: Operation, request: HttpRequest) -> HttpResponse:
        """The response to one call of the API."""
        identifiers = self._base.identifiers
        if operation.name != "CreateAsset":
            reason = f"{operation.name} is not modelled"
            return error_answer(operation, 422, "UnprocessableEntityException", reason, identifiers)
        body = json.loads(request.body)
        if body["id"] in self._assets:
            reason = "The asset exists already."
            return error_answer(operation, 422, "UnprocessableEntityException", reason, identifiers)
        self._assets.add(body["id"])
        digest = sha256(body["id"].encode()).hexdigest()
        arn = f"arn:aws:mediapackage-vod:{REGION}:{ACCOUNT}:assets/{digest[:32]}"
        address = f"https://{digest[:32]}.egress.mediapackage-vod.{REGION}.amazonaws.com/out/v1/{digest[32:]}"
        endpoint = {"packagingConfigurationId": "hls", "status": "QUEUED", "url": f"{address}/index.m3u8"}
        asset = {
            "arn": arn,
            "createdAt": iso_time(self._base.clock.now()),
            "egressEndpoints": [endpoint],
            **{name: body[name] for name in _FIELDS if name in body},
        }
        return json_answer(200, asset, identifiers)
