import { parseOptions } from '@s3db-backup/core/internal'
import * as z from 'zod'

const names = z.array(z.string())

/** The options of a drill in a schedule. */
export const drillChoices = {
  resources: names.nullable().optional(),
  exclude: names.optional(),
  allowPlain: z.boolean().optional(),
  scratch: z.string().min(1).optional(),
  signedOffBy: z.string().min(1).optional(),
}

const drillSchema = z.strictObject({
  ...drillChoices,
  signingKey: z.string().min(1).optional(),
  storeReport: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).default(() => new AbortController().signal),
})

/** Options of one `drills.run()` call. */
export interface DrillOptions {
  /** Only these resources (globs allowed). All if left out or `null`. */
  readonly resources?: readonly string[] | null | undefined
  readonly exclude?: readonly string[] | undefined
  /** Take a backup that is not encrypted although the plugin encrypts. Default `false`. */
  readonly allowPlain?: boolean | undefined
  /**
   * Where to restore to. `disk` (default): a folder of its own in `tempDir`, readable by this user only and removed
   * afterwards. `memory`: nothing touches a disk, and all records are held. Or a connection string, below which a
   * database of its own is made and emptied again.
   */
  readonly scratch?: string | undefined
  /** Who signs off the report. */
  readonly signedOffBy?: string | undefined
  /** An Ed25519 private key (PEM) to sign the report with. */
  readonly signingKey?: string | undefined
  /** Also keep the report at the destination, below `reports/`. Default `false`. */
  readonly storeReport?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export type CheckedDrill = z.output<typeof drillSchema>

export function parseDrillOptions(options: unknown): CheckedDrill {
  return parseOptions(drillSchema, options, { what: 'options of drills.run()', operation: 'verify' })
}
