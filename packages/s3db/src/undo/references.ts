import type { Call } from '@s3db-backup/core'
import type { Database } from '../client/database.js'
import { currentDefinitions } from '../reading/definitions.js'
import { type StoredForm, storedForm } from '../stored-form/index.js'
import type { StoredObject } from '../stored-form/stored-object.js'
import type { ListedVersion } from '../versions/parse-versions.js'
import type { PreparedResource } from '../writing/prepare-resources.js'
import { asOfToday } from './as-of-today.js'
import { mendReferences } from './mend-references.js'

export interface Mend {
  /** How what was stored earlier is written today. */
  readonly today: (object: StoredObject) => StoredObject
  /** Nothing where the resource has no definition today. */
  readonly prepared: PreparedResource | undefined
  /** These versions are all that may have left references. */
  readonly mend: (id: string, versions: readonly ListedVersion[]) => Promise<void>
}

/** How the references of the records of a resource are put right, by its definition of today. */
export async function referencesOf(
  database: Database,
  name: string,
  earlier: StoredForm['definition'] | undefined,
  call: Call,
): Promise<Mend> {
  const { client } = database
  const defined = (await currentDefinitions(database, call)).get(name)
  const resource = Object.hasOwn(database.resources, name) ? database.resources[name] : undefined
  if (defined === undefined || resource === undefined)
    return { today: (object) => object, prepared: undefined, mend: () => Promise.resolve() }
  const { version } = defined
  const form = storedForm(defined.form)
  const prepared = { name, version, form, targetForm: undefined, resource, shortfalls: [] }
  const forms = earlier === undefined ? [form] : [form, storedForm(earlier)]
  return {
    today: asOfToday(earlier, defined.form),
    prepared,
    mend: (id, versions) => mendReferences(client, prepared, { id, versions, forms }, call),
  }
}
