#!/usr/bin/env node
// The command `cloudmap`: an engine in the foreground or in the background, and reads for people.
import { Command, Option } from "commander";
import { defaultDns, dnsVariables, listOf } from "../local/dns-settings.ts";
import { etcdVariables } from "../local/etcd-settings.ts";
import { homeAt, homeFolder } from "../local/home.ts";
import { variables } from "../local/settings.ts";
import { version } from "../local/version.ts";
import { defaultShell, shellNames } from "./env.ts";

/** The values of DiscoverInstances' HealthStatus; ALL is what a person looks for. */
const healthFilters = ["ALL", "HEALTHY", "UNHEALTHY", "HEALTHY_OR_ELSE_ALL"];

const program = new Command("cloudmap")
  .description("Service discovery with the registry in the box.")
  .version(version)
  .showHelpAfterError("(cloudmap --help lists the commands, cloudmap COMMAND --help the flags of one)");

const serve = program
  .command("serve")
  .description("run an engine in the foreground")
  .addOption(
    flag("--listen <host:port>", "address of the API; port 0 takes a free one", variables.listen).default(
      "127.0.0.1:7700",
    ),
  )
  .addOption(flag("--data <dir>", `folder of the registry (default: ${homeAt(homeFolder()).serve})`, variables.data))
  .addOption(
    flag(
      "--auth <file>",
      "file of access keys, asked of every caller; a must on other addresses than loopback",
      variables.auth,
    ),
  )
  .addOption(flag("--region <name>", "region that clients sign for (default: us-east-1)", variables.region))
  .addOption(
    flag("--account <digits>", "account number of a new registry (default: it draws its own)", variables.account),
  )
  .addOption(
    flag(
      "--node <name>",
      "what this node is called among those of a registry (default: the machine's name and something random)",
      variables.node,
    ),
  )
  .addOption(
    flag(
      "--operation-delay <time>",
      "how long operations take, such as 2s or 500ms (default: 0)",
      variables.operationDelay,
    ),
  )
  .addOption(
    flag("--health-window <time>", "until a reported UNHEALTHY takes effect (default: 30s)", variables.healthWindow),
  )
  .addOption(
    flag("--quotas <none|aws|file>", "how much the registry may hold: AWS's quotas, or a file's", variables.quotas),
  )
  .addOption(flag("--throttle <none|aws>", "how fast clients may ask: as fast as AWS lets them", variables.throttle))
  .addOption(flag("--max-connections <number>", "connections at a time (default: 25000)", variables.maxConnections))
  .addOption(flag("--audit-log <file>", "who did what, as lines of JSON in CloudTrail's form", variables.auditLog))
  .addOption(
    flag("--audit-events <management|all>", "all: discoveries are in the audit log too", variables.auditEvents),
  )
  .addOption(
    flag(
      "--ec2 <file>",
      'private addresses of EC2 instances, such as {"i-0abc1234": "10.0.0.7"}; read again when it changes',
      variables.ec2,
    ),
  )
  .addOption(
    flag(
      "--probe-interval <time>",
      "from one probe of an instance to the next (default: 30s)",
      variables.probeInterval,
    ),
  )
  .addOption(
    flag(
      "--probe-allow <cidr...>",
      "networks that are probed although they are loopback, link-local or the like",
      variables.probeAllow,
    ),
  );
for (const [name, description, isList] of [
  ["dns <address:port>", `where DNS listens, or none (default: ${defaultDns}, a free port if that is taken)`, true],
  ["dns-threads <number>", "threads that answer DNS (default: 1)", false],
  ["dns-rate <number>", "equal answers a second to a network that is not yours (default: 200; 0: no limit)", false],
  ["vpc <id=cidr>", "a network that sees the private namespaces of a VPC", true],
  [
    "name-server <name[=address]>",
    "a name of this engine, for NS records, and its address if it is to answer it",
    true,
  ],
  ["alias-resolver <address[:port]>", "resolver to ask for AWS_ALIAS_DNS_NAME, or NAME=ADDRESS", true],
  ["query-log <file>", "file of DNS queries", false],
  ["query-log-share <number>", "share of the queries that are logged (default: 1)", false],
] as const) {
  const key = (name.split(" ")[0] ?? "").replace(/-./g, (part) => (part[1] ?? "").toUpperCase());
  const option = flag(`--${name}`, description, dnsVariables[key as keyof typeof dnsVariables]); // one row each
  serve.addOption(
    isList ? option.argParser((text, before?: readonly string[]) => listOf(text, before) ?? [text]) : option,
  );
}
addEtcd(serve);
serve
  .addOption(flag("--tls-cert <file>", "certificate for HTTPS, read again when it changes (PEM)", variables.tlsCert))
  .addOption(flag("--tls-key <file>", "its key (PEM)", variables.tlsKey));
