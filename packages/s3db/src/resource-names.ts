/** Names of internal resources begin with this; `databaseObjects` is one of them. */
const internalNames = ':objects'

/**
 * Why a resource of this name can be neither backed up nor restored; `undefined` if it can. The source and the target
 * ask this, so that what one takes the other takes, too. Dots, line feeds and whatever else s3db.js allows are part of
 * a name like any letter: a name is always behind `resource=` in a key.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (/[/\\]/.test(name)) return 'a separator of keys is in it'
  if (/\p{Surrogate}/u.test(name)) return 'half of a surrogate pair is in it, which no file can hold'
  if (name.startsWith(internalNames))
    return `backups keep names that begin with "${internalNames}" for themselves`
  return undefined
}
