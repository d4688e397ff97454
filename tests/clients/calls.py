# boto3, unmodified, for a test: reads what to call as lines of JSON, and writes what comes back as lines of JSON.
import json, sys
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.loaders import Loader

load = Loader.load_service_model


def load_with_protocol(*args, **more):
    model = load(*args, **more)
    if "metadata" in model:
        model["metadata"].update(protocol=sys.argv[1], protocols=[sys.argv[1]])
    return model


Loader.load_service_model = load_with_protocol
client = boto3.client("servicediscovery")  # endpoint, region, key and host prefix are in the environment
assert client.meta.service_model.resolved_protocol == sys.argv[1]


def carry_out(line):
    asked = json.loads(line)
    name = xform_name(asked["operation"])
    try:
        if "pageSize" in asked:
            pages = client.get_paginator(name).paginate(**asked["input"], PaginationConfig={"PageSize": asked["pageSize"]})
            outcome = {"answer": pages.build_full_result()}
        else:
            answer = getattr(client, name)(**asked["input"])
            answer.pop("ResponseMetadata")
            outcome = {"answer": answer}
    except ClientError as error:
        code, caught = error.response["Error"]["Code"], type(error).__name__
        modeled = [shape.name for shape in client.meta.service_model.operation_model(asked["operation"]).error_shapes]
        if code in modeled and caught != code:
            code = f"{code}, but caught as {caught}"
        members = {key: value for key, value in error.response.items() if key not in ("Error", "ResponseMetadata")}
        outcome = {"error": {**members, "code": code, "Message": error.response["Error"]["Message"]}}
    except Exception as error:
        outcome = {"error": {"code": type(error).__name__, "Message": str(error)}}
    print(json.dumps({"id": asked["id"], **outcome}, default=lambda time: time.timestamp()), flush=True)


with ThreadPoolExecutor(8) as threads:
    for each in sys.stdin:
        threads.submit(carry_out, each)
