"""What the parts of video on demand are called."""

SOURCE_BUCKET = "vod-source"
DESTINATION_BUCKET = "vod-destination"
MAIL_BUCKET = "vod-mail"
ASSETS_TABLE = "vod-assets"
CONFIGURATION_TABLE = "vod-configuration"
NOTIFICATION_TOPIC = "vod-notifications"
PUBLISHED_QUEUE = "vod-published"
WORKFLOW_PARAMETER = "/vod/workflow"
ARCHIVE_PARAMETER = "/vod/archive-tag"
PACKAGING_SECRET = "vod/packaging-key"  # noqa: S105 - a secret's name
PARTNER_SECRET = "vod/partner-token"  # noqa: S105 - a secret's name
PACKAGING_GROUP = "vod-packaging"
INGEST, PROCESS, PUBLISH, MAIL = "vod-ingest", "vod-process", "vod-publish", "vod-mail"
MAIL_DOMAIN = "mail.vod.example"
MAILBOX = f"upload@{MAIL_DOMAIN}"
UPLOADS = "uploads/"
LIBRARY = "library/"
INBOX = "inbox/"
MAIL_LIMIT = 200
TEMPLATES = {2160: "vod-2160p", 1080: "vod-1080p", 720: "vod-720p"}
