import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { BackupError } from '@s3db-backup/core'
import * as z from 'zod'
import { earlierForm, signedForm } from './signed-form.js'

/** The end of a drill's report: who signed it off, and the proof that it is unchanged. */
export interface SignOff {
  readonly by: string | null
  /** Of the report's canonical JSON (RFC 8785), this block with nothing but `by`, in hex. */
  readonly sha256: string
  /** Of the same bytes (RFC 8032), if there was a key. `keyId` is the beginning of the public key's SHA-256. */
  readonly signature: { readonly algorithm: 'Ed25519'; readonly keyId: string; readonly value: string } | null
}

/** Who signs, and with what. */
export interface Signer {
  readonly by: string | null
  readonly key: KeyObject | undefined
}

/** The report with its sign-off block. */
export function signOff<Findings extends object>(
  findings: Findings,
  { by, key }: Signer,
): Findings & { readonly signOff: SignOff } {
  const bytes = signedForm({ ...findings, signOff: { by } })
  const signature =
    key === undefined
      ? null
      : {
          algorithm: 'Ed25519' as const,
          keyId: keyIdOf(createPublicKey(key)),
          value: sign(null, bytes, key).toString('base64'),
        }
  return { ...findings, signOff: { by, sha256: sha256(bytes), signature } }
}

/** The result of checking a report. */
export interface DrillReportCheck {
  /** Whether it is unaltered and, if a public key was given, signed with the matching key. */
  readonly ok: boolean
  /** Whether the checksum fits. Alone it shows accidents, not forgery. */
  readonly intact: boolean
  readonly signature: 'valid' | 'invalid' | 'none' | 'unchecked'
}

const reportSchema = z.looseObject({
  signOff: z.strictObject({
    by: z.string().nullable(),
    sha256: z.string(),
    signature: z
      .strictObject({ algorithm: z.literal('Ed25519'), keyId: z.string(), value: z.base64() })
      .nullable(),
  }),
})

/**
 * Checks the report of a drill, parsed from JSON, against its sign-off block. `publicKey` (PEM) is the trusted key; the
 * report itself cannot name it.
 *
 * @throws BackupError `invalid_options` for an invalid key.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { verifyDrillReport } from '@s3db-backup/plugin'
 *
 * async function isGenuine(file: string, publicKey: string) {
 *   return verifyDrillReport(JSON.parse(await readFile(file, 'utf8')), { publicKey }).ok
 * }
 * ```
 */
export function verifyDrillReport(
  report: unknown,
  { publicKey }: { readonly publicKey?: string | undefined } = {},
): DrillReportCheck {
  const key = publicKey === undefined ? undefined : ed25519(() => createPublicKey(publicKey), 'publicKey')
  const parsed = reportSchema.safeParse(report)
  if (!parsed.success) return { ok: false, intact: false, signature: 'none' }
  const { signOff: block, ...findings } = parsed.data
  const covered = { ...findings, signOff: { by: block.by } }
  const forms = [signedForm(covered), earlierForm(covered)]
  const bytes = forms.find((form) => sha256(form) === block.sha256)
  const intact = bytes !== undefined
  const signature = signatureState(bytes ?? signedForm(covered), block, key)
  return { ok: intact && (key === undefined || signature === 'valid'), intact, signature }
}

function signatureState(
  bytes: Uint8Array,
  { signature }: Pick<SignOff, 'signature'>,
  key: KeyObject | undefined,
): DrillReportCheck['signature'] {
  if (signature === null) return 'none'
  if (key === undefined) return 'unchecked'
  return verify(null, bytes, key, Buffer.from(signature.value, 'base64')) ? 'valid' : 'invalid'
}

/** The private key in a PEM text. Its content never appears in an error. */
export function signingKey(pem: string): KeyObject {
  return ed25519(() => createPrivateKey(pem), 'signingKey')
}

function ed25519(parse: () => KeyObject, name: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = parse()
  } catch {
    // The cause may quote the key, so it is dropped.
  }
  if (key?.asymmetricKeyType === 'ed25519') return key
  throw new BackupError('invalid_options', `${name} is not an Ed25519 key in PEM`, {
    operation: 'verify',
    suggestion: 'Make one with: openssl genpkey -algorithm ed25519',
  })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function keyIdOf(key: KeyObject): string {
  return sha256(key.export({ type: 'spki', format: 'der' })).slice(0, 16)
}
