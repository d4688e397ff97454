// What ends a command with a message and an exit code instead of a stack trace.

// The numbers are the CLI's own (pkg/cmd/pulumi/cmd/exit_codes.go).
export const exitCodes = {
  success: 0,
  error: 1,
  configuration: 2,
  stackNotFound: 6,
  noChanges: 7,
  cancelled: 8,
  internal: 255,
} as const;

/** An error that a person can act on: it is printed as its message alone. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.error) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

export function notSupported(what: string, instead = "use the Pulumi CLI for it"): Failure {
  return new Failure(`${what} is not supported by this runner: ${instead}`);
}
