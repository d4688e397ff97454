// A provider plugin: previews, secrets, detailed differences, imports, and configuration of its own.

const { appendFileSync, existsSync, readFileSync } = require("node:fs");
const grpc = require("@grpc/grpc-js");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
const plugin = require("@pulumi/pulumi/proto/plugin_pb.js");
const messages = require("@pulumi/pulumi/proto/provider_pb.js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");

const { PropertyDiff, DiffResponse } = messages;
const nameOf = (request) => request.getUrn().split("::").at(-1);
const plain = (struct) => struct?.toJavaScript() ?? {};
const struct = (properties) => Struct.fromJavaScript(properties);
const note = (method, name, more = {}) =>
  appendFileSync(process.env.SPEC_LOG, `${JSON.stringify({ method, name, ...more })}\n`);
const world = () =>
  existsSync(process.env.SPEC_WORLD) ? JSON.parse(readFileSync(process.env.SPEC_WORLD, "utf8")) : {};
let prefix = "none";

function outputsOf(inputs, preview) {
  const base = { ...inputs, computed: `${prefix}-${inputs.v}`, stable: "always" };
  return preview ? { ...base, late: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } : { ...base, late: `late-${inputs.v}` };
}

const methods = {
  getPluginInfo: () => new plugin.PluginInfo().setVersion("1.2.3"),
  checkConfig(request) {
    const news = plain(request.getNews());
    note("checkConfig", nameOf(request), { news });
    const response = new messages.CheckResponse().setInputs(request.getNews());
    if (news.refuse)
      response.addFailures(new messages.CheckFailure().setProperty("refuse").setReason(String(news.refuse)));
    return response;
  },
  diffConfig(request) {
    const [olds, news] = [plain(request.getOldInputs()), plain(request.getNews())];
    note("diffConfig", nameOf(request), { olds, news });
    const changed = Object.keys(news).filter((key) => news[key] !== olds[key]);
    const changes = changed.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE;
    return new DiffResponse().setChanges(changes).setReplacesList(changed.filter((key) => key === "region"));
  },
  configure(request) {
    const args = plain(request.getArgs());
    note("configure", nameOf(request), { args });
    prefix = typeof args.prefix === "string" ? args.prefix : "none";
    return new messages.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setSupportspreview(true);
  },
  check(request) {
    note("check", nameOf(request), { news: plain(request.getNews()) });
    return new messages.CheckResponse().setInputs(request.getNews());
  },
  diff(request) {
    const [olds, news] = [plain(request.getOldInputs()), plain(request.getNews())];
    note("diff", nameOf(request), { olds, news });
    const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
    const changed = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    const changes = changed.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE;
    const response = new DiffResponse().setChanges(changes).setHasdetaileddiff(true).setDiffsList(changed);
    for (const key of changed) {
      const replace = key.startsWith("r");
      const kind = !(key in olds) ? (replace ? "ADD_REPLACE" : "ADD") : replace ? "UPDATE_REPLACE" : "UPDATE";
      response.getDetaileddiffMap().set(key, new PropertyDiff().setKind(PropertyDiff.Kind[kind]).setInputdiff(true));
    }
    return response;
  },
  create(request) {
    const inputs = plain(request.getProperties());
    note("create", nameOf(request), { inputs, preview: request.getPreview(), timeout: request.getTimeout() });
    const id = request.getPreview() ? "" : `id-${nameOf(request)}-${inputs.r ?? 0}`;
    return new messages.CreateResponse().setId(id).setProperties(struct(outputsOf(inputs, request.getPreview())));
  },
  read(request) {
    note("read", nameOf(request), { id: request.getId(), inputs: plain(request.getInputs()) });
    const { gone = [], drift = {} } = world();
    if (gone.includes(nameOf(request))) return new messages.ReadResponse();
    const inputs = {
      ...(request.getInputs() ? plain(request.getInputs()) : { v: "found" }),
      ...drift[nameOf(request)],
    };
    return new messages.ReadResponse()
      .setId(request.getId())
      .setInputs(struct(inputs))
      .setProperties(struct(outputsOf(inputs, false)));
  },
  update(request) {
    const inputs = plain(request.getNews());
    note("update", nameOf(request), {
      inputs,
      preview: request.getPreview(),
      ignoreChanges: request.getIgnorechangesList(),
    });
    return new messages.UpdateResponse().setProperties(struct(outputsOf(inputs, request.getPreview())));
  },
  delete(request) {
    note("delete", nameOf(request), { id: request.getId() });
    return new Empty();
  },
  invoke(request) {
    note("invoke", request.getTok(), { args: plain(request.getArgs()) });
    const { question } = plain(request.getArgs());
    if (question === "never") throw new Error("there is no answer");
    return new messages.InvokeResponse().setReturn(struct({ answer: `${prefix}:${question}` }));
  },
  cancel: () => new Empty(),
};

const answer = (method) => (call, callback) => {
  try {
    callback(null, method(call.request));
  } catch (error) {
    callback({ code: grpc.status.UNKNOWN, details: error.message });
  }
};
const unimplemented = (_call, callback) => callback({ code: grpc.status.UNIMPLEMENTED, details: "not here" });
const server = new grpc.Server();
const names = Object.keys(ResourceProviderService);
server.addService(
  ResourceProviderService,
  Object.fromEntries(names.map((name) => [name, name in methods ? answer(methods[name]) : unimplemented])),
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_error, port) => console.log(port));
