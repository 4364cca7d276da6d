import type { ErrorCode } from '@s3db-backup/core'

/** The exit codes of the command, by the cause of the error. Scripts rely on these numbers. */
export const exitCodes: Readonly<Record<ErrorCode, number>> = {
  invalid_options: 2,
  unsupported: 2,
  not_found: 3,
  permission_denied: 4,
  unavailable: 5,
  no_space: 6,
  corrupt: 7,
  undecryptable: 8,
  incompatible_format: 9,
  broken_chain: 10,
  conflict: 11,
  incomplete: 12,
  internal: 1,
}
