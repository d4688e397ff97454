"""A namespace, a service and two instances of it, by the SDK that is generated from the package's schema."""

import pulumi
import pulumi_cloudmap as cloudmap

vpc = pulumi.Config().get("vpc") or "vpc-0a1b2c3d"

demo = cloudmap.PrivateDnsNamespace("demo", name="python.internal", vpc=vpc, tags={"owner": "demo"})

payments = cloudmap.Service(
    "payments",
    name="payments",
    namespace_id=demo.id,
    dns_config={"dns_records": [{"type": "A", "ttl": 10}]},
    health_check_custom_config={},
)

for instance_id, address, version in [("payments-1", "10.0.1.11", "1.4.2"), ("payments-2", "10.0.2.12", "1.5.0")]:
    cloudmap.Instance(
        instance_id,
        service_id=payments.id,
        attributes={"AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": "8443", "version": version},
    )

pulumi.export("namespaceArn", demo.arn)
pulumi.export("serviceId", payments.id)
