// Pulumi's published gRPC stubs and the protobuf structs that they are built on.

import { createRequire } from "node:module";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import errors from "@pulumi/pulumi/proto/errors_pb.js";
import languageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import monitorService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import monitor from "@pulumi/pulumi/proto/resource_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";

// google-protobuf is a dependency of @pulumi/pulumi, and its messages must be of the copy that the stubs use.
const fromSdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const structs: typeof import("google-protobuf/google/protobuf/struct_pb.js") = fromSdk(
  "google-protobuf/google/protobuf/struct_pb.js",
);
const empties: typeof import("google-protobuf/google/protobuf/empty_pb.js") = fromSdk(
  "google-protobuf/google/protobuf/empty_pb.js",
);

export {
  empties,
  engine,
  engineService,
  errors,
  language,
  languageService,
  monitor,
  monitorService,
  provider,
  providerService,
  status,
  structs,
};
