import { isDeepStrictEqual } from 'node:util'
import { plain } from '../definition.js'
import { type StoredForm, storedForm } from '../stored-form/index.js'
import type { StoredObject } from '../stored-form/stored-object.js'

type Form = StoredForm['definition']

/**
 * How an object of an earlier definition is stored by the definition of today: under the keys of today where both have the
 * same attributes, and otherwise as it was.
 */
export function asOfToday(
  before: Form | undefined,
  now: Form | undefined,
): (object: StoredObject) => StoredObject {
  if (before === undefined || now === undefined || isDeepStrictEqual(plain(before), plain(now)))
    return (object) => object
  const [from, to] = [storedForm(before), storedForm(now)]
  return (object) => {
    const moved = from.rekey(object, to)
    return 'missing' in moved ? object : moved
  }
}
