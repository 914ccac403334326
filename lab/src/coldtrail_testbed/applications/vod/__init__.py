"""Video on demand: uploads by S3 and by mail, four state machines, MediaConvert, notifications.

After the paper's second testbed application (section 6.1.2), itself a fork of video-on-demand-on-aws.

The four functions with the most prominent roles, which the paper's attacks infect, with the parts of their
handler modules in the order in which an ordinary invocation uses them:

- `dynamo` (`handlers/dynamo.py`; three times an upload): Query x 2 (`check_settings`), UpdateItem
  (`update_asset`). Repeated operation: the same UpdateItem again and again.
- `profiler` (`handlers/profiler.py`): Query x 3 (`check_settings`), GetItem (`read_asset`). Data leakage:
  GetItem again, then S3 PutObject of the asset into the public bucket `vod-destination`. Extra action: one
  more Query (`configuration.read_setting`).
- `encode` (`handlers/encode.py`): Query x 2 (`check_settings`), MediaConvert GetJobTemplate and CreateJob
  (`create_job`). Longer run.
- `output-validate` (`handlers/output_validate.py`): Query x 2 (`check_settings`), GetItem (`read_asset`), S3
  ListObjectsV2 (`list_outputs`). Changed order: the outputs are listed before the asset is read.

The step that is left out: `archive-source` (`handlers/archive_source.py`) writes an audit entry last: SSM
GetParameter (`archive_tag`), S3 PutObjectTagging (`tag_source`), UpdateItem of the asset (`write_audit`).
`media-package-assets` alone reads a secret (`vod/packaging-key`); nobody reads `vod/partner-token`.
"""

from coldtrail_testbed.applications.vod.template import APPLICATION

__all__ = ["APPLICATION"]
