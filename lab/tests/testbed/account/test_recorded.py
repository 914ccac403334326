"""A small recorded run with attacks on the account and benign changes of it, read back from its files."""

import gzip
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from coldtrail_testbed.account.networks import FAR, FUNCTIONS
from coldtrail_testbed.recorder import record

_ATTACKS = [
    "mining",
    "stolen_credentials",
    "backdoor_code",
    "backdoor_layer",
    "backdoor_extension",
    "opened_url",
    "foreign_permission",
    "wallet_memory",
    "slow_exfiltration",
]


@dataclass(frozen=True)
class _Read:
    folder: Path

    def lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return [json.loads(line) for line in text.splitlines()]

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        files = (self.folder / "cloudtrail").rglob("*.gz")
        found = [one for path in files for one in json.loads(gzip.decompress(path.read_bytes()))["Records"]]
        return {one["eventID"]: one for one in found}

    @cached_property
    def incidents(self) -> dict[str, dict[str, Any]]:
        return {one["attack"]: one for one in self.lines("incidents.jsonl")}

    def events(self, attack: str) -> list[dict[str, Any]]:
        return [self.records[one] for one in self.incidents[attack]["event_ids"]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> _Read:
    folder = tmp_path_factory.mktemp("runs") / "run"
    record("airline", 12, 5, _ATTACKS, folder, attack_share=0.5, look_alikes=["account"], telemetry=["all"])
    return _Read(folder)


def test_each_attack_is_one_incident_whose_records_exist(read: _Read) -> None:
    assert sorted(read.incidents) == sorted(_ATTACKS)
    labelled = {one["event_id"]: one["attack"] for one in read.lines("cloudtrail_labels.jsonl")}
    flows = {one["function_flow_id"]: one["attack"] for one in read.lines("labels.jsonl")}
    for attack, incident in read.incidents.items():
        assert all(labelled[one] == attack for one in incident["event_ids"])
        assert all(flows[one] == attack for one in incident["function_flow_ids"])
        keys = {key for one in incident["principals"] for key in one["access_key_ids"]}
        told = {one["userIdentity"].get("accessKeyId") for one in read.events(attack)}
        assert keys == told - {None}
        if incident["decisive"] is not None:
            assert incident["first"]["time"] <= incident["decisive"]["time"]
            assert incident["decisive"]["event_id"] in incident["event_ids"]
    assert sum(len(one["function_flow_ids"]) for one in read.incidents.values()) == len(flows)


def test_stolen_credentials_are_the_functions_own_used_from_elsewhere(read: _Read) -> None:
    stolen = read.events("stolen_credentials")
    (key,) = {one["userIdentity"]["accessKeyId"] for one in stolen}
    theirs = {one["eventID"] for one in stolen}
    own = [
        one
        for one in read.records.values()
        if one["userIdentity"].get("accessKeyId") == key and one["eventID"] not in theirs
    ]
    assert own
    assert all(_is_in(one["sourceIPAddress"], FUNCTIONS) for one in own)
    assert all(_is_in(one["sourceIPAddress"], FAR) for one in stolen)
    assert all("exec-env/AWS_Lambda" in one["userAgent"] for one in own)
    assert not any("exec-env/AWS_Lambda" in one["userAgent"] for one in stolen)
    usual = {
        one["eventName"]
        for one in read.records.values()
        if one["userIdentity"].get("arn", "").endswith("/CapturePayment") and one["eventID"] not in theirs
    }
    assert {"GetCallerIdentity", "ListBuckets", "ListObjects"} <= {one["eventName"] for one in stolen} - usual


def _is_in(address: str, networks: Any) -> bool:
    return any(ip_address(address) in ip_network(network.cidr) for network in networks)


def test_backdoored_versions_do_something_new(read: _Read) -> None:
    labelled = {one["event_id"]: one for one in read.lines("cloudtrail_labels.jsonl")}
    done = Counter(
        (one["attack"], read.records[one["event_id"]]["eventName"])
        for one in labelled.values()
        if one["function_flow_id"]
    )
    assert done["backdoor_code", "PutObject"] > 0
    assert done["backdoor_layer", "GetSecretValue"] > 0
    names = [
        one["eventName"]
        for one in read.records.values()
        if one["userIdentity"].get("arn", "").endswith("/CollectPayment")
    ]
    assert {"GetCallerIdentity", "ListBuckets", "ListTables"} <= set(names)
    events = [json.loads(one["message"]) for one in read.lines("lambda_platform.jsonl.gz")]
    assert "metrics-agent" in {one["record"]["name"] for one in events if one["type"] == "platform.extension"}


def test_an_extensions_calls_are_in_no_trace(read: _Read) -> None:
    with gzip.open(read.folder / "traces.jsonl.gz", "rt") as lines:
        assert "ListTables" not in lines.read()


def test_mining_and_memory_show_in_reports_and_metrics(read: _Read) -> None:
    minutes = read.lines("cloudwatch_metrics.jsonl.gz")
    longest = dict.fromkeys(("IngestLoyalty", "NotifyBooking"), 0.0)
    for one in minutes:
        if one["function_name"] in longest:
            name = one["function_name"]
            longest[name] = max(longest[name], one["duration_ms_max"])
    assert longest["IngestLoyalty"] > 10_000 > longest["NotifyBooking"]
    used = [one["memory_mb_max"] for one in minutes if one["function_name"] == "ProcessBooking"]
    assert min(used) < 256 < 2_000 < max(used)
    told = read.lines("lambda_insights.jsonl.gz")
    assert {one["total_memory"] for one in told if one["function_name"] == "ProcessBooking"} == {256, 3_008}


def test_uploads_carry_more_bytes(read: _Read) -> None:
    attacked = {
        one["event_id"]
        for one in read.lines("cloudtrail_labels.jsonl")
        if one["attack"] == "slow_exfiltration"
    }
    sizes: dict[bool, list[int]] = {True: [], False: []}
    for event_id, one in read.records.items():
        written = one["eventName"] == "PutObject"
        if written and one["requestParameters"]["bucketName"] == "airline-payment-audit":
            sizes[event_id in attacked].append(one["additionalEventData"]["bytesTransferredIn"])
    ordinary = sorted(sizes[False])[len(sizes[False]) // 2]
    assert min(sizes[True]) > ordinary + 300


def test_benign_changes_are_nobodys_attack(read: _Read) -> None:
    windows = json.loads((read.folder / "run.json").read_text())["look_alike_windows"]
    assert set(windows) == {"new_office", "on_call", "key_rotation", "pipeline_moved", "region_failover"}
    new_key = windows["key_rotation"]["facts"]["new_key"]
    labelled = {one["event_id"] for one in read.lines("cloudtrail_labels.jsonl")}
    made = [
        one["eventID"]
        for one in read.records.values()
        if (one["responseElements"] or {}).get("accessKey", {}).get("accessKeyId") == new_key
    ]
    assert made
    assert not labelled & set(made)


def test_a_region_fails_over_in_every_file(read: _Read) -> None:
    regions = Counter(one["awsRegion"] for one in read.records.values())
    assert regions["us-west-2"] > 20
    assert {one["region"] for one in read.lines("cloudwatch_metrics.jsonl.gz")} == set(regions)
    for name in ("otlp.jsonl.gz", "aws_spans.jsonl.gz", "traces.jsonl.gz"):
        with gzip.open(read.folder / name, "rt") as lines:
            for line in lines:
                assert not ("us-west-2" in line and "us-east-1" in line)


def test_the_networks_are_told(read: _Read) -> None:
    assert {"networks.json", "countries.mmdb"} <= {path.name for path in read.folder.iterdir()}
