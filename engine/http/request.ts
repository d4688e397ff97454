/** A request and its reply as plain values: what asks and answers, however they came over the wire. */

export interface Request {
  readonly method: string;
  /** The request target: path and query, as sent. */
  readonly target: string;
  /** By names in lower case; what was sent several times is joined by `, `. */
  readonly headers: Headers;
  readonly body: Buffer;
  /** The address that the request came from. */
  readonly address: string;
}

export type Headers = { readonly [name: string]: string | undefined };

export interface Reply {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | Uint8Array;
}
