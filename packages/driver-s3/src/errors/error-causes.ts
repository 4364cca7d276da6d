import type { ErrorCode } from '@s3db-backup/core'

/** The facts about a failed request. */
export interface RequestFacts {
  /** Where it went, as `host:port`; `the storage` where that is not known. */
  readonly host: string
  /** The proxy on the way there. */
  readonly proxy?: string | undefined
  /** The whole address, without the query. */
  readonly url?: string | undefined
  readonly bucket: string
  readonly key?: string | undefined
  /** The IAM action that the request needs, such as `s3:PutObject`. */
  readonly action: string
  /** The bucket's real region, if the server said it. */
  readonly region?: string | undefined
  readonly storageClass?: string | undefined
}

export interface Cause {
  readonly code: ErrorCode
  /** Whether the same call may succeed later, where that differs from what the code says. */
  readonly retriable?: boolean | undefined
  readonly message: (facts: RequestFacts) => string
  readonly suggestion?: string | ((facts: RequestFacts) => string) | undefined
  readonly metadata?: ((facts: RequestFacts) => Readonly<Record<string, unknown>>) | undefined
}

const wrongSecret: Cause = {
  code: 'permission_denied',
  message: ({ bucket }) => `The secret access key does not fit the access key id (bucket ${bucket})`,
  suggestion: 'Check secretAccessKey: one character or a trailing space is enough.',
}
const unknownKey: Cause = {
  code: 'permission_denied',
  message: ({ bucket }) => `The server does not know this access key id (bucket ${bucket})`,
  suggestion: 'Check accessKeyId and endpoint; the key may have been deleted, or belong to another server.',
}
const expired: Cause = {
  code: 'permission_denied',
  message: ({ bucket }) => `The session token has expired or is not valid (bucket ${bucket})`,
  suggestion:
    'Get new temporary credentials. Those in a profile, a file or a role are read again when a request is refused; keys in the configuration are not: give a function there.',
}
const denied: Cause = {
  code: 'permission_denied',
  message: ({ action, bucket, key }) =>
    `Not allowed: ${action} on ${key === undefined ? bucket : `${bucket}/${key}`}`,
  suggestion: ({ action }) =>
    `Allow ${action} in the IAM policy or the bucket policy. Without s3:ListBucket, S3 answers the same for a missing object.`,
  metadata: ({ action }) => ({ action }),
}
const skewed: Cause = {
  code: 'permission_denied',
  message: () => 'The clock of this machine differs too much from the server’s',
  suggestion: 'Set the clock (NTP); S3 tolerates 15 minutes.',
}
const suspended: Cause = {
  code: 'permission_denied',
  message: ({ bucket }) => `The account is suspended or disabled (bucket ${bucket})`,
  suggestion: 'Ask the operator of the storage.',
}
const noCredentials: Cause = {
  code: 'permission_denied',
  message: ({ bucket }) => `No credentials were found for the bucket ${bucket}`,
  suggestion: 'Give credentials, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role.',
}
const noBucket: Cause = {
  code: 'not_found',
  message: ({ bucket }) => `There is no bucket ${bucket}`,
  suggestion: 'Create the bucket, or correct its name and the endpoint.',
}
const noKey: Cause = {
  code: 'not_found',
  message: ({ bucket, key }) => `There is no object ${key ?? ''} in the bucket ${bucket}`,
}
const wrongRegion: Cause = {
  code: 'invalid_options',
  message: ({ bucket, region }) =>
    `The bucket ${bucket} is in another region${region === undefined ? '' : `: ${region}`}`,
  suggestion: ({ region }) =>
    region === undefined ? 'Set region to the bucket’s.' : `Set region to '${region}'.`,
  metadata: ({ region }) => (region === undefined ? {} : { region }),
}
const noRegion: Cause = {
  code: 'invalid_options',
  message: () => 'No region is configured',
  suggestion: 'Set region, or AWS_REGION.',
}
const throttled: Cause = {
  code: 'unavailable',
  message: () => 'The storage is overloaded and asks for fewer requests',
  suggestion: 'Try again later, or with less concurrency.',
}
const unreachable: Cause = {
  code: 'unavailable',
  message: ({ host }) => `${host} gave no usable answer`,
}
const gateway: Cause = {
  code: 'unavailable',
  message: ({ host }) => `The proxy at ${host} got no answer from the storage behind it`,
  suggestion: 'Check that the storage runs (the proxy does), then try again.',
}
const underWay: Cause = {
  code: 'unavailable',
  message: ({ bucket, key }) => `Another request about ${key ?? bucket} is under way`,
  suggestion: 'Try again once it is done.',
}
const tooLarge: Cause = {
  code: 'unsupported',
  message: ({ host }) => `${host} refuses the request because its body is too large`,
  suggestion:
    'A proxy in front of the storage limits the size of requests: raise the limit (nginx: client_max_body_size), or set a smaller partSize.',
}
const full: Cause = {
  code: 'no_space',
  message: ({ bucket }) => `There is no room left for the bucket ${bucket}: a quota or cap is reached`,
  suggestion: 'Free some space, or raise the quota or cap at the provider, then try again.',
}
const exists: Cause = {
  code: 'conflict',
  message: ({ key }) => `There is an object ${key ?? ''} already; objects are written once`,
}
const archived: Cause = {
  code: 'unavailable',
  message: ({ key, storageClass }) =>
    `${key ?? 'The object'} is archived${storageClass === undefined ? '' : ` (${storageClass})`} and cannot be read yet`,
  suggestion: 'Request a retrieval and wait for it (restore and verify do this with --thaw), then try again.',
  metadata: ({ storageClass }) => ({ archived: true, storageClass }),
}
const unsupported: Cause = {
  code: 'unsupported',
  message: ({ action }) => `This server does not support the request (${action}) or one of its options`,
}
const invalidSetting: Cause = {
  code: 'invalid_options',
  message: ({ bucket }) => `The server does not accept an option of the driver for the bucket ${bucket}`,
}
const altered: Cause = {
  code: 'corrupt',
  message: ({ key }) => `The bytes of ${key ?? 'an object'} do not match their checksum`,
}

