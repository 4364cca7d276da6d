import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type ReadOptions, readOptions } from '../chain/read-options.js'
import type { Inventory } from '../inventory/inventory.js'
import { inventorySchema } from '../inventory/inventory-option.js'
import type { Part } from '../manifest.js'
import { isFunction, parseOptions } from '../options.js'
import type { OnEvent } from '../ports/events.js'
import type { VerifyLevel } from '../ports/verify-report.js'

/** How backups are verified, whichever and how many. */
export interface VerifyChoices extends ReadOptions {
  /** Default `full`. */
  readonly level?: VerifyLevel | undefined
  /**
   * Read only a share of the parts, such as `1/7`; `1/7` to `7/7` together read every part once. The sizes of all parts
   * are compared. Problems that only show when all parts are read together are not found. Default: all parts.
   */
  readonly subset?: string | undefined
  readonly onEvent?: OnEvent | undefined
}

export interface VerifyOptions extends VerifyChoices {
  readonly id: string
}

export interface VerifyAllOptions extends VerifyChoices {
  readonly ids: readonly string[]
  /** The contents of the destination, if already known. Sizes are compared with what is there now. */
  readonly inventory?: Inventory | undefined
}

/** One of several samples that cover everything together. */
export interface Subset {
  /** From 1. */
  readonly number: number
  readonly of: number
}

function parseSubset(text: string): Subset | undefined {
  const [, number, of] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(text) ?? []
  const subset = { number: Number(number), of: Number(of) }
  return subset.number <= subset.of ? subset : undefined
}

/** Whether a part is in a sample. Which one it is in follows from its name alone. */
export function isIn({ file }: Part, subset: Subset | undefined): boolean {
  if (subset === undefined) return true
  const hash = createHash('sha256').update(file).digest().readUInt32BE()
  return hash % subset.of === subset.number - 1
}

const choices = {
  ...readOptions,
  level: z.enum(['quick', 'stored', 'full']).default('full'),
  subset: z
    .string()
    .refine((text) => parseSubset(text) !== undefined, 'must be such as 1/7')
    .transform(parseSubset)
    .optional(),
  onEvent: z.custom<OnEvent>(isFunction, 'must be a function').optional(),
}

const oneSchema = z.strictObject({ ...choices, id: z.string() })
const allSchema = z.strictObject({
  ...choices,
  ids: z.array(z.string()).readonly(),
  inventory: inventorySchema.optional(),
})

/** The options, checked, with their defaults. */
export type CheckedVerify = z.output<typeof allSchema>

const asked = { what: 'verify options', operation: 'verify' } as const

export function parseVerifyOptions(options: VerifyOptions): CheckedVerify {
  const { id, ...checked } = parseOptions(oneSchema, options, asked)
  return { ...checked, ids: [id] }
}

export function parseVerifyAllOptions(options: VerifyAllOptions): CheckedVerify {
  return parseOptions(allSchema, options, asked)
}
