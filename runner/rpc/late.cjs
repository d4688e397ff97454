// Loaded into the Node.js processes that the runner starts: what the SDK loads in each of them and hardly any uses is loaded when it is used.
//
// Of the CPU that `require("@pulumi/pulumi")` takes, npm's Arborist, the TypeScript compiler and the Automation API take
// more than half (0.53 s, without them 0.20 s), and a run of a program starts two or three such processes.
const Module = require("node:module");

/** By the file of the SDK and what it requires: the functions and classes that it takes out of it at once, without a call. */
const late = {
  "index.js": { "./automation": [] },
  "runtime/index.js": {
    "./closure/codePaths": ["computeCodePaths"],
    "./closure/serializeClosure": ["serializeFunction", "serializeFunctionAsync"],
  },
  "runtime/closure/parseFunction.js": { "../../typescript-shim": [] },
  "cmd/run/tracing.js": {
    "@opentelemetry/resources": ["defaultResource", "resourceFromAttributes"],
    "@opentelemetry/sdk-trace-base": ["SimpleSpanProcessor"],
    "@opentelemetry/exporter-zipkin": ["ZipkinExporter"],
    "@opentelemetry/instrumentation-grpc": ["GrpcInstrumentation"],
    "@opentelemetry/sdk-trace-node": ["NodeTracerProvider"],
    "@opentelemetry/instrumentation": ["registerInstrumentations"],
  },
};

const sdk = /[\\/]@pulumi[\\/]pulumi[\\/]/;

function taken(request, parent) {
  if (typeof parent?.filename !== "string" || !sdk.test(parent.filename)) return undefined;
  const file = parent.filename.split(sdk).at(-1).replaceAll("\\", "/");
  return late[file]?.[request];
}

/** Stands for a module until something of it is needed. */
function standIn(load, names) {
  let loaded;
  const module = () => {
    loaded ??= load();
    return loaded;
  };
  const callable = (name) =>
    new Proxy(function later() {}, {
      apply: (_target, self, args) => Reflect.apply(module()[name], self, args),
      construct: (_target, args) => Reflect.construct(module()[name], args),
      get: (_target, key) => module()[name][key],
    });
  return new Proxy(
    {},
    {
      get: (_target, key) => {
        if (loaded !== undefined) return loaded[key];
        if (key === "__esModule") return true;
        return names.includes(key) ? callable(key) : module()[key];
      },
      has: (_target, key) => key in module(),
      ownKeys: () => Reflect.ownKeys(module()),
      getOwnPropertyDescriptor: (_target, key) => {
        const own = Reflect.getOwnPropertyDescriptor(module(), key);
        return own && { ...own, configurable: true };
      },
    },
  );
}

const load = Module._load;
Module._load = function loadOrPutOff(request, parent, isMain) {
  const names = taken(request, parent);
  if (names === undefined) return Reflect.apply(load, this, [request, parent, isMain]);
  return standIn(() => Reflect.apply(load, Module, [request, parent, false]), names);
};
