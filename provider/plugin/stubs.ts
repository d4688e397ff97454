// Pulumi's published gRPC stubs, and the protobuf structs that they are built on.
import { createRequire } from "node:module";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";

// google-protobuf is a dependency of @pulumi/pulumi, and its messages must be of the copy that the stubs use.
const fromSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const structs: typeof import("google-protobuf/google/protobuf/struct_pb.js") = fromSdk(
  "google-protobuf/google/protobuf/struct_pb.js",
);
const empties: typeof import("google-protobuf/google/protobuf/empty_pb.js") = fromSdk(
  "google-protobuf/google/protobuf/empty_pb.js",
);
const anys: typeof import("google-protobuf/google/protobuf/any_pb.js") = fromSdk(
  "google-protobuf/google/protobuf/any_pb.js",
);

export { anys, empties, engine, engineService, plugin, provider, providerService, status, structs };
