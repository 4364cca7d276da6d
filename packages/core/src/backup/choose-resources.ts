import * as z from 'zod'
import { BackupError } from '../errors.js'
import type { Description, ResourceInfo } from '../ports/source.js'
import { type Selection, select } from '../select.js'
import { chooseObjects, type ObjectChoice } from '../select-objects.js'

/** What a backup takes from the source. */
export interface Chosen {
  readonly resources: readonly ResourceInfo[]
  readonly internal: readonly ResourceInfo[]
  /** The choice of internal resources. */
  readonly objects: ObjectChoice
}

/**
 * The selected resources, and the internal ones that belong to them or, if nothing was selected by name or data of
 * plugins was, to the database as a whole. Throws `unsupported` for a description that no manifest can hold.
 */
export function chooseResources(description: Description, selection: Selection): Chosen {
  checkDescription(description)
  const names = description.resources.map(({ name }) => name)
  const selected = new Set(select(names, selection))
  const objects = chooseObjects(selection, selected)
  return {
    resources: description.resources.filter(({ name }) => selected.has(name)),
    internal: (description.internal ?? []).filter((info) => objects.takes(info)),
    objects,
  }
}

const fields = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
)
const infos = z.array(
  z.looseObject({ name: z.string().min(1), attributes: fields, partitions: fields, timestamps: z.boolean() }),
)
const descriptionSchema = z.looseObject({ database: fields, resources: infos, internal: infos.optional() })

/**
 * Parts and manifest entries are found by the resource's name, so a name means one resource only; and
 * `__proto__` is not a name that JavaScript objects can be relied on to keep.
 */
function checkDescription(description: Description): void {
  const parsed = descriptionSchema.safeParse(description)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unsupported(`its description is not valid: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const names = [...description.resources, ...(description.internal ?? [])].map(({ name }) => name)
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined) throw unsupported(`it has two resources of the name ${JSON.stringify(twice)}`)
  if (seen.has('__proto__')) throw unsupported('"__proto__" cannot name a resource')
  checkJson(description)
}

function checkJson(description: Description): void {
  try {
    JSON.stringify(description)
  } catch (cause) {
    throw unsupported('its description cannot be written as JSON', cause)
  }
}

function unsupported(why: string, cause?: unknown): BackupError {
  return new BackupError('unsupported', `The source cannot be backed up: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
  })
}