/**
 * By the server's error code (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), the SDK's or Node's
 * name.
 */
export const causes: ReadonlyMap<string, Cause> = new Map([
  ...named(wrongSecret, 'SignatureDoesNotMatch'),
  ...named(unknownKey, 'InvalidAccessKeyId'),
  ...named(expired, 'ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'TokenRefreshRequired'),
  ...named(denied, 'AccessDenied', 'AllAccessDisabled', 'Forbidden', 'KMS.AccessDeniedException'),
  ...named(skewed, 'RequestTimeTooSkewed'),
  ...named(suspended, 'UserSuspended', 'AccountProblem'),
  ...named(noCredentials, 'CredentialsProviderError'),
  ...named(noBucket, 'NoSuchBucket'),
  ...named(noKey, 'NoSuchKey', 'NotFound'),
  ...named(
    wrongRegion,
    'PermanentRedirect',
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
  ),
  ...named(
    throttled,
    'SlowDown',
    'ServiceUnavailable',
    'Throttling',
    'ThrottlingException',
    'RequestLimitExceeded',
  ),
  ...named(unreachable, 'InternalError', 'RequestTimeout', 'NoSuchUpload'),
  ...named(underWay, 'OperationAborted', 'ConditionalRequestConflict'),
  ...named(
    full,
    'QuotaExceeded',
    'StorageFull',
    'StorageQuotaExceeded',
    'InsufficientStorage',
    'XMinioStorageFull',
    'XMinioAdminBucketQuotaExceeded',
  ),
  ...named(exists, 'PreconditionFailed'),
  ...named(archived, 'InvalidObjectState'),
  ...named(unsupported, 'NotImplemented', 'MethodNotAllowed'),
  ...named(tooLarge, 'EntityTooLarge', 'MaxMessageLengthExceeded'),
  ...named(
    invalidSetting,
    'InvalidArgument',
    'InvalidStorageClass',
    'InvalidRequest',
    'InvalidBucketName',
    'InvalidTag',
    'KMS.NotFoundException',
    'InvalidEncryptionAlgorithmError',
  ),
  ...named(altered, 'BadDigest', 'XAmzContentSHA256Mismatch', 'InvalidDigest'),
  ...named(noRegion, 'Region is missing'),
])

/** By HTTP status, where an answer has no code: HEAD answers have no body. */
export const causeOfStatus: ReadonlyMap<number, Cause> = new Map([
  [301, wrongRegion],
  [403, denied],
  [404, noKey],
  [412, exists],
  [413, tooLarge],
  [429, throttled],
  [501, unsupported],
  [502, gateway],
  [503, throttled],
  [504, gateway],
  [507, full],
])

/** Codes that providers give to all kinds of refusals; there the server's words may say more. */
export const vague: ReadonlySet<Cause> = new Set([denied, suspended, invalidSetting])
export const noRoom: Cause = full
/** Any other answer of 500 and above. */
export const otherOutage: Cause = unreachable
/** A body whose checksum the SDK found to differ. */
export const alteredBody: Cause = altered

function named(cause: Cause, ...names: string[]): [string, Cause][] {
  return names.map((name) => [name, cause])
}
