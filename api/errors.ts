/** Every error that the API answers: its code, its HTTP status, what it means; and the one class that carries them. */

interface ErrorKind {
  /** The API reference gives 400 for every client error and 500 for the service's own. */
  readonly status: number;
  readonly description: string;
}

export const errors = {
  CustomHealthNotFound: { status: 400, description: "The service has no custom health check." },
  DuplicateRequest: { status: 400, description: "Another change of the same resource is under way." },
  InstanceNotFound: { status: 400, description: "No instance with this id is registered in the service." },
  InvalidInput: {
    status: 400,
    description: "A value in the request is missing, malformed or in conflict with another.",
  },
  NamespaceAlreadyExists: { status: 400, description: "A namespace of this name exists." },
  NamespaceNotFound: { status: 400, description: "No namespace with this id or name exists." },
  OperationNotFound: { status: 400, description: "No operation with this id is known." },
  RequestLimitExceeded: { status: 400, description: "Too many requests of this kind." },
  ResourceInUse: { status: 400, description: "Something still depends on the resource." },
  ResourceLimitExceeded: { status: 400, description: "A quota is used up." },
  ResourceNotFoundException: { status: 400, description: "No resource with this ARN exists." },
  ServiceAlreadyExists: { status: 400, description: "A service of this name exists in the namespace." },
  ServiceAttributesLimitExceededException: { status: 400, description: "A service has at most 30 attributes." },
  ServiceNotFound: { status: 400, description: "No service with this id or name exists." },
  TooManyTagsException: { status: 400, description: "A resource has at most 50 tags." },

  AccessDeniedException: { status: 400, description: "The caller may not do this." },
  IncompleteSignature: { status: 400, description: "The Authorization header is malformed." },
  InvalidClientTokenId: { status: 400, description: "The access key is not known here." },
  InvalidHostHeader: { status: 421, description: "The Host header names a host that this engine does not serve." },
  MalformedHttpRequestException: { status: 400, description: "What came is not a request of HTTP/1.1." },
  MissingAuthenticationToken: { status: 400, description: "The request is not signed." },
  NoSuchHostedZone: { status: 404, description: "No DNS namespace has the hosted zone with this id." },
  RequestEntityTooLarge: { status: 413, description: "The body is larger than the engine reads." },
  RequestExpired: { status: 400, description: "The signature's time is more than five minutes off." },
  SerializationException: { status: 400, description: "The body cannot be read as the content type says." },
  SignatureDoesNotMatch: {
    status: 400,
    description: "The signature is not that of this request with the caller's key.",
  },
  ThrottlingException: { status: 400, description: "Rate exceeded." },
  UnknownOperationException: { status: 400, description: "The API has no such operation." },
  UnsupportedMediaType: { status: 415, description: "The content type or encoding is not one that the engine reads." },
  ForbiddenOrigin: { status: 403, description: "A page of another site may not call the engine." },

  InternalFailure: { status: 500, description: "The engine failed; its log says why." },
  ServiceUnavailable: { status: 503, description: "The engine cannot store changes now." },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errors;

/** Members that some errors carry beside Message, by AWS's names. */
export interface ErrorDetails {
  readonly CreatorRequestId?: string;
  readonly NamespaceId?: string;
  readonly ServiceId?: string;
  readonly ServiceArn?: string;
  readonly DuplicateOperationId?: string;
  readonly ResourceName?: string;
}

/** A refusal with a code of the API; callers compare `code`, never the text. */
export class CloudMapError extends Error {
  override readonly name = "CloudMapError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return errors[this.code].status;
  }
}