serve.action(async (options) => {
  await (await import("../local/serve.ts")).serve(options, (line) => console.error(line));
});

program
  .command("status")
  .description("say whether the local engine runs, and where")
  .option("--json", "for programs")
  .action(async (options) => (await import("./status.ts")).status(options));
program
  .command("stop")
  .description("stop the local engine; its data stays")
  .action(async () => (await import("./status.ts")).stop());
program
  .command("logs")
  .description("print the log of the local engine")
  .option("-f, --follow", "go on as it is written")
  .action(async (options) => (await import("./logs.ts")).logs(options));
program
  .command("env")
  .description('print what AWS clients need, starting the local engine where it does not run: eval "$(cloudmap env)"')
  .addOption(new Option("--shell <name>", "for which shell").choices(shellNames).default(defaultShell))
  .option("--json", "for programs")
  .action(async (options) => (await import("./env.ts")).env(options));
program
  .command("ls")
  .description("list namespaces, their services, and how many instances these have")
  .option("--json", "for programs")
  .action(async (options) => (await import("./ls.ts")).ls(options));
program
  .command("discover")
  .description("list the instances of a service")
  .argument("<namespace>", "name of the namespace")
  .argument("<service>", "name of the service")
  .addOption(new Option("--health <status>", "which instances").choices(healthFilters).default("ALL"))
  .option("--json", "for programs")
  .action(async (namespace, service, options) => (await import("./discover.ts")).discover(namespace, service, options));
program
  .command("console")
  .description("print the address at which a browser shows the registry")
  .action(async () => (await import("./console.ts")).printConsole());
program
  .command("adopt")
  .description("write the Pulumi program for what is there, and the imports that let it manage that")
  .argument("<folder>", "where to; a new Pulumi project")
  .option("--namespace <name...>", "only these namespaces, by name or id (default: all)")
  .option("--instances", "instances too: mostly they register themselves, and belong to no program")
  .option("--vpc <namespace=vpc...>", "the VPC of a private namespace, where the registry does not tell it")
  .addOption(
    new Option("--host <host>", "plugin: by pulumi import; dynamic: by `adopt: true`, with no plugin to install")
      .choices(["plugin", "dynamic"])
      .default("plugin"),
  )
  .option("--name <name>", "name of the project (default: the folder's)")
  .option("--force", "write over files that are there")
  .action(async (folder, options) => (await import("./adopt.ts")).adopt(folder, options));
const backup = program
  .command("backup")
  .description("write the whole registry to a file, while its engine runs or not")
  .argument("<file>", "where to; one that is there is replaced")
  .addOption(flag("--data <dir>", "folder of the registry (default: that of the local engine)", variables.data))
  .action(async (file, options) => (await import("./backup.ts")).backup(file, options));
const restore = program
  .command("restore")
  .description(
    "make a registry of a backup, in a folder that is new or empty, or in etcd below a prefix where nothing is",
  )
  .argument("<file>", "the backup")
  .addOption(flag("--data <dir>", "folder of the registry (default: that of the local engine)", variables.data))
  .action(async (file, options) => (await import("./backup.ts")).restore(file, options));

addEtcd(backup);
addEtcd(restore);

/** A registry in etcd, in place of one in a folder. */
function addEtcd(command: Command): void {
  for (const [text, description] of [
    ["etcd <urls>", "members of an etcd that keeps the registry, such as http://10.0.0.1:2379, with commas between"],
    ["etcd-prefix <path>", "what its keys in etcd begin with (default: /cloudmap/)"],
    ["etcd-ca <file>", "who signed the certificates of etcd's members (PEM)"],
    ["etcd-cert <file>", "certificate to show to etcd (PEM)"],
    ["etcd-key <file>", "its key (PEM)"],
    ["etcd-user <name>", "user of etcd; its password is in CLOUDMAP_ETCD_PASSWORD or in a file"],
    ["etcd-password-file <file>", "file of that password"],
  ] as const) {
    const key = (text.split(" ")[0] ?? "").replace(/-./g, (part) => (part[1] ?? "").toUpperCase());
    command.addOption(flag(`--${text}`, description, etcdVariables[key as keyof typeof etcdVariables])); // one row each
  }
}

/** A variable that is set to nothing says nothing, as where a unit or a compose file passes on what is not set. */
function flag(flags: string, description: string, variable: string): Option {
  const option = new Option(flags, description);
  return process.env[variable] === "" ? option : option.env(variable);
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(`cloudmap: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
