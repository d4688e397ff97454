# A first day with Cloud Map by boto3, unmodified: what it gets back is printed as JSON.
import json, sys
import boto3
from botocore.config import Config

url, region = sys.argv[1], "us-east-1"
options = dict(endpoint_url=url, region_name=region, config=Config(retries={"max_attempts": 1}))
client = boto3.client("servicediscovery", **options)


def finished(answer):
    return client.get_operation(OperationId=answer["OperationId"])["Operation"]


def refused(call, **arguments):
    try:
        call(**arguments)
    except client.exceptions.ClientError as error:
        return [type(error).__name__, error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


account = boto3.client("sts", **options).get_caller_identity()["Account"]
namespace = finished(client.create_http_namespace(Name="boto"))["Targets"]["NAMESPACE"]
service = client.create_service(Name="api", NamespaceId=namespace, HealthCheckCustomConfig={}, Tags=[{"Key": "a", "Value": "b"}])["Service"]
registered = finished(client.register_instance(ServiceId=service["Id"], InstanceId="one", Attributes={"AWS_INSTANCE_PORT": "80"}))
for index in range(5):
    client.register_instance(ServiceId=service["Id"], InstanceId=f"more-{index}", Attributes={"zone": "a"})
client.update_instance_custom_health_status(ServiceId=service["Id"], InstanceId="one", Status="UNHEALTHY")
found = client.discover_instances(NamespaceName="boto", ServiceName="api", QueryParameters={"zone": "a"}, HealthStatus="ALL")
pages = client.get_paginator("list_instances").paginate(ServiceId=service["Id"], PaginationConfig={"PageSize": 2})
listed = [instance["Id"] for page in pages for instance in page["Instances"]]
errors = [
    refused(client.create_service, Name="api", NamespaceId=namespace),
    refused(client.get_instance, ServiceId=service["Id"], InstanceId="none"),
    refused(client.delete_service, Id=service["Id"]),
    refused(client.get_operation, OperationId="none"),
]
for identifier in listed:
    finished(client.deregister_instance(ServiceId=service["Id"], InstanceId=identifier))
client.delete_service(Id=service["Id"])
deleted = finished(client.delete_namespace(Id=namespace))
print(json.dumps({
    "account": account,
    "owner": service["Arn"].split(":")[4],
    "registered": registered["Status"],
    "created": service["CreateDate"].year >= 2024,
    "found": sorted(instance["InstanceId"] for instance in found["Instances"]),
    "listed": listed,
    "errors": errors,
    "deleted": deleted["Status"],
}))
