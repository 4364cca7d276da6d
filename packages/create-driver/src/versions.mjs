import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..')
const read = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** The ranges that a new driver asks for: those of this package, or in a clone the versions that lie beside it. */
export function wantedVersions() {
  return Object.fromEntries(
    Object.entries(read(here).dependencies).map(([name, range]) => [
      name,
      range.startsWith('workspace:') ? `^${read(join(here, '..', name.split('/')[1])).version}` : range,
    ]),
  )
}
