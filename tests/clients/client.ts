/** What a client of AWS does for a test, whichever it is. */

/** An error as the client surfaces it: `code`, `Message`, and the members that the error has beside. */
export interface Refused {
  readonly code: string;
  readonly Message: string;
  readonly [member: string]: unknown;
}

export type Outcome = { readonly answer: unknown } | { readonly error: Refused };

/** Times are in seconds since 1970 in all answers, however the client shows them. */
export interface Client extends AsyncDisposable {
  /** Whether it shows the members that an error has beside code and message. */
  readonly showsMembers: boolean;
  call(operation: string, input: object): Promise<Outcome>;
  /** All pages of a list, by the client's own paginator, as one answer. */
  list(operation: string, input: object, pageSize: number): Promise<Outcome>;
}

/** Where the engine is, and who calls. */
export interface Target {
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
  /** Whether the client is told to leave the `data-` of the discover operations away; it is unless a test says no. */
  readonly hostPrefix?: boolean;
}
