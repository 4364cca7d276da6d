import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Everything that is published: the folder and the package.json of each package. */
export const published = ['packages', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => {
    const folder = join(root, group, name)
    return { folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }
  }),
)
