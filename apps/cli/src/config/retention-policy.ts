import { BackupError } from '@s3db-backup/core'
import * as z from 'zod'
import type { PlaceOptions } from './options.js'
import type { Settings } from './settings.js'

/** The rules of a policy as options; numbers as they were typed, `all` among them. */
export interface PruneOptions extends PlaceOptions {
  readonly apply?: boolean | undefined
  /** In ms. */
  readonly grace?: number | undefined
  readonly force?: boolean | undefined
  readonly keepLast?: number | 'all' | undefined
  readonly hourly?: number | 'all' | undefined
  readonly daily?: number | 'all' | undefined
  readonly weekly?: number | 'all' | undefined
  readonly monthly?: number | 'all' | undefined
  readonly quarterly?: number | 'all' | undefined
  readonly yearly?: number | 'all' | undefined
  readonly within?: string | undefined
  readonly minKeep?: number | undefined
  readonly timezone?: string | undefined
  readonly pin?: string[] | undefined
}

/** The parts of a configured policy that still apply if the command line has its own rules. */
const lastingSchema = z.object({
  timezone: z.unknown().optional(),
  pins: z.array(z.string()).catch([]),
  minKeep: z.unknown().optional(),
  maxShareRemoved: z.unknown().optional(),
})

/**
 * The policy to prune by: the rules of the command line, or else those of the configuration. Pins of both count.
 * The plugin checks it.
 *
 * @throws BackupError `invalid_options` if there is none: then nobody has said what may go.
 */
export function policyOf(options: PruneOptions, settings: Settings): Record<string, unknown> {
  const configured = settings.plugin.retention ?? settings.plugin.config?.retention
  const rules = rulesOf(options)
  if (configured === undefined && Object.keys(rules).length === 0) throw noPolicy()
  const { pins, ...lasting } = lastingSchema.parse(configured ?? {})
  const base = Object.keys(rules).length === 0 ? z.looseObject({}).parse(configured) : lasting
  return without({
    ...base,
    ...rules,
    ...without({ timezone: options.timezone, minKeep: options.minKeep }),
    pins: [...pins, ...(options.pin ?? [])],
  })
}

function rulesOf(options: PruneOptions): Record<string, unknown> {
  const { keepLast, hourly, daily, weekly, monthly, quarterly, yearly, within } = options
  return without({ keepLast, hourly, daily, weekly, monthly, quarterly, yearly, keepWithin: within })
}

function without(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function noPolicy(): BackupError {
  return new BackupError('invalid_options', 'No retention policy given', {
    operation: 'cleanup',
    suggestion: 'Give rules such as --daily 7 --weekly 4, or retention in the configuration file.',
  })
}
