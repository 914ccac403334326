"""The job templates are such as the MediaConvert API takes: checked against its model in botocore."""

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from coldtrail_testbed.applications.vod.handlers.job_templates import template_settings
from coldtrail_testbed.applications.vod.names import TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES.values())
def test_templates_fit_the_service_model(name: str) -> None:
    shape = Session().get_service_model("mediaconvert").shape_for("JobTemplateSettings")
    settings = template_settings(name)
    assert not ParamValidator().validate(settings, shape).has_errors()
    outputs = settings["OutputGroups"][0]["Outputs"]
    assert outputs[0]["NameModifier"] == f"_{name.removeprefix('vod-')}"
    description = shape.members["OutputGroups"].member.members["Outputs"].member.members["VideoDescription"]
    codecs = description.members["CodecSettings"].members["Codec"].enum
    for output in outputs:
        video = output["VideoDescription"]
        assert video["CodecSettings"]["Codec"] in codecs
        assert video["Width"] % 2 == video["Height"] % 2 == 0
