// What Pulumi runs for a `plugins.providers` entry with the path node_modules/pulumi-cloudmap/plugin.
import("../dist/bin/pulumi-resource-cloudmap.js");
