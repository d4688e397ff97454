/** The page of operations, the newest first: what was asked to be done, and what became of it. */
import type { Operation } from "../../api/operation.ts";
import { type Ask, beside } from "./ask.ts";
import { html, type Markup } from "./html.ts";
import { code, next, type Page, state, table, time, word } from "./page.ts";
import { namespacePath, servicePath } from "./reference.ts";

/** How many operations a page has: each is asked for. */
const mostOperations = 25;

export async function operations(ask: Ask, paging: { readonly NextToken?: string }): Promise<Page> {
  const page = await ask("ListOperations", { MaxResults: mostOperations, ...paging });
  const rows = await Promise.all((page.Operations ?? []).map(async (listed) => row(await told(ask, listed))));
  const heads = ["Begun", "Type", "State", "Of", "Id"];
  const body = html`${table(heads, rows, "There is no operation that is known.")}${next("/operations", page)}`;
  return { title: "Operations", body };
}

/** All of an operation; what the list says of it where its reader may not see more. */
async function told(ask: Ask, listed: Operation): Promise<Operation> {
  const { Operation = listed } = (await beside(ask("GetOperation", { OperationId: listed.Id ?? "" }))) ?? {};
  return Operation;
}

function row({ Id, Type, Status, ErrorCode, ErrorMessage, CreateDate, Targets = {} }: Operation) {
  const fault = ErrorCode === undefined ? undefined : html`<div class="dim why">${ErrorCode}: ${ErrorMessage}</div>`;
  return [
    time(CreateDate),
    word(Type),
    html`${state(Status ?? "")}${fault}`,
    targetsOf(Targets),
    html`<code>${Id}</code>`,
  ];
}

const paths: Readonly<Record<string, (reference: string) => string>> = {
  NAMESPACE: namespacePath,
  SERVICE: servicePath,
};

/** What an operation changes, as links to what is still there or was. */
function targetsOf(targets: Readonly<Record<string, string>>): Markup | undefined {
  const lines = Object.entries(targets).map(([kind, id]) => {
    const path = paths[kind];
    const shown = path === undefined ? html`<code>${id}</code>` : html`<a href="${path(id)}">${code(id)}</a>`;
    return html`<div>${shown}</div>`;
  });
  return lines.length === 0 ? undefined : html`${lines}`;
}
