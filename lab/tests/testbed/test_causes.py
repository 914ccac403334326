import json

from coldtrail_testbed.cloud.causes import tidy_cause, tidy_error


def test_paths_become_those_of_an_instance() -> None:
    cause = {
        "working_directory": "/home/somebody/project",
        "exceptions": [
            {
                "message": "m",
                "stack": [
                    {"path": "/x/site-packages/boto3/session.py", "line": 1, "label": "a"},
                    {"path": "/x/coldtrail_testbed/applications/airline/handlers/get_loyalty.py", "line": 2},
                    {"path": "/x/coldtrail_testbed/attacks/longer_run.py", "line": 3},
                    {"path": "infection.py", "line": 4},
                    {"path": "bootstrap.py", "line": 5},
                    {"path": "/usr/lib/python3.11/json/decoder.py", "line": 6},
                ],
            },
            {"message": "without a stack"},
        ],
        "paths": ["/x/coldtrail_testbed/worker/infection.py", "/x/site-packages/requests/api.py"],
    }
    tidy = tidy_cause(cause)
    assert tidy["working_directory"] == "/var/task"
    assert tidy["paths"] == ["/var/runtime/requests/api.py"]
    assert [frame["path"] for frame in tidy["exceptions"][0]["stack"]] == [
        "/var/runtime/boto3/session.py",
        "/var/task/get_loyalty.py",
        "bootstrap.py",
        "/var/lang/lib/python3.11/decoder.py",
    ]
    assert tidy["exceptions"][1] == {"message": "without a stack"}


def test_a_reference_to_another_cause_stays() -> None:
    assert tidy_cause("5f3c") == "5f3c"


def test_an_attacks_frames_are_the_functions() -> None:
    attack = "/x/coldtrail_testbed/attacks/repeated_operation.py"
    cause = {
        "exceptions": [{"stack": [{"path": attack, "line": 21, "label": "_reserve_again_and_again"}]}],
        "paths": [attack, "/x/coldtrail_testbed/applications/airline/handlers/reserve_booking.py"],
    }
    tidy = tidy_cause(cause, "coldtrail_testbed.applications.airline.handlers.reserve_booking.handler")
    path = "/var/task/reserve_booking.py"
    assert tidy["exceptions"][0]["stack"] == [{"path": path, "line": 21, "label": "handler"}]
    assert tidy["paths"] == [path]


def test_the_error_that_a_caller_gets_is_the_same_wherever_the_testbed_lies() -> None:
    frames = [
        ("/x/coldtrail_testbed/worker/sandbox.py", "handle"),
        ("/x/site-packages/aws_xray_sdk/core/recorder.py", "record_subsegment"),
        ("/x/coldtrail_testbed/attacks/changed_order.py", "_reserve_first"),
    ]
    trace = [f'  File "{path}", line 7, in {name}\n    code()\n' for path, name in frames]
    error = {"errorMessage": "m", "errorType": "T", "requestId": "", "stackTrace": [*trace, "no frame"]}
    assert json.loads(tidy_error(json.dumps(error).encode(), "x.handlers.reserve_booking.handler")) == {
        **error,
        "stackTrace": [
            '  File "/var/runtime/aws_xray_sdk/core/recorder.py", line 7, in record_subsegment\n    code()\n',
            '  File "/var/task/reserve_booking.py", line 7, in handler\n    code()\n',
            "no frame",
        ],
    }


def test_an_error_without_a_stack_trace_stays() -> None:
    assert tidy_error(b'{"errorType": "T"}') == b'{"errorType": "T"}'
