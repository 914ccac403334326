"""The REST APIs of a template: an OpenAPI definition each, with tracing."""

import json
from collections import defaultdict
from typing import Any

from coldtrail_testbed.applications.model import Application, Route, TableRoute
from coldtrail_testbed.templates.references import Document, References, apis_of, intrinsic, logical_id

_REQUESTS_PER_SECOND, _BURST = 20, 40
_GATEWAY = "arn:${AWS::Partition}:apigateway:${AWS::Region}"


def api_resources(application: Application, references: References) -> Document:
    """The APIs, the permissions that let them invoke functions, the roles that let them read tables."""
    resources: Document = {}
    for api in apis_of(application):
        resources[logical_id(api, "Api")] = _api(application, api, references)
    for route in application.routes:
        resources[logical_id(f"{route.api}-{route.function}", "Permission")] = _permission(route)
    for table_route in application.table_routes:
        resources[_role_id(table_route)] = _query_role(table_route)
    return resources


def _api(application: Application, api: str, references: References) -> Document:
    limits = {"ThrottlingRateLimit": _REQUESTS_PER_SECOND, "ThrottlingBurstLimit": _BURST}
    return {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "Name": intrinsic(references.own_name(api)),
            "StageName": "Prod",
            "OpenApiVersion": "3.0.1",
            "TracingEnabled": True,
            "EndpointConfiguration": {"Type": "REGIONAL"},
            "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", **limits}],
            "DefinitionBody": _definition(application, api),
        },
    }


def _definition(application: Application, api: str) -> Document:
    paths: defaultdict[str, Document] = defaultdict(dict)
    for route in application.routes:
        if route.api == api:
            paths[route.path][route.method.lower()] = _function_method(route)
    for table_route in application.table_routes:
        if table_route.api == api:
            paths[table_route.path][table_route.method.lower()] = _table_method(table_route)
    definition: Document = {
        "openapi": "3.0.1",
        "info": {"title": intrinsic("${AWS::StackName}-" + api), "version": "1.0"},
        "paths": dict(paths),
    }
    if api != application.partner:
        # The partner's API is called by functions, from addresses that change.
        definition["x-amazon-apigateway-policy"] = _users_only()
    return definition


def _users_only() -> Document:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"IpAddress": {"aws:SourceIp": {"Ref": "UsersAddresses"}}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _parameters(path: str) -> Document:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
    ]
    return {"parameters": parameters} if parameters else {}


def _function_method(route: Route) -> Document:
    function = logical_id(route.function, "Function")
    uri = f"{_GATEWAY}:lambda:path/2015-03-31/functions/${{{function}.Arn}}/invocations"
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": intrinsic(uri)}
    return {
        **_parameters(route.path),
        "responses": {"200": {"description": "The answer of the function"}},
        "x-amazon-apigateway-integration": integration,
    }


def _table_method(route: TableRoute) -> Document:
    integration = {
        "type": "aws",
        "httpMethod": "POST",
        "uri": intrinsic(f"{_GATEWAY}:dynamodb:action/Query"),
        "credentials": {"Fn::GetAtt": [_role_id(route), "Arn"]},
        "passthroughBehavior": "never",
        "requestTemplates": {"application/json": intrinsic(_query(route))},
        "responses": {
            "default": {"statusCode": "200"},
            "4\\d{2}": {"statusCode": "400"},
            "5\\d{2}": {"statusCode": "500"},
        },
    }
    codes = {"200": "The items", "400": "A wrong request", "500": "A failure of the table"}
    return {
        **_parameters(route.path),
        "responses": {code: {"description": text} for code, text in codes.items()},
        "x-amazon-apigateway-integration": integration,
    }


def _query(route: TableRoute) -> str:
    """The mapping template of a Query for one key; the caller's text is escaped for JSON."""
    request = {
        "TableName": f"${{{logical_id(route.table, 'Table')}}}",
        "IndexName": route.index,
        "KeyConditionExpression": "#key = :key",
        "ExpressionAttributeNames": {"#key": route.key},
        "ExpressionAttributeValues": {":key": {"S": f"$util.escapeJavaScript($input.params('{route.key}'))"}},
    }
    return json.dumps(request)


def _permission(route: Route) -> Document:
    path = "/".join("*" if part.startswith("{") else part for part in route.path.split("/"))
    api = f"${{{logical_id(route.api, 'Api')}}}"
    execute = f"arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:{api}"
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": logical_id(route.function, "Function")},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": intrinsic(f"{execute}/*/{route.method}{path}"),
        },
    }


def _role_id(route: TableRoute) -> str:
    return logical_id(f"{route.api}-{route.table}-query", "Role")


def _query_role(route: TableRoute) -> Document:
    index = f"${{{logical_id(route.table, 'Table')}.Arn}}/index/{route.index}"
    statement = {"Effect": "Allow", "Action": ["dynamodb:Query"], "Resource": intrinsic(index)}
    return role("apigateway.amazonaws.com", [statement])


def role(service: str, statements: list[dict[str, Any]]) -> Document:
    """A role that one service takes on, with an inline policy."""
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    version = "2012-10-17"
    properties: Document = {"AssumeRolePolicyDocument": {"Version": version, "Statement": [trust]}}
    if statements:
        document = {"Version": version, "Statement": statements}
        properties["Policies"] = [{"PolicyName": "grants", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::Role", "Properties": properties}
