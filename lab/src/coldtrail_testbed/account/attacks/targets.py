"""Functions that somebody can invoke directly with an event that they understand."""

from coldtrail_testbed.account.attacks.model import Target

PROFILES = Target("GetLoyalty", {"pathParameters": {"customerId": "customer-0007"}})
SWEEP = Target("CancelBooking", {"task": "sweep", "olderThanMinutes": 30})
POINTS = Target(
    "IngestLoyalty",
    {
        "Records": [
            {"Sns": {"Message": '{"customerId": "customer-0007", "price": 900, "bookingReference": null}'}}
        ]
    },
)
ASSETS = Target("dynamo", {"guid": "6f1c3a52-0d1e-4b7a-9c55-2f8e7a90b311", "workflowStatus": "Complete"})
PUBLISHED = Target(
    "sqs-publish",
    {
        "guid": "6f1c3a52-0d1e-4b7a-9c55-2f8e7a90b311",
        "srcVideo": "video",
        "hlsUrl": "https://d1vod7e2k4m9q.cloudfront.net.example/watch",
    },
)
