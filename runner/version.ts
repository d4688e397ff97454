// The version that this runner reports of itself.

// The Automation API tails an event-log file for versions up to 3.205 and asks for gRPC events above it;
// inline programs need 3.181 (sdk/nodejs/automation). The metadata says that this is not the Pulumi CLI.
export const version = "v3.200.0+cloudmap-runner";
