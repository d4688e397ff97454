/** What DNS answers, as metrics. */
import { type Family, single } from "../metrics.ts";
import type { Totals } from "./counters.ts";
import type { Dns } from "./dns.ts";

type Single = Exclude<keyof Totals, "queries" | "udp" | "tcp" | "refusedConnections">;

const singles: { readonly [name in Single]: string } = {
  truncated: "DNS answers that were cut, because the client takes no more over UDP.",
  dropped: "DNS answers that rate limiting held back.",
  slipped: "DNS answers that rate limiting cut, so that the client asks over TCP.",
  ignored: "Packets that were no DNS queries.",
  failed: "DNS queries that were not answered because of an error of the engine.",
};

export function dnsFamilies({ totals: read, restarts }: Pick<Dns, "totals" | "restarts">): Family[] {
  return [
    {
      name: "cloudmap_dns_queries_total",
      help: "DNS queries that were answered, by zone, type and response code; no zone: not ours.",
      type: "counter",
      samples: async () => {
        const { queries } = await read();
        return queries.map(({ count, ...labels }) => ({ labels, value: count }));
      },
    },
    {
      name: "cloudmap_dns_answers_total",
      help: "DNS answers that were sent, by transport.",
      type: "counter",
      samples: async () => {
        const totals = await read();
        return (["udp", "tcp"] as const).map((transport) => ({ labels: { transport }, value: totals[transport] }));
      },
    },
    {
      name: "cloudmap_dns_refused_connections_total",
      help: "TCP connections to DNS that were refused, because there were too many.",
      type: "counter",
      samples: async () => [{ labels: {}, value: (await read()).refusedConnections }],
    },
    single("counter", "cloudmap_dns_thread_restarts_total", "DNS threads that died, and were replaced.", restarts),
    ...(Object.keys(singles) as Single[]).map(
      (name): Family => ({
        name: `cloudmap_dns_${name}_total`,
        help: singles[name],
        type: "counter",
        samples: async () => [{ labels: {}, value: (await read())[name] }],
      }),
    ),
  ];
}
