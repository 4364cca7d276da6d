import { isBackupError, type OnWarning, type StorageWarning } from '@s3db-backup/core'
import type { CheckedOptions } from '../options.js'

/** Features that a server may lack, and a driver can do without. */
export type Feature = 'checksums' | 'conditions'

/** The features that the server was found to lack, or that a setting turns off. */
export interface Support {
  /** Whether to send it. */
  has(feature: Feature): boolean
  /** Whether to go on without it where it is refused. A setting may insist. */
  mayLack(feature: Feature): boolean
  /** Records that the server lacks it, and warns the first time. */
  lacks(feature: Feature, host: string): void
  /** The missing features that were found, without those from settings. */
  readonly found: ReadonlySet<Feature>
}

export function supportOf(options: CheckedOptions, onWarning: OnWarning | undefined): Support {
  const set: Record<Feature, boolean | undefined> = {
    checksums:
      options.requestChecksumCalculation === undefined
        ? undefined
        : options.requestChecksumCalculation === 'WHEN_SUPPORTED',
    conditions: options.conditionalWrites,
  }
  const found = new Set<Feature>()
  return {
    found,
    has: (feature) => !found.has(feature) && set[feature] !== false,
    mayLack: (feature) => set[feature] === undefined,
    lacks(feature, host) {
      if (found.has(feature)) return
      found.add(feature)
      onWarning?.({ ...warnings[feature](host), driver: 's3', metadata: { host } })
    },
  }
}

type Words = Pick<StorageWarning, 'code' | 'message' | 'suggestion'>

const warnings: Record<Feature, (host: string) => Words> = {
  checksums: (host) => ({
    code: 'checksums_refused',
    message: `${host} refuses the checksum headers of S3: uploads go on without them`,
    suggestion:
      "Backups keep hashes of their own, and every part is read back. To send none from the start, set requestChecksumCalculation to 'WHEN_REQUIRED'.",
  }),
  conditions: (host) => ({
    code: 'conditions_refused',
    message: `${host} refuses conditional writes (If-None-Match): the driver looks before it writes`,
    suggestion:
      'Two writers of one key at the same instant cannot be told apart here: let no other program write below the prefix. To check first from the start, set conditionalWrites to false.',
  }),
}

/** Errors that have no better explanation than that something in the request is not known to the server. */
const refusals: ReadonlySet<unknown> = new Set([400, 405, 411, 501])

/** Whether a request failed in a way in which servers refuse what they do not know. */
export function isRefusal(error: unknown): boolean {
  if (!isBackupError(error) || !refusals.has(error.metadata.status)) return false
  return error.code === 'invalid_options' || error.code === 'unsupported' || error.code === 'internal'
}

/** The refusal of something that a setting insists on, with that as its advice. */
export function advised(error: unknown, feature: Feature): unknown {
  if (!isRefusal(error) || !isBackupError(error) || namesOther(error, feature)) return error
  return error.with({ suggestion: insisting[feature] })
}

const insisting: Record<Feature, string> = {
  checksums:
    "If it is the checksum headers that the server refuses: leave requestChecksumCalculation out, or set it to 'WHEN_REQUIRED'.",
  conditions:
    'If it is the condition (If-None-Match) that the server refuses: leave conditionalWrites out, or set it to false.',
}

/** Whether the server names something else than the feature as what it refuses. */
export function namesOther(error: unknown, feature: Feature): boolean {
  const words = isBackupError(error) ? String(error.metadata.words ?? '') : ''
  return feature === 'checksums' ? condition.test(words) : checksum.test(words)
}

const checksum = /checksum|x-amz-trailer|aws-chunked/i
const condition = /if-none-match|conditional/i
